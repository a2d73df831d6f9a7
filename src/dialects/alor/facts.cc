#include "base/json.h"
#include "base/text.h"
#include "dialects/alor/alor.h"
#include "dialects/alor/claims.h"
#include "dialects/alor/codec.h"
#include "dialects/alor/openapi.h"
#include "dialects/alor/pages.h"

namespace latchkey::dialects::alor {
namespace {

using dialect::answer;
using dialect::Question;
using dialect::Setting;
using Kind = Setting::Kind;

constexpr Seconds kYear{365 * 86400};

constexpr dialect::Traits kTraits{
    .name = "alor",
    .title = "ALOR OpenAPI (test contour)",
    .base_url = "https://oauthdev.alor.ru",
    .api_url = "https://apidev.alor.ru",
    .presence = dialect::Presence::kBrowser,
    .rotation = engine::Rotation::kReusable,
    .pastes_refresh_token = true,
    .access_lifetime = Seconds{1800},
    .refresh_lifetime = kYear,
    .proof_path = "/md/v2/Clients/MOEX/D39004/summary",
};

constexpr Setting kSettings[] = {
    {"access_lifetime", Kind::kDuration, "30m", "how long an access token lives"},
    {"refresh_lifetime", Kind::kDuration, "365d", "how long a refresh token lives"},
    {"session_lifetime", Kind::kDuration, "30m", "how long a browser stays logged in"},
    {"single_refresh_token", Kind::kBool, "true",
     "a new refresh token ends the account's other ones; the production contour allows many"},
    {"flood_per_second", Kind::kInt, "10000",
     "protected calls a second above which the account is suspended; 0 switches it off"},
    {"token_in_query", Kind::kBool, "true",
     "serve POST /refresh?token=…; without it a token is taken from the body only"},
};

constexpr Question kQuestions[] = {
    {.name = "refresh_token",
     .label = "Refresh token from the tokens page",
     .secret = true,
     .required = false},
};

class Alor final : public dialect::Dialect {
 public:
  const dialect::Traits& traits() const override { return kTraits; }
  std::span<const Setting> settings() const override { return kSettings; }
  std::span<const Question> questions() const override { return kQuestions; }

  std::unique_ptr<dialect::Codec> codec(const dialect::Settings& settings,
                                        const dialect::Keyring*) const override {
    return std::make_unique<Codec>(WireOptions{.token_in_query = settings.flag("token_in_query")});
  }

  engine::Policy policy(const dialect::Settings& settings) const override {
    engine::Policy policy;
    policy.login = engine::LoginKind::kNone;
    policy.access_form = engine::TokenForm::kJwt;
    policy.refresh_form = engine::TokenForm::kUuid;
    policy.jwt = {.alg = crypto::Alg::kEs256,
                  .header = [](std::string_view) { return jwt_header(); },
                  .payload = jwt_payload};
    policy.access_lifetime = settings.duration("access_lifetime");
    policy.refresh_lifetime = settings.duration("refresh_lifetime");
    policy.session_lifetime = settings.duration("session_lifetime");
    policy.rotation = engine::Rotation::kReusable;
    policy.single_refresh_token = settings.flag("single_refresh_token");
    policy.scope = kScope;
    policy.narrow_attribute = "portfolios";
    policy.flood_per_second = static_cast<int>(settings.number("flood_per_second"));
    return policy;
  }

  const dialect::Pages* pages() const override { return &alor::pages(); }

  // Two agreements, and for each of them a stock, a currency and a derivatives portfolio.
  std::string_view openapi() const override { return alor::openapi(); }

  dialect::Demo demo() const override {
    dialect::Demo demo;
    demo.subjects.push_back(
        {.subject = {.login = SubjectId("P039004"),
                     .name = "Test account",
                     .attributes = {{"ein", "01234"},
                                    {"clientid", "0123456"},
                                    {"agreements", "39004 39005"},
                                    {"portfolios", "D39004 G39004 7500031 D39005 G39005 7500032"}}},
         .password = Secret("demo-password")});
    demo.clients.push_back({.client = {.id = ClientId(kTokensClient), .name = "АЛОР OpenAPI"}});
    return demo;
  }

  Result<engine::Operation> login(const dialect::Answers& answers) const override {
    const std::string_view token = trim(answer(answers, "refresh_token"));
    if (token.empty())
      return fail(Why::kUnsupported, "alor: get a refresh token on its tokens page and paste it");
    if (!is_uuid(token)) return fail(Why::kUsage, "alor: that is not a refresh token (a UUID)");
    return engine::Refresh{.refresh_token = Secret(token)};
  }

  // The token says which portfolios it is for.
  Result<engine::Operation> proof(const dialect::Answers&, const Secret& token) const override {
    const auto claims = TRY(crypto::peek_claims(token.reveal()));
    const auto claim = TRY(json::string_field(claims, "portfolios"));
    const auto portfolios = split(claim, ' ');
    if (portfolios.empty() || !is_name(portfolios.front()))
      return fail(Why::kUnsupported, "alor: the token is for no portfolio");
    return engine::Use{.bearer = token,
                       .resource = "summary",
                       .arguments = {{"exchange", "MOEX"}, {"portfolio", portfolios.front()}}};
  }

  http::Headers token_headers(const dialect::Answers&, const Secret& token) const override {
    return {{"Authorization", "Bearer " + std::string(token.reveal())}};
  }
};

}  // namespace

const dialect::Dialect& dialect() {
  static const Alor kAlor;
  return kAlor;
}

}  // namespace latchkey::dialects::alor
