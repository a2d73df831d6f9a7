#include "crypto/digest.h"

#include <sodium.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "crypto/openssl.h"
#include "crypto/sodium.h"

namespace latchkey::crypto {
namespace {

constexpr std::size_t kHashSize = std::tuple_size_v<Sha256>;
constexpr std::size_t kMostDerived = 255 * kHashSize;  // RFC 5869 section 2.3

constexpr std::size_t kBlockSize = 64;

// Fetched once: a look-up by name costs more than hashing a token.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

using DigestCtx = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;

// One for each thread: to make a context costs more than to hash a token.
EVP_MD_CTX* scratch() {
  thread_local const DigestCtx ctx(EVP_MD_CTX_new());
  must(ctx != nullptr, "SHA-256");
  return ctx.get();
}

/// The hash of the parts as if they were one text.
void hash_parts(std::initializer_list<ByteView> parts, std::uint8_t* to) {
  EVP_MD_CTX* ctx = scratch();
  must(EVP_DigestInit_ex2(ctx, sha256_algorithm(), nullptr) == 1, "SHA-256");
  for (const ByteView part : parts) {
    must(EVP_DigestUpdate(ctx, start_of(part), part.size()) == 1, "SHA-256");
  }
  must(EVP_DigestFinal_ex(ctx, to, nullptr) == 1, "SHA-256");
}

// The HMAC of at most three parts as if they were one text (RFC 2104); `to` may be one of them.
// OpenSSL's SHA-256 uses what the processor has for it, libsodium's does not: a third of the time.
void hmac_of_parts(Sha256& to, ByteView key, ByteView a, ByteView b = {}, ByteView c = {}) {
  std::array<std::uint8_t, kBlockSize> pad{};
  if (key.size() > kBlockSize) hash_parts({key}, pad.data());
  else std::ranges::copy(key, pad.begin());
  for (auto& byte : pad) byte ^= 0x36;
  Sha256 inner;
  hash_parts({pad, a, b, c}, inner.data());
  for (auto& byte : pad) byte ^= 0x36 ^ 0x5c;
  hash_parts({pad, inner}, to.data());
  wipe(pad.data(), pad.size());
  wipe(inner.data(), inner.size());
}

}  // namespace

Sha256 sha256(ByteView data) {
  Sha256 hash;
  hash_parts({data}, hash.data());
  return hash;
}

Sha256 hmac_sha256(ByteView key, ByteView data) {
  Sha256 tag;
  hmac_of_parts(tag, key, data);
  return tag;
}

Bytes derive_key(ByteView master, std::string_view purpose, std::size_t size) {
  if (size > kMostDerived) throw std::length_error("derive_key: more than HKDF can give");
  Sha256 extracted, block;
  hmac_of_parts(extracted, {}, master);
  Bytes key;
  for (std::uint8_t counter = 1; key.size() < size; ++counter) {
    const ByteView before = counter == 1 ? ByteView() : ByteView(block);
    hmac_of_parts(block, extracted, before, bytes_of(purpose), {&counter, 1});
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
