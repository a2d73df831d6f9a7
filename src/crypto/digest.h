#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/secret.h"
#include "base/text.h"

namespace latchkey::crypto {

using Sha256 = std::array<std::uint8_t, 32>;

/// By libsodium: what hashes now and then need not load OpenSSL.
Sha256 sha256(ByteView data);
/// The same by OpenSSL, which uses what the processor has for it: a third of the time.
Sha256 fast_sha256(ByteView data);
/// HMAC-SHA-256 (RFC 2104), by OpenSSL.
Sha256 hmac_sha256(ByteView key, ByteView data);
/// The same under a key that is used again and again: what depends on the key alone is done once.
/// Any thread may use it.
class HmacKey {
 public:
  explicit HmacKey(ByteView key);
  ~HmacKey();
  HmacKey(HmacKey&&) noexcept;

  Sha256 tag(ByteView data) const;

 private:
  struct Begun;
  std::unique_ptr<const Begun> begun_;
};
/// HKDF-SHA-256 (RFC 5869) with an empty salt, by libsodium: a subkey for one purpose.
Bytes derive_key(ByteView master, std::string_view purpose, std::size_t size = 32);
inline constexpr std::size_t kShortHashKeySize = 16;
/// SipHash-2-4, by libsodium: a pseudo-random function of few bytes, under a key of 16. Too short
/// to prove where a text is from.
std::uint64_t short_hash(ByteView key, ByteView data);
/// Constant time for equal sizes.
bool same_bytes(ByteView a, ByteView b);

}  // namespace latchkey::crypto
