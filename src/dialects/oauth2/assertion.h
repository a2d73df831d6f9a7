#pragma once

#include "base/json.h"
#include "engine/operations.h"

namespace latchkey::dialects::oauth2 {

// What a client signs about itself instead of showing a secret (RFC 7523 section 3,
// private_key_jwt in OpenID Connect Core section 9).

inline constexpr std::string_view kAssertionType =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
inline constexpr std::size_t kMostAssertionBytes = 8 * 1024;
inline constexpr std::size_t kMostAssertionIdBytes = 256;  ///< "jti"
inline constexpr std::size_t kMostClientKeys = 8;          ///< that a client may register

/// Who it says it is ("sub"), unverified: for finding the keys to verify it with.
/// kBadCredentials when it is not readable or says nobody.
Result<ClientId> claimed_client(const Secret& assertion);

/// Checks it with the keys that `client` registered (JSON text of a JWK set): signed by
/// one of them with the one algorithm that fits that key's type (checklist 41: neither
/// the header nor the key's own "alg" chooses), iss = sub = the client, aud = our
/// issuer and nothing else, a jti, an exp. kBadCredentials, and no more, for anything
/// else. Times are the engine's to judge, but the assertion ends no earlier than its
/// "nbf" allows: the later of "nbf" and "iat" is given as `issued`.
Result<engine::ClientAssertion> verify_assertion(const Secret& assertion, const ClientId& client,
                                                 std::string_view registered_keys,
                                                 std::string_view issuer);

/// A client's public keys, fit to be registered: 1 to kMostClientKeys of P-256 or RSA
/// of 2048 bits or more, no private parts (checklist 52). Gives the set with the public
/// members and "kid" only. With `alg` (RFC 7518) each key must be one for it. kMalformed,
/// saying what is wrong.
Result<std::string> read_client_keys(const json::Object& jwks, std::string_view alg = "");

}  // namespace latchkey::dialects::oauth2
