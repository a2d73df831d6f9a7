// Any issuer, by what it says of itself.

#include "dialects/oauth2/client.h"
#include "dialects/oauth2/client_key.h"
#include "dialects/oauth2/client_proof.h"
#include "dialects/oauth2/client_wire.h"
#include "dialects/oauth2/described.h"
#include "dialects/oauth2/id_token.h"

namespace latchkey::dialects::oauth2 {
namespace {

class AnyIssuer final : public dialect::Issuer {
 public:
  Result<std::vector<dialect::Address>> addresses(std::string_view issuer) const override {
    return description_addresses(issuer);
  }

  Result<std::string> read(std::string_view issuer, const http::Response& response) const override {
    TRY(read_description(issuer, response.body));
    return reduce_description(response.body);
  }

  Result<std::unique_ptr<dialect::Codec>> codec(const dialect::Settings& settings,
                                                std::string_view description) const override {
    auto wire = client_codec();
    if (description.empty()) return wire;
    auto provider = TRY(provider_of(description));
    return std::make_unique<Described>(std::move(provider), settings.text("auth_method"),
                                       std::move(wire));
  }

  bool pushes(const dialect::Settings& settings, std::string_view description) const override {
    const auto provider = provider_of(description);
    if (!provider) return false;
    return provider->only_pushed ||
           (provider->push && settings.text("pushed_requests") == "offered");
  }

  Secret new_proof_key(const dialect::Settings& settings) const override {
    return settings.flag("dpop") ? oauth2::new_proof_key() : Secret();
  }
  Result<http::Request> prove(http::Request request,
                              const dialect::Proving& proving) const override {
    return prove_request(std::move(request), proving);
  }

  Result<engine::Operation> sign(engine::Operation operation,
                                 const dialect::Signing& signing) const override {
    auto by_client = TRY(sign_operation(std::move(operation), signing));
    return prove_operation(std::move(by_client), signing);
  }

  std::optional<dialect::Address> keys(std::string_view description) const override {
    const auto provider = provider_of(description);
    return provider ? provider->keys : std::nullopt;
  }

  Result<> check(const engine::TokenSet& tokens, const dialect::Expected& expected) const override {
    if (tokens.id_token.empty()) return {};
    const auto provider = TRY(provider_of(expected.description));
    TRY(check_id_token({.issuer = provider.issuer,
                        .client_id = expected.client.text,
                        .nonce = expected.nonce,
                        .access_token = tokens.access_token,
                        .now = expected.at},
                       expected.keys, tokens.id_token));
    return {};
  }
};

}  // namespace

const dialect::Issuer& issuer() {
  static const AnyIssuer kIssuer;
  return kIssuer;
}

}  // namespace latchkey::dialects::oauth2
