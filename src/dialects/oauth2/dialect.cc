#include "dialects/oauth2/client.h"
#include "dialects/oauth2/client_wire.h"
#include "dialects/oauth2/oauth2.h"

namespace latchkey::dialects::oauth2 {
namespace {

constexpr dialect::Traits kTraits{
    .name = "oauth2",
    .title = "OAuth 2 / OpenID Connect",
    .presence = dialect::Presence::kBrowser,
    .rotation = engine::Rotation::kSingleUse,
    .rotation_is_assumed = true,
    .proves_codes = true,
};

class OAuth2 final : public dialect::Dialect {
 public:
  const dialect::Traits& traits() const override { return kTraits; }
  std::span<const dialect::Setting> settings() const override { return {}; }
  std::span<const dialect::Setting> profile_settings() const override { return client_settings(); }
  std::span<const dialect::Question> questions() const override { return client_questions(); }
  bool requires_answer(const dialect::Question& question,
                       const dialect::Settings& settings) const override {
    return client_requires(question, settings);
  }
  std::unique_ptr<dialect::Codec> codec(const dialect::Settings&,
                                        const dialect::Keyring*) const override {
    return client_codec();
  }
  engine::Policy policy(const dialect::Settings&) const override { return {}; }
  dialect::Demo demo() const override { return {}; }
  dialect::Traits traits_under(const dialect::Settings& settings) const override {
    return client_traits(kTraits, settings);
  }
  const dialect::Issuer* issuer() const override { return &oauth2::issuer(); }
  Result<engine::Operation> login(const dialect::Answers&) const override {
    return fail(Why::kUnsupported, "oauth2: the profile's flow says how to log in");
  }
  Result<engine::Operation> login_under(const dialect::Settings& settings,
                                        const dialect::Answers& answers) const override {
    return client_login(settings, answers);
  }
  engine::Refresh refresh(const dialect::Answers& answers, const Secret& token) const override {
    return client_refresh(answers, token);
  }
  http::Headers token_headers(const dialect::Answers&, const Secret& token) const override {
    return {{"Authorization", "Bearer " + std::string(token.reveal())}};
  }
  Result<std::vector<engine::Operation>> proofs(const dialect::Answers& answers,
                                                const Secret& token) const override {
    return client_proofs(answers, token);
  }
};

}  // namespace

const dialect::Dialect& dialect() {
  static const OAuth2 kOAuth2;
  return kOAuth2;
}

}  // namespace latchkey::dialects::oauth2
