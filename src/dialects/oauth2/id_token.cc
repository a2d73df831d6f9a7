#include "dialects/oauth2/id_token.h"

#include <algorithm>

#include "crypto/digest.h"

namespace latchkey::dialects::oauth2 {
namespace {

constexpr json::Limits kHeaderLimits{.bytes = 8 * 1024, .depth = 8};
constexpr json::Limits kKeySetLimits{.bytes = kMostKeySetBytes, .depth = 8};
constexpr crypto::Alg kTaken[] = {crypto::Alg::kRs256, crypto::Alg::kEs256};
constexpr std::size_t kMostSubjectBytes = 255;
constexpr std::size_t kHalfHash = 16;  // of SHA-256: OpenID Connect Core section 3.1.3.6

std::unexpected<Error> bad(const std::string& what) {
  return fail(Why::kBadResponse, "the ID token of the login " + what + "; nothing was kept");
}

Result<json::Object> header_of(std::string_view token) {
  const auto bytes = parse_base64url(token.substr(0, token.find('.')));
  const auto value = bytes ? json::parse(text_of(*bytes), kHeaderLimits)
                           : Result<json::Value>(fail(Why::kMalformed));
  if (!value || value->as_object() == nullptr) return bad("is not a JWT");
  return *value->as_object();
}

Result<crypto::Alg> alg_of(const json::Object& header) {
  const auto name = json::string_field(header, "alg");
  const auto alg = name ? crypto::parse_alg(*name) : std::nullopt;
  if (!alg || std::ranges::find(kTaken, *alg) == std::end(kTaken))
    return bad("is signed with " + (name ? printable(*name, 20) : "nothing") +
               ", and only RS256 and ES256 are taken");
  const auto type = json::optional_string_field(header, "typ");
  if (!type || (*type && !equals_ignoring_case(**type, "JWT"))) return bad("is of another type");
  return *alg;
}

/// The public keys of the set that are for this algorithm, and have that name if one
/// is given.
Result<std::vector<crypto::Key>> keys_for(std::string_view set, crypto::Alg alg,
                                          const std::optional<std::string>& kid) {
  const auto value = json::parse(set, kKeySetLimits);
  const auto* object = value ? value->as_object() : nullptr;
  const auto* list = object == nullptr ? nullptr : object->find("keys");
  if (list == nullptr || list->as_array() == nullptr || list->as_array()->size() > kMostKeys)
    return fail(Why::kBadResponse, "the issuer's keys cannot be read");
  std::vector<crypto::Key> keys;
  for (const auto& one : *list->as_array()) {
    const auto* jwk = one.as_object();
    if (jwk == nullptr || jwk->find("d") != nullptr || jwk->find("k") != nullptr) continue;
    if (kid && json::string_field(*jwk, "kid").value_or("") != *kid) continue;
    auto key = crypto::Key::from_jwk(alg, *jwk);
    if (key) keys.push_back(std::move(*key));
  }
  return keys;
}

Result<crypto::Key> key_for(std::string_view set, const json::Object& header) {
  const auto alg = TRY(alg_of(header));
  const auto kid = json::optional_string_field(header, "kid");
  if (!kid) return bad("has a kid that is no text");
  auto keys = TRY(keys_for(set, alg, *kid));
  if (keys.empty()) return bad("is signed with a key that the issuer does not publish");
  if (keys.size() > 1) return bad("does not say which of the issuer's keys it is signed with");
  return std::move(keys.front());
}

bool names(const json::Value* audience, std::string_view client) {
  if (audience == nullptr) return false;
  if (const auto* one = audience->as_string()) return *one == client;
  const auto* many = audience->as_array();
  return many != nullptr && std::ranges::any_of(*many, [&](const json::Value& one) {
           return one.as_string() != nullptr && *one.as_string() == client;
         });
}

Result<> check_parties(const json::Object& claims, const IdTokenCheck& check) {
  if (json::string_field(claims, "iss").value_or("") != check.issuer)
    return bad("is of another issuer");
  const auto* audience = claims.find("aud");
  if (!names(audience, check.client_id)) return bad("is for another client");
  const bool several = audience->as_array() != nullptr && audience->as_array()->size() > 1;
  const auto* party = claims.find("azp");
  if (party == nullptr && several) return bad("is for several clients, and names none of them");
  const bool ours =
      party == nullptr || (party->as_string() != nullptr && *party->as_string() == check.client_id);
  if (!ours) return bad("was given to another client");
  const auto subject = json::string_field(claims, "sub");
  if (!subject || subject->empty() || subject->size() > kMostSubjectBytes)
    return bad("names nobody");
  return {};
}

Result<> check_times(const json::Object& claims, Instant now) {
  const auto until = crypto::time_claim(claims, "exp");
  if (!until) return bad("has no end");
  if (*until + kSkew <= now) return bad("is over; is this machine's clock right?");
  const auto issued = crypto::time_claim(claims, "iat");
  if (!issued) return bad("does not say when it was issued");
  const auto begins = crypto::time_claim(claims, "nbf");
  if (claims.find("nbf") != nullptr && !begins) return bad("does not say when it begins");
  if (*issued - kSkew > now || (begins && *begins - kSkew > now))
    return bad("is of the future; is this machine's clock right?");
  return {};
}

Result<> check_bindings(const json::Object& claims, const IdTokenCheck& check) {
  if (!check.nonce.empty()) {
    const auto nonce = json::string_field(claims, "nonce");
    if (!nonce || !(Secret(*nonce) == check.nonce)) return bad("answers another login");
  }
  const auto hash = json::optional_string_field(claims, "at_hash");
  if (!hash) return bad("has an at_hash that is no text");
  if (!*hash) return {};
  const auto digest = crypto::sha256(bytes_of(check.access_token.reveal()));
  if (to_base64url(ByteView(digest).first(kHalfHash)) != **hash)
    return bad("came with another access token");
  return {};
}

}  // namespace

Result<json::Object> check_id_token(const IdTokenCheck& check, std::string_view keys,
                                    const Secret& token) {
  const json::Object header = TRY(header_of(token.reveal()));
  const crypto::Key key = TRY(key_for(keys, header));
  const auto jws = crypto::verify_compact(key, token.reveal());
  if (!jws) return bad("is not signed by the issuer");
  const auto value = json::parse(jws->payload);
  if (!value || value->as_object() == nullptr) return bad("has no claims");
  const json::Object& claims = *value->as_object();
  TRY(check_parties(claims, check));
  TRY(check_times(claims, check.now));
  TRY(check_bindings(claims, check));
  return claims;
}

}  // namespace latchkey::dialects::oauth2
