#include "dialects/oauth2/dpop.h"
#include "dialects/oauth2/registration.h"
#include "dialects/oauth2/wire.h"

namespace latchkey::dialects::oauth2 {
namespace {

json::Array list(std::initializer_list<std::string_view> texts) {
  json::Array array;
  for (const auto text : texts) array.emplace_back(text);
  return array;
}

json::Array grant_types(const WireOptions& options) {
  json::Array grants = list({kCodeGrant, kRefreshGrant, kClientGrant});
  if (options.device) grants.emplace_back(kDeviceGrant);
  if (options.exchange) grants.emplace_back(kTokenExchangeGrant);
  return grants;
}

}  // namespace

json::Object metadata(const WireOptions& options) {
  const auto at = [&](std::string_view path) { return options.issuer + std::string(path); };
  json::Array scopes, proofs;
  for (const std::string& scope : options.scopes) scopes.emplace_back(scope);
  for (const auto alg : proof_algorithms()) proofs.emplace_back(alg);
  const json::Array secret_or_key =
      list({"client_secret_basic", "client_secret_post", "private_key_jwt"});
  json::Array methods = secret_or_key;
  methods.emplace_back("none");
  const json::Array signing = list({"ES256", "RS256"});

  json::Object all{{"issuer", options.issuer},
                   {"authorization_endpoint", at(kAuthorizePath)},
                   {"token_endpoint", at(kTokenPath)},
                   {"jwks_uri", at(kKeysPath)},
                   {"userinfo_endpoint", at(kUserInfoPath)},
                   {"introspection_endpoint", at(kIntrospectPath)},
                   {"revocation_endpoint", at(kRevokePath)}};
  if (options.device) all.add("device_authorization_endpoint", at(kDevicePath));
  if (options.registration) all.add("registration_endpoint", at(kRegisterPath));
  if (options.pushed) {
    all.add("pushed_authorization_request_endpoint", at(kPushPath));
    all.add("require_pushed_authorization_requests", options.pushed_only);
  }
  all.add("scopes_supported", std::move(scopes))
      .add("response_types_supported", list({"code"}))
      .add("response_modes_supported", list({"query"}))
      .add("grant_types_supported", grant_types(options))
      .add("subject_types_supported", list({"public"}))
      .add("id_token_signing_alg_values_supported", list({options.signing_alg}))
      .add("token_endpoint_auth_methods_supported", methods)
      .add("token_endpoint_auth_signing_alg_values_supported", signing)
      .add("introspection_endpoint_auth_methods_supported", secret_or_key)
      .add("introspection_endpoint_auth_signing_alg_values_supported", signing)
      .add("revocation_endpoint_auth_methods_supported", methods)
      .add("revocation_endpoint_auth_signing_alg_values_supported", signing)
      .add("code_challenge_methods_supported", list({"S256"}))
      .add("dpop_signing_alg_values_supported", std::move(proofs))
      .add("prompt_values_supported", list({"none", "login", "consent"}))
      .add("claims_supported", list({"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "amr",
                                     "at_hash", "name", "preferred_username", "given_name",
                                     "family_name", "locale", "zoneinfo", "email", "phone_number"}))
      .add("authorization_response_iss_parameter_supported", true)
      .add("claims_parameter_supported", false)
      .add("request_parameter_supported", false)
      .add("request_uri_parameter_supported", false);
  return all;
}

}  // namespace latchkey::dialects::oauth2
