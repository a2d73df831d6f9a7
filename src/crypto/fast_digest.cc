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

void begin(EVP_MD_CTX* ctx) {
  must(EVP_DigestInit_ex2(ctx, sha256_algorithm(), nullptr) == 1, "SHA-256");
}

void add(EVP_MD_CTX* ctx, ByteView data) {
  must(EVP_DigestUpdate(ctx, start_of(data), data.size()) == 1, "SHA-256");
}

Sha256 end(EVP_MD_CTX* ctx) {
  Sha256 hash;
  must(EVP_DigestFinal_ex(ctx, hash.data(), nullptr) == 1, "SHA-256");
  return hash;
}

/// What the hash of `data` is, where `begun` has hashed what precedes it.
Sha256 continued(const DigestCtx& begun, ByteView data) {
  must(EVP_MD_CTX_copy_ex(scratch(), begun.get()) == 1, "SHA-256");
  add(scratch(), data);
  return end(scratch());
}

DigestCtx begun_with(ByteView data) {
  DigestCtx ctx(EVP_MD_CTX_new());
  must(ctx != nullptr, "SHA-256");
  begin(ctx.get());
  add(ctx.get(), data);
  return ctx;
}

}  // namespace

Sha256 fast_sha256(ByteView data) {
  begin(scratch());
  add(scratch(), data);
  return end(scratch());
}

/// RFC 2104 section 4: the two halves of the work that come before the text.
struct HmacKey::Begun {
  DigestCtx inner, outer;
};

HmacKey::HmacKey(ByteView key) {
  std::array<std::uint8_t, kBlockSize> pad{};
  if (key.size() > kBlockSize) std::ranges::copy(fast_sha256(key), pad.begin());
  else std::ranges::copy(key, pad.begin());
  for (auto& byte : pad) byte ^= 0x36;
  auto inner = begun_with(pad);
  for (auto& byte : pad) byte ^= 0x36 ^ 0x5c;
  begun_ = std::make_unique<const Begun>(std::move(inner), begun_with(pad));
  wipe(pad.data(), pad.size());
}

HmacKey::~HmacKey() = default;
HmacKey::HmacKey(HmacKey&&) noexcept = default;

Sha256 HmacKey::tag(ByteView data) const {
  return continued(begun_->outer, continued(begun_->inner, data));
}

Sha256 hmac_sha256(ByteView key, ByteView data) { return HmacKey(key).tag(data); }

}  // namespace latchkey::crypto
