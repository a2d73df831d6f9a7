#include "dialects/oauth2/client_proof.h"

#include "base/json.h"
#include "crypto/random.h"
#include "crypto/thumbprint.h"
#include "dialects/oauth2/dpop.h"
#include "dialects/oauth2/endpoints.h"
#include "dialects/oauth2/operation_parts.h"
#include "dialects/oauth2/uri.h"

namespace latchkey::dialects::oauth2 {
namespace {

Result<crypto::Key> read_key(const Secret& key) {
  auto read = crypto::Key::import_private(crypto::Alg::kEs256, key);
  if (!read) return fail(Why::kStore, "the vault holds a key for proofs that is none");
  return *std::move(read);
}

/// The members that make the key, and no others (RFC 9449 section 4.2).
json::Object shown(const crypto::Key& key) {
  const json::Object all = key.public_jwk("").value();
  json::Object jwk;
  for (const json::Member& member : all)
    if (member.name == "kty" || member.name == "crv" || member.name == "x" || member.name == "y")
      jwk.add(member.name, member.value);
  return jwk;
}

std::string below(std::string_view url, const std::string& path) {
  if (url.ends_with('/')) url.remove_suffix(1);
  return std::string(url) + http::write_target({path, {}});
}

std::string without_query(const std::string& uri) {
  return normal_uri(uri).value_or(uri.substr(0, uri.find_first_of("?#")));
}

}  // namespace

Secret new_proof_key() { return crypto::Key::generate(crypto::Alg::kEs256).export_private(); }

Result<std::string> proof_thumbprint(const Secret& key) {
  const auto read = TRY(read_key(key));
  return crypto::thumbprint(read);
}

// {"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":"…","y":"…"}}
// {"jti":"9b2f…","htm":"POST","htu":"https://id.example/token","iat":1772366400,"nonce":"…","ath":"…"}
Result<Secret> sign_proof(const Secret& key, const ProofOf& what) {
  const auto read = TRY(read_key(key));
  const json::Object header{
      {"typ", "dpop+jwt"}, {"alg", crypto::name_of(read.alg())}, {"jwk", shown(read)}};
  json::Object claims{{"jti", crypto::random_uuid()},
                      {"htm", what.method},
                      {"htu", without_query(what.uri)},
                      {"iat", epoch(what.at)}};
  if (!what.nonce.empty()) claims.add("nonce", what.nonce);
  if (!what.token.empty()) claims.add("ath", token_hash(what.token));
  return crypto::sign_compact(read, json::write(header), json::write(claims));
}

Result<engine::Operation> prove_operation(engine::Operation operation,
                                          const dialect::Signing& signing) {
  if (signing.proof_key.empty()) return operation;
  if (auto* authorize = std::get_if<engine::Authorize>(&operation)) {
    authorize->thumbprint = TRY(proof_thumbprint(signing.proof_key));
    return operation;
  }
  auto* proof = proof_in(operation);
  const Endpoint endpoint = endpoint_of(operation);
  if (proof == nullptr || endpoint.address == nullptr) return operation;
  const auto provider = TRY(provider_of(signing.description));
  const auto& address = provider.*endpoint.address;
  if (!address) return operation;  // the codec says so
  const auto* userinfo = std::get_if<engine::UserInfo>(&operation);
  auto text =
      TRY(sign_proof(signing.proof_key, {.method = userinfo == nullptr ? "POST" : "GET",
                                         .uri = below(address->origin, address->target.path),
                                         .token = userinfo == nullptr ? Secret() : userinfo->bearer,
                                         .nonce = std::string(signing.nonce),
                                         .at = signing.at}));
  *proof = engine::DpopProof{.text = std::move(text)};
  return operation;
}

Result<http::Request> prove_request(http::Request request, const dialect::Proving& proving) {
  const auto proof = TRY(sign_proof(proving.key, {.method = request.method,
                                                  .uri = below(proving.url, request.target.path),
                                                  .token = proving.token,
                                                  .nonce = std::string(proving.nonce),
                                                  .at = proving.at}));
  request.headers.set("Authorization", "DPoP " + std::string(proving.token.reveal()))
      .set("DPoP", std::string(proof.reveal()));
  return request;
}

}  // namespace latchkey::dialects::oauth2
