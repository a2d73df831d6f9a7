#pragma once

#include "base/secret.h"
#include "base/time.h"
#include "crypto/jws.h"

namespace latchkey::dialects::oauth2 {

/// What an ID token must say.
struct IdTokenCheck {
  std::string_view issuer;
  std::string_view client_id;
  Secret nonce = {};         ///< empty: none was sent, and none is looked for
  Secret access_token = {};  ///< "at_hash", where there is one, is of this
  Instant now{};
};

/// Clocks of two machines may differ by so much (checklist 48).
inline constexpr Seconds kSkew{60};
inline constexpr std::size_t kMostKeySetBytes = 256 * 1024;
inline constexpr std::size_t kMostKeys = 100;

/// The claims of an ID token that `keys`, the text of a JWK set (RFC 7517 section 5),
/// has a public key for. kBadResponse, saying what is wrong, for (OpenID Connect Core
/// section 3.1.3.7; RFC 8725):
///   an algorithm other than RS256 and ES256, whatever key there is (checklist 43, 44);
///   a "typ" other than JWT: an access token is no ID token (36, 49);
///   a "kid" that the set does not have, or none where several keys would do (45);
///   anything that crypto::verify_compact refuses (45-47, 50);
///   another issuer, an audience without us, another authorized party (49);
///   no end, or an end more than kSkew ago; a time of issue or of beginning that is more
///   than kSkew ahead (48); no subject; another nonce; an at_hash of another token.
Result<json::Object> check_id_token(const IdTokenCheck& check, std::string_view keys,
                                    const Secret& token);

}  // namespace latchkey::dialects::oauth2
