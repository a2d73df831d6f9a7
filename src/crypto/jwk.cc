#include <openssl/core_names.h>

#include <algorithm>

#include "crypto/jws.h"
#include "crypto/key_impl.h"
#include "crypto/sodium.h"

namespace latchkey::crypto {
namespace {

constexpr std::size_t kCoordinate = 32;  // bytes of x, y and d on P-256: RFC 7518 section 6.2

const char* kty_of(Alg alg) {
  switch (alg) {
    case Alg::kHs256: return "oct";
    case Alg::kRs256: return "RSA";
    case Alg::kEs256: return "EC";
  }
  return "";
}

bool is_text(const json::Value& value, std::string_view text) {
  return value.as_string() != nullptr && *value.as_string() == text;
}

bool allows_signatures(const json::Value& key_ops) {
  const json::Array* operations = key_ops.as_array();
  return operations != nullptr && std::ranges::any_of(*operations, [](const json::Value& one) {
           return is_text(one, "verify") || is_text(one, "sign");
         });
}

// What the JWK says about its purpose: RFC 7517 sections 4.1 to 4.4.
Result<> check_purpose(Alg alg, const json::Object& jwk) {
  const std::string kty = TRY(json::string_field(jwk, "kty"));
  if (kty != kty_of(alg)) return fail(Why::kUnsupported, "a key of another type");
  const json::Value* use = jwk.find("use");
  if (use != nullptr && !is_text(*use, "sig")) {
    return fail(Why::kUnsupported, "the key is not for signatures");
  }
  const json::Value* key_ops = jwk.find("key_ops");
  if (key_ops != nullptr && !allows_signatures(*key_ops)) {
    return fail(Why::kUnsupported, "the key is not for signatures");
  }
  const json::Value* named = jwk.find("alg");
  if (named != nullptr && !is_text(*named, name_of(alg))) {
    return fail(Why::kUnsupported, "the key is for another algorithm");
  }
  return {};
}

Result<Bytes> bytes_field(const json::Object& jwk, std::string_view name) {
  const std::string text = TRY(json::string_field(jwk, name));
  auto bytes = parse_base64url(text);
  if (!bytes || bytes->empty()) {
    return fail(Why::kMalformed, std::string(name) + " is not base64url");
  }
  return std::move(*bytes);
}

Result<Bytes> coordinate_field(const json::Object& jwk, std::string_view name) {
  Bytes bytes = TRY(bytes_field(jwk, name));
  if (bytes.size() != kCoordinate) {
    return fail(Why::kMalformed, std::string(name) + " is not 32 bytes");
  }
  return bytes;
}

Result<Number> number_field(const json::Object& jwk, std::string_view name) {
  Bytes bytes = TRY(bytes_field(jwk, name));
  if (bytes.size() > kMostRsaBits / 8 + 1) {
    return fail(Why::kMalformed, std::string(name) + " is too long");
  }
  Number number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  must(number != nullptr, "memory");
  wipe(bytes.data(), bytes.size());
  return number;
}

Result<Pkey> make_pkey(const char* type, int selection, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const PkeyCtx ctx(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  must(params && ctx && EVP_PKEY_fromdata_init(ctx.get()) == 1, "key import");
  EVP_PKEY* pkey = nullptr;
  if (EVP_PKEY_fromdata(ctx.get(), &pkey, selection, params.get()) != 1) {
    return fail(Why::kMalformed, "the numbers are not a key");
  }
  return Pkey(pkey);
}

Result<Pkey> read_ec(const json::Object& jwk, bool is_private) {
  const std::string crv = TRY(json::string_field(jwk, "crv"));
  if (crv != "P-256") return fail(Why::kUnsupported, "a curve other than P-256");
  const Bytes x = TRY(coordinate_field(jwk, "x"));
  const Bytes y = TRY(coordinate_field(jwk, "y"));
  Bytes point{POINT_CONVERSION_UNCOMPRESSED};
  point.insert(point.end(), x.begin(), x.end());
  point.insert(point.end(), y.begin(), y.end());

  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  must(builder &&
           OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                           SN_X9_62_prime256v1, 0) == 1 &&
           OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                            point.size()) == 1,
       "key import");
  if (!is_private) return make_pkey("EC", EVP_PKEY_PUBLIC_KEY, builder.get());
  Bytes scalar = TRY(coordinate_field(jwk, "d"));
  const Number d(BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), nullptr));
  wipe(scalar.data(), scalar.size());
  must(d && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, d.get()) == 1,
       "key import");
  return make_pkey("EC", EVP_PKEY_KEYPAIR, builder.get());
}

