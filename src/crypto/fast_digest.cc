// The digests of what is hashed with every request: by OpenSSL.

#include <algorithm>
#include <memory>

#include "crypto/digest.h"
#include "crypto/openssl.h"
#include "crypto/sodium.h"

namespace latchkey::crypto {
namespace {

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

}  // namespace

Sha256 fast_sha256(ByteView data) {
  Sha256 hash;
  hash_parts({data}, hash.data());
  return hash;
}

Sha256 hmac_sha256(ByteView key, ByteView data) {
  std::array<std::uint8_t, kBlockSize> pad{};
  if (key.size() > kBlockSize) hash_parts({key}, pad.data());
  else std::ranges::copy(key, pad.begin());
  for (auto& byte : pad) byte ^= 0x36;
  Sha256 tag;
  hash_parts({pad, data}, tag.data());
  for (auto& byte : pad) byte ^= 0x36 ^ 0x5c;
  hash_parts({pad, tag}, tag.data());
  wipe(pad.data(), pad.size());
  return tag;
}

}  // namespace latchkey::crypto
