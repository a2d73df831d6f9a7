#include "dialects/oauth2/client_key.h"

#include "base/json.h"
#include "crypto/random.h"
#include "dialects/oauth2/operation_parts.h"
#include "dialects/oauth2/provider.h"

namespace latchkey::dialects::oauth2 {
namespace {

constexpr crypto::Alg kAlgorithms[] = {crypto::Alg::kEs256, crypto::Alg::kRs256};
constexpr std::string_view kKeyAnswer = "client_key";

std::unexpected<Error> no_key(const std::string& what) {
  return fail(Why::kUsage, "the client_key " + what);
}

Result<PrivateKey> read_pem(const Secret& text) {
  for (const crypto::Alg alg : kAlgorithms)
    if (auto key = crypto::Key::import_private(alg, text)) return PrivateKey{*std::move(key)};
  return no_key(
      "must be an unencrypted PKCS#8 PEM (-----BEGIN PRIVATE KEY-----) or a JWK, of P-256 or of "
      "RSA with 2048 bits or more");
}

Result<PrivateKey> read_jwk(const Secret& text) {
  const auto value = json::parse(text.reveal());
  const json::Object* jwk = value ? value->as_object() : nullptr;
  if (jwk == nullptr) return no_key("is no JWK that can be read");
  const auto kid = json::optional_string_field(*jwk, "kid");
  if (!kid) return no_key("has a kid that is no text");
  for (const crypto::Alg alg : kAlgorithms) {
    auto key = crypto::Key::from_jwk(alg, *jwk);
    if (!key) continue;
    if (!key->can_sign()) return no_key("is the public half of one");
    return PrivateKey{*std::move(key), kid->value_or("")};
  }
  return no_key("is a JWK that signs with neither ES256 nor RS256");
}

}  // namespace

Result<PrivateKey> read_private_key(const Secret& text) {
  return text.reveal().starts_with('{') ? read_jwk(text) : read_pem(text);
}

// {"alg":"ES256","kid":"k1"}
// {"iss":"me","sub":"me","aud":"https://id.example","jti":"9b2f…","iat":1772366400,"exp":1772366460}
Secret sign_assertion(const PrivateKey& key, const ClientId& client, std::string_view issuer,
                      Instant now) {
  json::Object header{{"alg", crypto::name_of(key.key.alg())}};
  if (!key.kid.empty()) header.add("kid", key.kid);
  const json::Object claims{{"iss", client.text}, {"sub", client.text},
                            {"aud", issuer},      {"jti", crypto::random_uuid()},
                            {"iat", epoch(now)},  {"exp", epoch(now + kAssertionLife)}};
  return crypto::sign_compact(key.key, json::write(header), json::write(claims));
}

Result<engine::Operation> sign_operation(engine::Operation operation,
                                         const dialect::Signing& signing) {
  if (signing.settings.text("auth_method") != kPrivateKeyJwt) return operation;
  engine::ClientKey* client = client_in(operation);
  if (client == nullptr) return operation;
  const auto text = signing.answers.find(kKeyAnswer);
  if (text == signing.answers.end()) return no_key("is missing");
  const auto key = TRY(read_private_key(text->second));
  const auto provider = TRY(provider_of(signing.description));
  client->secret = {};
  client->assertion =
      engine::ClientAssertion{.text = sign_assertion(key, client->id, provider.issuer, signing.at)};
  return operation;
}

}  // namespace latchkey::dialects::oauth2
