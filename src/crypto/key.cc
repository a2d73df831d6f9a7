#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>

#include "crypto/digest.h"
#include "crypto/jws.h"
#include "crypto/key_impl.h"
#include "crypto/random.h"
#include "crypto/signature.h"
#include "crypto/sodium.h"

namespace latchkey::crypto {
namespace {

constexpr std::string_view kPemBegin = "-----BEGIN PRIVATE KEY-----\n";
constexpr std::string_view kPemEnd = "-----END PRIVATE KEY-----";

bool is_sound_rsa(const EVP_PKEY* pkey) {
  const int bits = EVP_PKEY_get_bits(pkey);
  if (!EVP_PKEY_is_a(pkey, "RSA") || bits < kLeastRsaBits || bits > kMostRsaBits) return false;
  BIGNUM* raw_n = nullptr;
  BIGNUM* raw_e = nullptr;
  const bool read = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &raw_n) == 1 &&
                    EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &raw_e) == 1;
  const Number n(raw_n);
  const Number e(raw_e);
  return read && BN_is_odd(n.get()) && BN_is_odd(e.get()) &&
         BN_num_bits(e.get()) >= kLeastExponentBits && BN_num_bits(e.get()) <= kMostExponentBits;
}

bool is_p256(const EVP_PKEY* pkey) {
  std::array<char, 32> curve{};
  return EVP_PKEY_is_a(pkey, "EC") &&
         EVP_PKEY_get_group_name(pkey, curve.data(), curve.size(), nullptr) == 1 &&
         std::string_view(curve.data()) == SN_X9_62_prime256v1;
}

// Only what export_private() writes: one unencrypted PKCS#8 block.
bool is_one_pem_block(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  return text.starts_with(kPemBegin) && text.ends_with(kPemEnd) &&
         text.find("-----", kPemBegin.size()) == text.size() - kPemEnd.size();
}

// OpenSSL would ask on the terminal otherwise.
int no_passphrase(char*, int, int, void*) { return -1; }

Pkey read_pem(std::string_view text) {
  if (!is_one_pem_block(text)) return nullptr;
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  must(bio != nullptr, "memory");
  return Pkey(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
}

}  // namespace

Result<std::shared_ptr<const Key::Impl>> Key::Impl::of_hmac(Secret bytes) {
  if (bytes.size() < kLeastHmacKey) return fail(Why::kMalformed, "the HMAC key is too short");
  HmacKey mac(bytes_of(bytes.reveal()));
  return std::make_shared<const Impl>(
      Impl{.alg = Alg::kHs256, .hmac = std::move(bytes), .mac = std::move(mac)});
}

Result<std::shared_ptr<const Key::Impl>> Key::Impl::of_pkey(Alg alg, Pkey pkey, bool is_private) {
  const bool sound = alg == Alg::kRs256 ? is_sound_rsa(pkey.get()) : is_p256(pkey.get());
  if (!sound) return fail(Why::kMalformed, "the key is not fit for its algorithm");
  Impl impl{.alg = alg, .pkey = std::move(pkey)};
  impl.verifier = ready_to_verify(alg, impl.pkey.get());
  if (is_private) {
    constexpr std::string_view kSample = "latchkey";
    impl.signer = ready_to_sign(alg, impl.pkey.get());
    const auto signature = sign_with(alg, impl.signer.get(), kSample);
    if (!signature || !verify_with(alg, impl.verifier.get(), kSample, *signature)) {
      return fail(Why::kMalformed, "the halves of the key do not belong together");
    }
  }
  return std::make_shared<const Impl>(std::move(impl));
}

Key::Key(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

Key Key::generate(Alg alg) {
  if (alg == Alg::kHs256) {
    return Key(Impl::of_hmac(into_secret(random_bytes(kLeastHmacKey))).value());
  }
  Pkey pkey(alg == Alg::kRs256 ? EVP_RSA_gen(kLeastRsaBits) : EVP_EC_gen(SN_X9_62_prime256v1));
  must(pkey != nullptr, "key generation");
  return Key(Impl::of_pkey(alg, std::move(pkey), true).value());
}

Result<Key> Key::import_private(Alg alg, const Secret& text) {
  const QuietErrors quiet;
  if (alg == Alg::kHs256) {
    auto bytes = parse_base64url(text.reveal());
    if (!bytes) return fail(Why::kMalformed, "the HMAC key is not base64url");
    auto hmac = TRY(Impl::of_hmac(into_secret(std::move(*bytes))));
    return Key(std::move(hmac));
  }
  Pkey pkey = read_pem(text.reveal());
  if (!pkey) return fail(Why::kMalformed, "the key is not a PKCS#8 PEM");
  auto impl = TRY(Impl::of_pkey(alg, std::move(pkey), true));
  return Key(std::move(impl));
}

Alg Key::alg() const { return impl_->alg; }

bool Key::can_sign() const { return impl_->alg == Alg::kHs256 || impl_->signer != nullptr; }

Secret Key::export_private() const {
  if (!can_sign()) throw std::logic_error("export_private: the key is public");
  if (impl_->alg == Alg::kHs256) {
    return into_secret(to_base64url(bytes_of(impl_->hmac.reveal())));
  }
  const Bio bio(BIO_new(BIO_s_secmem()));
  must(bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), impl_->pkey.get(), nullptr, nullptr, 0,
                                            nullptr, nullptr) == 1,
       "key export");
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return Secret(std::string_view(text, static_cast<std::size_t>(size)));
}

Bytes Key::sign(std::string_view signing_input) const {
  if (!can_sign()) throw std::logic_error("sign: the key is public");
  if (impl_->alg == Alg::kHs256) {
    const Sha256 tag = impl_->mac->tag(bytes_of(signing_input));
    return {tag.begin(), tag.end()};
  }
  auto signature = sign_with(impl_->alg, impl_->signer.get(), signing_input);
  must(signature.has_value(), "signature");
  return std::move(*signature);
}

bool Key::verify(std::string_view signing_input, ByteView signature) const {
  if (impl_->alg == Alg::kHs256) {
    return same_bytes(impl_->mac->tag(bytes_of(signing_input)), signature);
  }
  return verify_with(impl_->alg, impl_->verifier.get(), signing_input, signature);
}

}  // namespace latchkey::crypto
