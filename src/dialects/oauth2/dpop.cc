#include "dialects/oauth2/dpop.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/thumbprint.h"
#include "dialects/oauth2/uri.h"

namespace latchkey::dialects::oauth2 {
namespace {

constexpr crypto::Alg kAlgorithms[] = {crypto::Alg::kEs256, crypto::Alg::kRs256};

std::unexpected<Error> bad(std::string_view what) {
  return fail(Why::kOtpWrong, "the DPoP proof " + std::string(what));
}

bool is_visible(char c) { return c > ' ' && c <= '~'; }

// A claim that is text of 1 to `most` visible ASCII characters.
Result<std::string> text_claim(const json::Object& claims, std::string_view name,
                               std::size_t most) {
  const json::Value* value = claims.find(name);
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  if (text == nullptr || text->empty()) return bad("has no " + std::string(name));
  if (text->size() > most || !std::ranges::all_of(*text, is_visible)) {
    return bad("has a bad " + std::string(name));
  }
  return *text;
}

Result<std::string> optional_text_claim(const json::Object& claims, std::string_view name,
                                        std::size_t most) {
  if (claims.find(name) == nullptr) return std::string();
  return text_claim(claims, name, most);
}

bool is_proof_type(const json::Object& header) {
  const json::Value* type = header.find("typ");
  return type != nullptr && type->as_string() != nullptr && *type->as_string() == "dpop+jwt";
}

Result<engine::DpopProof> read_claims(const json::Object& claims) {
  engine::DpopProof proof;
  proof.id = TRY(text_claim(claims, "jti", kMostProofIdBytes));
  proof.method = TRY(text_claim(claims, "htm", kMostMethodBytes));
  const std::string uri = TRY(text_claim(claims, "htu", kMostUriBytes));
  const auto normal = normal_uri(uri);
  if (!normal) return bad("has a bad htu");
  proof.uri = *normal;
  const auto issued = crypto::time_claim(claims, "iat");
  if (!issued) return bad("has no iat");
  proof.issued = *issued;
  proof.token_hash = TRY(optional_text_claim(claims, "ath", kMostProofIdBytes));
  proof.nonce = TRY(optional_text_claim(claims, "nonce", kMostProofNonceBytes));
  return proof;
}

}  // namespace

std::vector<std::string_view> proof_algorithms() {
  std::vector<std::string_view> names;
  for (const crypto::Alg alg : kAlgorithms) names.emplace_back(crypto::name_of(alg));
  return names;
}

// DPoP: eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7…
//   {"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":"l8tFrhx…","y":"9VE4jf_…"}}
//   {"jti":"-BwC3ESc6acc2lTc","htm":"POST","htu":"https://server.example.com/token","iat":1562262616}
Result<engine::DpopProof> verify_proof(const Secret& text, std::string_view method,
                                       std::string_view uri) {
  if (text.size() > kMostProofBytes) return bad("is too long");
  const auto seen = crypto::verify_self_signed(text.reveal(), kAlgorithms);
  if (!seen) return bad("is not signed by a key that it shows");
  if (!is_proof_type(seen->jws.header)) return bad("is not of type dpop+jwt");
  const auto claims = json::parse(seen->jws.payload, {.bytes = kMostProofBytes, .depth = 4});
  if (!claims || claims->as_object() == nullptr) return bad("has no claims");
  engine::DpopProof proof = TRY(read_claims(*claims->as_object()));
  if (proof.method != method) return bad("is for another method");
  if (proof.uri != normal_uri(uri)) return bad("is for another URI");
  proof.text = text;
  proof.thumbprint = seen->thumbprint;
  proof.verified = true;
  return proof;
}

Result<std::optional<engine::DpopProof>> proof_of(const http::Request& request,
                                                  std::string_view uri) {
  const auto proofs = request.headers.count("DPoP");
  if (proofs == 0) return std::optional<engine::DpopProof>{};
  if (proofs > 1) return bad("is there more than once");
  auto proof = TRY(verify_proof(Secret(*request.headers.find("DPoP")), request.method, uri));
  return std::optional<engine::DpopProof>(std::move(proof));
}

std::string token_hash(const Secret& access_token) {
  return to_base64url(crypto::sha256(bytes_of(access_token.reveal())));
}

}  // namespace latchkey::dialects::oauth2
