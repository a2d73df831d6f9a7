#include "crypto/cbc.h"

#include <stdexcept>

#include "crypto/openssl.h"
#include "crypto/sodium.h"

namespace latchkey::crypto {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::size_t kKeySize = 32;
// Above every body that a server of ours accepts.
constexpr std::size_t kMostBytes = std::size_t{16} << 20;

const EVP_CIPHER* algorithm() {
  static const EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);
  return fetched;
}

// 1 if a < b, else 0, without a branch; both below 2^31.
unsigned less(unsigned a, unsigned b) { return (a - b) >> 31; }

// The length of the padding at the end of `plain`, or 0 if it is wrong (RFC 5652
// section 6.3). Reads the whole last block whatever it holds, and branches on
// none of it.
unsigned padding_of(ByteView plain) {
  const ByteView last = plain.last(kBlock);
  const unsigned length = last[kBlock - 1];
  unsigned wrong = less(length, 1) | less(kBlock, length);
  for (unsigned i = 0; i < kBlock; ++i) {
    const unsigned inside = 0u - less(i, length);
    wrong |= inside & (last[kBlock - 1 - i] ^ length);
  }
  const unsigned right = 0u - less(wrong, 1);
  return length & right;
}

Bytes run(bool encrypting, ByteView key, ByteView iv, ByteView input) {
  const CipherCtx ctx(EVP_CIPHER_CTX_new());
  must(ctx && EVP_CipherInit_ex2(ctx.get(), algorithm(), key.data(), iv.data(), encrypting,
                                 nullptr) == 1,
       "AES-256-CBC");
  must(encrypting || EVP_CIPHER_CTX_set_padding(ctx.get(), 0) == 1, "AES-256-CBC");
  Bytes output(input.size() + kBlock);
  int body = 0;
  int tail = 0;
  must(EVP_CipherUpdate(ctx.get(), output.data(), &body, input.data(),
                        static_cast<int>(input.size())) == 1 &&
           EVP_CipherFinal_ex(ctx.get(), output.data() + body, &tail) == 1,
       "AES-256-CBC");
  output.resize(static_cast<std::size_t>(body) + static_cast<std::size_t>(tail));
  return output;
}

}  // namespace

Bytes encrypt_cbc(ByteView key, ByteView iv, ByteView plain) {
  if (key.size() != kKeySize || iv.size() != kBlock || plain.size() >= kMostBytes) {
    throw std::invalid_argument("encrypt_cbc: key, IV or text of an impossible size");
  }
  return run(true, key, iv, plain);
}

Result<Decrypted> open_cbc(ByteView key, ByteView iv, ByteView cipher) {
  if (key.size() != kKeySize || iv.size() != kBlock || cipher.empty() ||
      cipher.size() % kBlock != 0 || cipher.size() > kMostBytes) {
    return fail(Why::kMalformed);
  }
  const QuietErrors quiet;
  Bytes plain = run(false, key, iv, cipher);
  const unsigned padding = padding_of(plain);
  Secret text(text_of(ByteView(plain).first(plain.size() - padding)));
  wipe(plain.data(), plain.size());
  return Decrypted{std::move(text), padding != 0};
}

Result<Secret> decrypt_cbc(ByteView key, ByteView iv, ByteView cipher) {
  Decrypted found = TRY(open_cbc(key, iv, cipher));
  if (!found.padded_right) return fail(Why::kMalformed);
  return std::move(found.text);
}

}  // namespace latchkey::crypto
