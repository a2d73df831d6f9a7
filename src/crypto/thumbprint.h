#pragma once

#include <span>

#include "crypto/jws.h"

namespace latchkey::crypto {

/// The SHA-256 thumbprint of a public key (RFC 7638), 43 characters of base64url:
/// the same for every spelling of one key. kUnsupported for an HMAC key.
Result<std::string> thumbprint(const Key& key);

/// The header of a token that nobody has verified: for finding the key that it may
/// be verified with. kInvalidToken when it is no compact JWS.
Result<json::Object> peek_header(std::string_view token);

/// A JWS whose header brings the key that it was signed with.
struct SelfSigned {
  Jws jws = {};
  std::string thumbprint = {};
};

/// Verifies it by the "jwk" of its own header. It proves that the sender holds that
/// key and nothing about who the sender is, so the thumbprint has to be compared
/// with one that is trusted; DPoP is the only use (RFC 9449, checklist 45).
/// kInvalidToken for whatever verify_compact refuses, an algorithm that is not
/// `allowed`, no key, a symmetric one, and one that shows a private part.
Result<SelfSigned> verify_self_signed(std::string_view text, std::span<const Alg> allowed);

}  // namespace latchkey::crypto
