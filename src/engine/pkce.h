#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"

namespace latchkey::engine {

// Proof key for code exchange, S256 only (RFC 7636): whoever brings the code shows
// that it began the flow. "plain" is not offered (RFC 9700 section 2.1.1).

/// 43 to 128 unreserved characters (section 4.1).
bool is_pkce_verifier(std::string_view text);
/// What S256 gives: 43 characters of base64url that stand for 32 bytes.
bool is_pkce_challenge(std::string_view text);

/// BASE64URL(SHA256(verifier)) (section 4.2).
std::string pkce_challenge(const Secret& verifier);
/// Constant time. False for a verifier that is none, whatever the challenge.
bool pkce_matches(std::string_view challenge, const Secret& verifier);

}  // namespace latchkey::engine
