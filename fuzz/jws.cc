// crypto::verify_compact, peek_claims and Key::from_jwk. Nobody can sign here, so
// nothing may be taken but the one token that was signed.

#include "crypto/jws.h"
#include "base/json.h"
#include "fuzz.h"

using namespace latchkey;

namespace {

// RFC 7515, appendices A.1 and A.3: keys, and in the corpus the tokens made with them.
constexpr const char* kHmac =
    R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})";
constexpr const char* kCurve =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
constexpr std::string_view kSignedByHmac =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0"
    "dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr std::string_view kSignedByCurve =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNv"
    "bS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQx"
    "fKTUJqPP3-Kg6NU1Q";

crypto::Key key_of(crypto::Alg alg, const char* jwk) {
  return *crypto::Key::from_jwk(alg, *json::parse(jwk)->as_object());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const crypto::Key hmac = key_of(crypto::Alg::kHs256, kHmac);
  static const crypto::Key curve = key_of(crypto::Alg::kEs256, kCurve);
  const auto text = fuzz::text_of(data, size);
  const bool by_hmac = crypto::verify_compact(hmac, text).has_value();
  const bool by_curve = crypto::verify_compact(curve, text).has_value();
  fuzz::must(by_hmac == (text == kSignedByHmac), "HS256 takes what was signed and nothing else");
  fuzz::must(by_curve == (text == kSignedByCurve), "ES256 takes what was signed and nothing else");

  if (const auto claims = crypto::peek_claims(text))
    for (const char* name : {"exp", "iat", "nbf"})
      if (const auto when = crypto::time_claim(*claims, name))
        fuzz::must(*when <= kEndOfTime && *when >= Instant{}, "a claim's time can be written");

  const auto jwk = json::parse(text);
  if (jwk && jwk->as_object())
    for (const auto alg : {crypto::Alg::kHs256, crypto::Alg::kRs256, crypto::Alg::kEs256})
      if (const auto key = crypto::Key::from_jwk(alg, *jwk->as_object()))
        fuzz::must(!key->verify("x", {}), "no signature is no signature");
  return 0;
}
