#include "crypto/digest.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "crypto/sodium.h"

namespace latchkey::crypto {
namespace {

constexpr std::size_t kHashSize = std::tuple_size_v<Sha256>;
constexpr std::size_t kMostDerived = 255 * kHashSize;  // RFC 5869 section 2.3

/// The HMAC (RFC 2104) of the parts as if they were one text; `to` may be one of them.
void hmac_of_parts(Sha256& to, ByteView key, std::initializer_list<ByteView> parts) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, start_of(key), key.size());
  for (const ByteView part : parts) {
    crypto_auth_hmacsha256_update(&state, start_of(part), part.size());
  }
  crypto_auth_hmacsha256_final(&state, to.data());
  sodium_memzero(&state, sizeof state);
}

}  // namespace

Sha256 sha256(ByteView data) {
  Sha256 hash;
  crypto_hash_sha256(hash.data(), start_of(data), data.size());
  return hash;
}

Bytes derive_key(ByteView master, std::string_view purpose, std::size_t size) {
  if (size > kMostDerived) throw std::length_error("derive_key: more than HKDF can give");
  Sha256 extracted, block;
  hmac_of_parts(extracted, {}, {master});
  Bytes key;
  for (std::uint8_t counter = 1; key.size() < size; ++counter) {
    const ByteView before = counter == 1 ? ByteView() : ByteView(block);
    hmac_of_parts(block, extracted, {before, bytes_of(purpose), {&counter, 1}});
    const std::size_t wanted = std::min(block.size(), size - key.size());
    key.insert(key.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(wanted));
  }
  wipe(extracted.data(), extracted.size());
  wipe(block.data(), block.size());
  return key;
}

std::uint64_t short_hash(ByteView key, ByteView data) {
  static_assert(kShortHashKeySize == crypto_shorthash_KEYBYTES);
  if (key.size() != kShortHashKeySize) throw std::length_error("short_hash: not a key for it");
  std::array<std::uint8_t, crypto_shorthash_BYTES> hash;
  crypto_shorthash(hash.data(), start_of(data), data.size(), key.data());
  std::uint64_t word = 0;  // little-endian, on whatever machine: stored tokens depend on it
  for (std::size_t i = hash.size(); i > 0; --i) word = word << 8 | hash[i - 1];
  return word;
}

bool same_bytes(ByteView a, ByteView b) {
  return a.size() == b.size() && sodium_memcmp(start_of(a), start_of(b), a.size()) == 0;
}

}  // namespace latchkey::crypto
