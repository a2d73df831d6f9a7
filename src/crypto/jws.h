#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/time.h"

namespace latchkey::crypto {

/// The algorithms that we sign with (RFC 7518 section 3.1). There is no "none".
enum class Alg { kHs256, kRs256, kEs256 };

const char* name_of(Alg alg);
std::optional<Alg> parse_alg(std::string_view name);

/// A key bound to one algorithm for life: the header of a token never chooses
/// (RFC 8725 section 3.1). Immutable and thread-safe; copies share the key.
class Key {
 public:
  /// HS256: 32 random bytes; RS256: 2048 bits; ES256: P-256.
  static Key generate(Alg alg);
  /// What export_private() gave; the last line's end may be missing, as secrets that are
  /// read from files have none. kMalformed for anything else, and for keys that are too small:
  /// HMAC below 32 bytes, RSA below 2048 bits (checklist 52).
  static Result<Key> import_private(Alg alg, const Secret& text);
  /// From a JWK (RFC 7517), public or private. kUnsupported for another kty or
  /// curve, and if its "alg", "use" or "key_ops", where there, speak of anything
  /// but this algorithm's signatures; kMalformed if the numbers are not a key.
  static Result<Key> from_jwk(Alg alg, const json::Object& jwk);

  Alg alg() const;
  bool can_sign() const;
  /// HS256: base64url of the bytes; else PKCS#8 PEM. Seal it before you store it.
  /// Needs can_sign(): a public key has nothing to export, and asking throws.
  Secret export_private() const;
  /// The public half as a JWK with "kid", "use":"sig" and "alg"; kUnsupported for
  /// HS256, which has none.
  Result<json::Object> public_jwk(std::string_view kid) const;

  /// The JWS signature: ES256 is the fixed 64 bytes of RFC 7518 section 3.4.
  /// Needs can_sign(), and throws without.
  Bytes sign(std::string_view signing_input) const;
  /// Constant time for HS256; for ES256 exactly 64 bytes with 0 < r, s < n.
  bool verify(std::string_view signing_input, ByteView signature) const;

 private:
  struct Impl;
  explicit Key(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

/// header.payload.signature (RFC 7515 section 3.1). The texts are JSON already.
Secret sign_compact(const Key& key, std::string_view header, std::string_view payload);

struct Jws {
  json::Object header;
  std::string payload;
};

/// Checks the signature with `key` and its algorithm only. kInvalidToken for:
/// another alg (and "none" in every spelling), a "crit" or "b64" header, anything
/// but three strict base64url parts, duplicate members, a wrong signature.
/// Keys named in the header (jwk, jku, x5c, x5u) are not looked at.
Result<Jws> verify_compact(const Key& key, std::string_view text);

/// Claims of a token that nobody has verified, for showing and for knowing when
/// one's own token ends. kInvalidToken when it is not a JWT.
Result<json::Object> peek_claims(std::string_view token);
/// "exp" or "iat" of such claims as an Instant; nullopt if absent or absurd
/// (negative, not a number: checklist 48).
std::optional<Instant> time_claim(const json::Object& claims, std::string_view name);

}  // namespace latchkey::crypto
