#include "crypto/digest.h"

#include <sodium.h>

#include <stdexcept>

#include "crypto/openssl.h"
#include "crypto/sodium.h"

namespace latchkey::crypto {
namespace {

constexpr std::size_t kHashSize = 32;
constexpr std::size_t kMostDerived = 255 * kHashSize;  // RFC 5869 section 2.3

// Fetched once: a look-up by name costs more than hashing a token.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

// HMAC of the parts as if they were one text.
Bytes hmac_of_parts(ByteView key, std::initializer_list<ByteView> parts) {
  start_sodium();
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, start_of(key), key.size());
  for (const ByteView part : parts) {
    crypto_auth_hmacsha256_update(&state, start_of(part), part.size());
  }
  Bytes tag(kHashSize);
  crypto_auth_hmacsha256_final(&state, tag.data());
  wipe(&state, sizeof state);
  return tag;
}

}  // namespace

Bytes sha256(ByteView data) {
  Bytes hash(kHashSize);
  unsigned size = 0;
  must(
      EVP_Digest(start_of(data), data.size(), hash.data(), &size, sha256_algorithm(), nullptr) == 1,
      "SHA-256");
  return hash;
}

Bytes hmac_sha256(ByteView key, ByteView data) { return hmac_of_parts(key, {data}); }

Bytes derive_key(ByteView master, std::string_view purpose, std::size_t size) {
  if (size > kMostDerived) throw std::length_error("derive_key: more than HKDF can give");
  Bytes extracted = hmac_of_parts({}, {master});
  Bytes key;
  Bytes block;
  for (std::uint8_t counter = 1; key.size() < size; ++counter) {
    block = hmac_of_parts(extracted, {block, bytes_of(purpose), {&counter, 1}});
    const std::size_t wanted = std::min(block.size(), size - key.size());
    key.insert(key.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(wanted));
  }
  wipe(extracted.data(), extracted.size());
  wipe(block.data(), block.size());
  return key;
}

bool same_bytes(ByteView a, ByteView b) {
  return a.size() == b.size() && sodium_memcmp(start_of(a), start_of(b), a.size()) == 0;
}

}  // namespace latchkey::crypto