// The members of RFC 7518 section 6.3, and what OpenSSL calls them. A private key
// must have them all: without the primes each signature would be four times slower.
struct RsaMember {
  const char* jwk;
  const char* openssl;
};
constexpr RsaMember kRsaMembers[] = {
    {"n", OSSL_PKEY_PARAM_RSA_N},          {"e", OSSL_PKEY_PARAM_RSA_E},
    {"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
    {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
    {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}};
constexpr std::size_t kRsaPublicMembers = 2;

Result<Pkey> read_rsa(const json::Object& jwk, bool is_private) {
  if (jwk.find("oth") != nullptr) return fail(Why::kUnsupported, "more than two primes");
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  must(builder != nullptr, "memory");
  std::vector<Number> numbers;  // the builder only points at them
  const std::size_t members = is_private ? std::size(kRsaMembers) : kRsaPublicMembers;
  for (std::size_t i = 0; i < members; ++i) {
    Number number = TRY(number_field(jwk, kRsaMembers[i].jwk));
    must(OSSL_PARAM_BLD_push_BN(builder.get(), kRsaMembers[i].openssl, number.get()) == 1,
         "key import");
    numbers.push_back(std::move(number));
  }
  const int selection = is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
  return make_pkey("RSA", selection, builder.get());
}

std::string number_of_pkey(const EVP_PKEY* pkey, const char* name, std::size_t least_size) {
  BIGNUM* raw = nullptr;
  must(EVP_PKEY_get_bn_param(pkey, name, &raw) == 1, "key export");
  const Number number(raw);
  const auto needed = static_cast<std::size_t>(BN_num_bytes(number.get()));
  Bytes bytes(std::max(needed, least_size));
  must(BN_bn2binpad(number.get(), bytes.data(), static_cast<int>(bytes.size())) >= 0, "key export");
  return to_base64url(bytes);
}

}  // namespace

Result<Key> Key::from_jwk(Alg alg, const json::Object& jwk) {
  const QuietErrors quiet;
  TRY(check_purpose(alg, jwk));
  if (alg == Alg::kHs256) {
    Bytes bytes = TRY(bytes_field(jwk, "k"));
    auto hmac = TRY(Impl::of_hmac(into_secret(std::move(bytes))));
    return Key(std::move(hmac));
  }
  const bool is_private = jwk.find("d") != nullptr;
  Pkey pkey = TRY(alg == Alg::kRs256 ? read_rsa(jwk, is_private) : read_ec(jwk, is_private));
  auto impl = TRY(Impl::of_pkey(alg, std::move(pkey), is_private));
  return Key(std::move(impl));
}

Result<json::Object> Key::public_jwk(std::string_view kid) const {
  json::Object jwk{
      {"kty", kty_of(impl_->alg)}, {"kid", kid}, {"use", "sig"}, {"alg", name_of(impl_->alg)}};
  const EVP_PKEY* pkey = impl_->pkey.get();
  switch (impl_->alg) {
    case Alg::kHs256: return fail(Why::kUnsupported, "an HMAC key has no public half");
    case Alg::kRs256:
      jwk.add("n", number_of_pkey(pkey, OSSL_PKEY_PARAM_RSA_N, 0));
      jwk.add("e", number_of_pkey(pkey, OSSL_PKEY_PARAM_RSA_E, 0));
      return jwk;
    case Alg::kEs256:
      jwk.add("crv", "P-256");
      jwk.add("x", number_of_pkey(pkey, OSSL_PKEY_PARAM_EC_PUB_X, kCoordinate));
      jwk.add("y", number_of_pkey(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, kCoordinate));
      return jwk;
  }
  return fail(Why::kBug, "", "an Alg that is none of the three");
}

}  // namespace latchkey::crypto
