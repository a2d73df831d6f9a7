#pragma once

#include "engine/operations.h"
#include "http/message.h"

namespace latchkey::dialects::oauth2 {

// Proofs of possession (RFC 9449), as the authority reads them.

inline constexpr std::size_t kMostProofBytes = 8 * 1024;
inline constexpr std::size_t kMostProofIdBytes = 256;     ///< "jti"
inline constexpr std::size_t kMostProofNonceBytes = 256;  ///< "nonce"
inline constexpr std::size_t kMostMethodBytes = 32;       ///< "htm"

/// The algorithms that a proof may be signed with, for the metadata too.
std::vector<std::string_view> proof_algorithms();

/// A proof for `method` at `uri` (our own URL of the endpoint), as section 4.3 wants
/// it: typ dpop+jwt, an asymmetric algorithm, a public key that it is signed with, jti,
/// htm, htu and iat. kOtpWrong, saying what is wrong, for anything else. Whether it is
/// of now, and came before, is the engine's to judge; so are "ath" and "nonce".
Result<engine::DpopProof> verify_proof(const Secret& text, std::string_view method,
                                       std::string_view uri);

/// The proof of a request that came to `uri`; nullopt when it brings none. kOtpWrong
/// for two of them.
Result<std::optional<engine::DpopProof>> proof_of(const http::Request& request,
                                                  std::string_view uri);

/// "ath": base64url of the token's SHA-256 (section 4.2).
std::string token_hash(const Secret& access_token);

}  // namespace latchkey::dialects::oauth2
