#include "crypto/aead.h"

#include <sodium.h>

#include <stdexcept>

#include "crypto/random.h"
#include "crypto/sodium.h"

namespace latchkey::crypto {
namespace {

constexpr std::size_t kKeySize = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;

}  // namespace

Bytes seal(ByteView key, ByteView plain, std::string_view context) {
  if (key.size() != kKeySize) throw std::invalid_argument("seal: the key is not 32 bytes");
  Bytes sealed = random_bytes(kNonceSize);
  sealed.resize(kNonceSize + plain.size() + kTagSize);
  const ByteView bound = bytes_of(context);
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + kNonceSize, nullptr, plain.data(),
                                             plain.size(), bound.data(), bound.size(), nullptr,
                                             sealed.data(), key.data());
  return sealed;
}

Result<Secret> open(ByteView key, ByteView sealed, std::string_view context) {
  start_sodium();
  if (key.size() != kKeySize || sealed.size() < kNonceSize + kTagSize) return fail(Why::kStore);
  const ByteView cipher = sealed.subspan(kNonceSize);
  const ByteView bound = bytes_of(context);
  Bytes plain(cipher.size() - kTagSize);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain.data(), nullptr, nullptr, cipher.data(),
                                                 cipher.size(), bound.data(), bound.size(),
                                                 sealed.data(), key.data()) != 0) {
    return fail(Why::kStore);
  }
  return into_secret(std::move(plain));
}

}  // namespace latchkey::crypto
