#include "crypto/signature.h"

#include <openssl/obj_mac.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "crypto/digest.h"

namespace latchkey::crypto {
namespace {

constexpr std::size_t kHalf = kP1363Size / 2;

// The order of P-256 (SEC 2 section 2.4.2).
const BIGNUM* order() {
  static const BIGNUM* const n = [] {
    BIGNUM* number = nullptr;
    BN_hex2bn(&number, "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
    return number;
  }();
  return n;
}

bool is_in_range(const BIGNUM* number) {
  return !BN_is_zero(number) && BN_cmp(number, order()) < 0;
}

Number number_of(ByteView bytes) {
  return Number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

constexpr const char* kBadSignature = "ECDSA signature";
constexpr std::uint8_t kSequence = 0x30, kInteger = 0x02;  // X.690 section 8.9 and 8.3

/// Takes tag and length off a value of DER that is shorter than 128 bytes, as both halves and
/// the whole of an ES256 signature are.
std::size_t take_head(ByteView& der, std::uint8_t tag) {
  must(der.size() >= 2 && der[0] == tag && der[1] <= der.size() - 2, kBadSignature);
  const std::size_t size = der[1];
  der = der.subspan(2);
  return size;
}

/// An integer without the zero that only says that it is not negative.
ByteView take_integer(ByteView& der) {
  const std::size_t size = take_head(der, kInteger);
  ByteView number = der.first(size);
  der = der.subspan(size);
  if (number.size() > kHalf && number.front() == 0) number = number.subspan(1);
  return number;
}

void put_integer(std::span<std::uint8_t> out, ByteView number) {
  must(number.size() <= out.size(), kBadSignature);
  std::ranges::copy(number, out.end() - static_cast<std::ptrdiff_t>(number.size()));
}

void prepare(Alg alg, EVP_PKEY_CTX* ctx) {
  must(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1, "signature hash");
  must(alg != Alg::kRs256 || EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1,
       "signature padding");
}

// A copy, because a context keeps state and may serve one thread at a time.
PkeyCtx copy_of(const EVP_PKEY_CTX* ready) {
  PkeyCtx ctx(EVP_PKEY_CTX_dup(ready));
  must(ctx != nullptr, "signature context");
  return ctx;
}

}  // namespace

Bytes to_p1363(ByteView der) {
  const std::size_t size = take_head(der, kSequence);
  must(size == der.size(), kBadSignature);
  Bytes out(kP1363Size);
  put_integer(std::span(out).first(kHalf), take_integer(der));
  put_integer(std::span(out).last(kHalf), take_integer(der));
  must(der.empty(), kBadSignature);
  return out;
}

std::optional<Bytes> to_der(ByteView p1363) {
  if (p1363.size() != kP1363Size) return std::nullopt;
  Number r = number_of(p1363.first(kHalf));
  Number s = number_of(p1363.last(kHalf));
  const EcdsaSig sig(ECDSA_SIG_new());
  must(r && s && sig, kBadSignature);
  if (!is_in_range(r.get()) || !is_in_range(s.get())) return std::nullopt;
  must(ECDSA_SIG_set0(sig.get(), r.release(), s.release()) == 1, kBadSignature);
  Bytes der(static_cast<std::size_t>(i2d_ECDSA_SIG(sig.get(), nullptr)));
  unsigned char* at = der.data();
  i2d_ECDSA_SIG(sig.get(), &at);
  return der;
}

PkeyCtx ready_to_sign(Alg alg, EVP_PKEY* key) {
  PkeyCtx ctx(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  must(ctx && EVP_PKEY_sign_init(ctx.get()) == 1, "signature context");
  prepare(alg, ctx.get());
  return ctx;
}

PkeyCtx ready_to_verify(Alg alg, EVP_PKEY* key) {
  PkeyCtx ctx(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  must(ctx && EVP_PKEY_verify_init(ctx.get()) == 1, "signature context");
  prepare(alg, ctx.get());
  return ctx;
}

std::optional<Bytes> sign_with(Alg alg, const EVP_PKEY_CTX* ready, std::string_view input) {
  const Sha256 hash = fast_sha256(bytes_of(input));
  const PkeyCtx ctx = copy_of(ready);
  Bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(EVP_PKEY_CTX_get0_pkey(ctx.get()))));
  std::size_t size = signature.size();
  if (EVP_PKEY_sign(ctx.get(), signature.data(), &size, hash.data(), hash.size()) != 1) {
    return std::nullopt;
  }
  signature.resize(size);
  return alg == Alg::kEs256 ? to_p1363(signature) : signature;
}

bool verify_with(Alg alg, const EVP_PKEY_CTX* ready, std::string_view input, ByteView signature) {
  const QuietErrors quiet;
  std::optional<Bytes> der;
  if (alg == Alg::kEs256) {
    der = to_der(signature);
    if (!der) return false;
    signature = *der;
  }
  const Sha256 hash = fast_sha256(bytes_of(input));
  const PkeyCtx ctx = copy_of(ready);
  return EVP_PKEY_verify(ctx.get(), signature.data(), signature.size(), hash.data(), hash.size()) ==
         1;
}

}  // namespace latchkey::crypto
