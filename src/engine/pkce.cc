#include "engine/pkce.h"

#include <algorithm>

#include "crypto/digest.h"

namespace latchkey::engine {
namespace {

constexpr std::size_t kLeastVerifier = 43;
constexpr std::size_t kMostVerifier = 128;
constexpr std::size_t kDigestBytes = 32;

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

bool is_pkce_verifier(std::string_view text) {
  return text.size() >= kLeastVerifier && text.size() <= kMostVerifier &&
         std::ranges::all_of(text, is_unreserved);
}

bool is_pkce_challenge(std::string_view text) {
  const auto bytes = parse_base64url(text);
  return bytes && bytes->size() == kDigestBytes;
}

std::string pkce_challenge(const Secret& verifier) {
  return to_base64url(crypto::sha256(bytes_of(verifier.reveal())));
}

bool pkce_matches(std::string_view challenge, const Secret& verifier) {
  return is_pkce_verifier(verifier.reveal()) &&
         crypto::same_bytes(bytes_of(pkce_challenge(verifier)), bytes_of(challenge));
}

}  // namespace latchkey::engine
