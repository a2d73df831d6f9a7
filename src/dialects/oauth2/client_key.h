#pragma once

#include "crypto/jws.h"
#include "dialect/issuer.h"

namespace latchkey::dialects::oauth2 {

// What a client signs about itself instead of showing a secret: the other half of
// assertion.h (RFC 7523 section 2.2, private_key_jwt in OpenID Connect Core section 9).

inline constexpr std::string_view kPrivateKeyJwt = "private_key_jwt";
/// How long an assertion is good: it is made for the one request that it goes with.
inline constexpr Seconds kAssertionLife{60};

struct PrivateKey {
  crypto::Key key;
  std::string kid = {};  ///< as the issuer knows the public half; empty: it has no name
};

/// One unencrypted PKCS#8 PEM, or a JWK (RFC 7517) with its private half and, if it has one, its
/// "kid". P-256 signs with ES256, RSA of 2048 bits or more with RS256. kUsage for anything else.
Result<PrivateKey> read_private_key(const Secret& text);

/// For that issuer and nobody else; another one each time.
Secret sign_assertion(const PrivateKey& key, const ClientId& client, std::string_view issuer,
                      Instant now);

/// The operation as it may be sent once. Where the profile says private_key_jwt, the client in
/// it has an assertion, and no secret.
Result<engine::Operation> sign_operation(engine::Operation operation,
                                         const dialect::Signing& signing);

}  // namespace latchkey::dialects::oauth2
