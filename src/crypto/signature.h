#pragma once

// Not for other folders: the raw signatures under jws.h, and the two spellings of
// an ECDSA signature.

#include <optional>

#include "base/text.h"
#include "crypto/jws.h"
#include "crypto/openssl.h"

namespace latchkey::crypto {

inline constexpr std::size_t kP1363Size = 64;  ///< ES256: r and s of 32 bytes each

/// DER (RFC 3279 section 2.2.3) to the 64 bytes of RFC 7518 section 3.4.
Bytes to_p1363(ByteView der);
/// And back. nullopt unless there are 64 bytes with 0 < r, s < n (checklist 47).
std::optional<Bytes> to_der(ByteView p1363);

/// Contexts made ready once per key; each signature works on a copy, because
/// preparing one costs more than copying it and a context serves one thread.
PkeyCtx ready_to_sign(Alg alg, EVP_PKEY* key);
PkeyCtx ready_to_verify(Alg alg, EVP_PKEY* key);

/// RS256 and ES256 as JWS writes them; nullopt when the numbers of the key are
/// such that no signature can be made.
std::optional<Bytes> sign_with(Alg alg, const EVP_PKEY_CTX* ready, std::string_view input);
bool verify_with(Alg alg, const EVP_PKEY_CTX* ready, std::string_view input, ByteView signature);

}  // namespace latchkey::crypto
