#pragma once

// Not for other folders: what a Key holds, for key.cc and jwk.cc.

#include <optional>

#include "crypto/digest.h"
#include "crypto/jws.h"
#include "crypto/openssl.h"

namespace latchkey::crypto {

inline constexpr std::size_t kLeastHmacKey = 32;  // bytes: RFC 7518 section 3.2
inline constexpr int kLeastRsaBits = 2048;        // RFC 7518 section 3.3
inline constexpr int kMostRsaBits = 8192;         // verifying costs the square of it
inline constexpr int kLeastExponentBits = 17;     // 65537: FIPS 186-5 section A.1.1
inline constexpr int kMostExponentBits = 64;

struct Key::Impl {
  Alg alg;
  Secret hmac = {};                 // HS256 only, and nothing else then …
  std::optional<HmacKey> mac = {};  // … but this, made of it
  Pkey pkey = {};
  PkeyCtx signer = {};  // absent from a public key
  PkeyCtx verifier = {};

  /// From 32 bytes or more; kMalformed below.
  static Result<std::shared_ptr<const Impl>> of_hmac(Secret bytes);
  /// Judges size, curve and exponent, and that a private half, if there is one,
  /// belongs to the public one.
  static Result<std::shared_ptr<const Impl>> of_pkey(Alg alg, Pkey pkey, bool is_private);
};

}  // namespace latchkey::crypto
