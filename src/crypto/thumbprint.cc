#include "crypto/thumbprint.h"

#include <algorithm>

#include "crypto/digest.h"

namespace latchkey::crypto {
namespace {

// What RFC 7518 section 6 calls private, in a key of any type.
constexpr std::string_view kPrivateMembers[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};

// The required members in the order of their names (RFC 7638 section 3.2).
constexpr std::string_view kRequiredMembers[] = {"crv", "e", "kty", "n", "x", "y"};

bool shows_private_part(const json::Object& jwk) {
  return std::ranges::any_of(kPrivateMembers,
                             [&](std::string_view name) { return jwk.find(name) != nullptr; });
}

std::optional<Alg> alg_among(const json::Object& header, std::span<const Alg> allowed) {
  const json::Value* named = header.find("alg");
  if (named == nullptr || named->as_string() == nullptr) return std::nullopt;
  const auto alg = parse_alg(*named->as_string());
  if (!alg || *alg == Alg::kHs256 || std::ranges::find(allowed, *alg) == allowed.end())
    return std::nullopt;
  return alg;
}

}  // namespace

Result<std::string> thumbprint(const Key& key) {
  const json::Object jwk = TRY(key.public_jwk(""));
  json::Object required;
  for (const std::string_view name : kRequiredMembers) {
    if (const json::Value* value = jwk.find(name)) required.add(std::string(name), *value);
  }
  return to_base64url(sha256(bytes_of(json::write(std::move(required)))));
}

Result<SelfSigned> verify_self_signed(std::string_view text, std::span<const Alg> allowed) {
  const json::Object header = TRY(peek_header(text));
  const auto alg = alg_among(header, allowed);
  const json::Value* named = header.find("jwk");
  const json::Object* jwk = named == nullptr ? nullptr : named->as_object();
  if (!alg || jwk == nullptr || shows_private_part(*jwk)) return fail(Why::kInvalidToken);
  const auto key = Key::from_jwk(*alg, *jwk);
  if (!key) return fail(Why::kInvalidToken);
  Jws jws = TRY(verify_compact(*key, text));
  std::string print = TRY(thumbprint(*key));
  return SelfSigned{std::move(jws), std::move(print)};
}

}  // namespace latchkey::crypto
