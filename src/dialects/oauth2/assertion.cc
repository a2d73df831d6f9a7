#include "dialects/oauth2/assertion.h"

#include <algorithm>

#include "crypto/thumbprint.h"

namespace latchkey::dialects::oauth2 {
namespace {

constexpr json::Limits kKeysLimits{.bytes = 32 * 1024, .depth = 6};
constexpr std::size_t kMostKeyIdBytes = 256;

std::unexpected<Error> refused(const char* note) {
  return fail(Why::kBadCredentials, "client is invalid", note);
}

const std::string* text_in(const json::Object& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value == nullptr ? nullptr : value->as_string();
}

bool says(const json::Object& object, std::string_view name, std::string_view text) {
  const std::string* found = text_in(object, name);
  return found != nullptr && *found == text;
}

// The one algorithm that we verify with a key of that type.
std::optional<crypto::Alg> alg_of(const json::Object& jwk) {
  if (says(jwk, "kty", "EC")) return crypto::Alg::kEs256;
  if (says(jwk, "kty", "RSA")) return crypto::Alg::kRs256;
  return std::nullopt;
}

// The audience is the issuer alone: an assertion that is good elsewhere too could be
// carried here by whoever got it there.
bool is_for(const json::Object& claims, std::string_view issuer) {
  if (says(claims, "aud", issuer)) return true;
  const json::Value* audience = claims.find("aud");
  const json::Array* list = audience == nullptr ? nullptr : audience->as_array();
  return list != nullptr && list->size() == 1 && list->front().as_string() != nullptr &&
         *list->front().as_string() == issuer;
}

bool could_be(const json::Object& header, const json::Object& jwk) {
  const std::string* named = text_in(header, "kid");
  const std::string* kid = text_in(jwk, "kid");
  return named == nullptr || kid == nullptr || *named == *kid;
}

// The claims, if one of the keys signed them.
Result<json::Object> signed_claims(std::string_view text, std::string_view registered_keys) {
  const auto header = crypto::peek_header(text);
  const auto set = json::parse(registered_keys, kKeysLimits);
  const json::Value* keys =
      set && set->as_object() != nullptr ? set->as_object()->find("keys") : nullptr;
  if (!header || keys == nullptr || keys->as_array() == nullptr) return refused("no keys");
  for (const json::Value& value : *keys->as_array()) {
    const json::Object* jwk = value.as_object();
    const auto alg = jwk == nullptr ? std::nullopt : alg_of(*jwk);
    if (!alg || !could_be(*header, *jwk)) continue;
    const auto key = crypto::Key::from_jwk(*alg, *jwk);
    const auto jws = key ? crypto::verify_compact(*key, text) : fail(Why::kInvalidToken);
    if (!jws) continue;
    const auto claims = json::parse(jws->payload, {.bytes = kMostAssertionBytes, .depth = 8});
    if (!claims || claims->as_object() == nullptr) return refused("an assertion without claims");
    return *claims->as_object();
  }
  return refused("no registered key signed the assertion");
}

Result<std::optional<Instant>> optional_time(const json::Object& claims, std::string_view name) {
  if (claims.find(name) == nullptr) return std::optional<Instant>{};
  const auto time = crypto::time_claim(claims, name);
  if (!time) return refused("a time in the assertion is none");
  return time;
}

// The public members of a key and its name: nothing else of it is believed or kept.
Result<json::Object> read_client_key(const json::Value& value, std::string_view wanted) {
  const json::Object* jwk = value.as_object();
  if (jwk == nullptr) return fail(Why::kMalformed, "a key in jwks is no object");
  const auto alg = alg_of(*jwk);
  if (!alg) return fail(Why::kMalformed, "a key in jwks is neither EC nor RSA");
  if (!wanted.empty() && wanted != crypto::name_of(*alg)) {
    return fail(Why::kMalformed, "a key in jwks is not for the algorithm that is named");
  }
  for (const char* name : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
    if (jwk->find(name) != nullptr) return fail(Why::kMalformed, "a key in jwks is private");
  }
  const auto key = crypto::Key::from_jwk(*alg, *jwk);
  if (!key) return fail(Why::kMalformed, "a key in jwks: " + key.error().say);
  const std::string* kid = text_in(*jwk, "kid");
  if (jwk->find("kid") != nullptr && (kid == nullptr || kid->size() > kMostKeyIdBytes)) {
    return fail(Why::kMalformed, "a kid in jwks is too long or no text");
  }
  const json::Object all = TRY(key->public_jwk(kid == nullptr ? "" : *kid));
  json::Object kept;
  for (const json::Member& member : all) {
    if (member.name != "kid" || kid != nullptr) kept.add(member.name, member.value);
  }
  return kept;
}

}  // namespace

Result<ClientId> claimed_client(const Secret& assertion) {
  if (assertion.size() > kMostAssertionBytes) return refused("the assertion is too long");
  const auto claims = crypto::peek_claims(assertion.reveal());
  if (!claims) return refused("the assertion is no JWT");
  const std::string* subject = text_in(*claims, "sub");
  if (subject == nullptr || subject->empty()) return refused("the assertion is nobody's");
  return ClientId(*subject);
}

// {"alg":"ES256","kid":"k1"}
// {"iss":"s6BhdRkqt3","sub":"s6BhdRkqt3","aud":"https://as.example","jti":"id-7","exp":1772366460}
Result<engine::ClientAssertion> verify_assertion(const Secret& assertion, const ClientId& client,
                                                 std::string_view registered_keys,
                                                 std::string_view issuer) {
  if (assertion.size() > kMostAssertionBytes) return refused("the assertion is too long");
  const json::Object claims = TRY(signed_claims(assertion.reveal(), registered_keys));
  if (client.empty() || !says(claims, "iss", client.text) || !says(claims, "sub", client.text)) {
    return refused("the assertion is another client's");
  }
  if (!is_for(claims, issuer)) return refused("the assertion is for another audience");
  const std::string* id = text_in(claims, "jti");
  if (id == nullptr || id->empty() || id->size() > kMostAssertionIdBytes) {
    return refused("the assertion has no jti, or a long one");
  }
  const auto until = crypto::time_claim(claims, "exp");
  if (!until) return refused("the assertion has no exp");
  const auto issued = TRY(optional_time(claims, "iat"));
  const auto not_before = TRY(optional_time(claims, "nbf"));
  return engine::ClientAssertion{.text = assertion,
                                 .verified = true,
                                 .id = *id,
                                 .issued = std::max(issued, not_before),
                                 .until = *until};
}

Result<std::string> read_client_keys(const json::Object& jwks, std::string_view alg) {
  const json::Value* keys = jwks.find("keys");
  const json::Array* list = keys == nullptr ? nullptr : keys->as_array();
  if (list == nullptr || list->empty()) return fail(Why::kMalformed, "jwks has no keys");
  if (list->size() > kMostClientKeys) return fail(Why::kMalformed, "jwks has too many keys");
  json::Array kept;
  for (const json::Value& value : *list) {
    json::Object key = TRY(read_client_key(value, alg));
    kept.emplace_back(std::move(key));
  }
  return json::write(json::Object{{"keys", std::move(kept)}});
}

}  // namespace latchkey::dialects::oauth2
