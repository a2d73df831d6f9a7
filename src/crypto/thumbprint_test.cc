#include "crypto/thumbprint.h"

#include "crypto/tokens_test.h"

namespace latchkey::crypto {
namespace {

constexpr Alg kAsymmetric[] = {Alg::kEs256, Alg::kRs256};
constexpr Alg kOnlyEs256[] = {Alg::kEs256};

json::Object object_from(std::string_view text) { return *json::parse(text)->as_object(); }

std::string jwk_text(const Key& key) { return json::write(key.public_jwk("x").value()); }

std::string proof_by(const Key& key, std::string_view jwk) {
  return signed_with(key, header_for(key.alg(), R"(,"jwk":)" + std::string(jwk)), "{}");
}

// RFC 7638 section 3.1.
TEST(Thumbprint, IsTheOneOfTheStandardsExample) {
  const auto jwk = object_from(
      R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"})");
  const Key key = Key::from_jwk(Alg::kRs256, jwk).value();
  EXPECT_EQ(thumbprint(key).value(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

// RFC 9449, sections 4.1 and 6.1.
TEST(Thumbprint, OfTheKeyInTheStandardsProof) {  // checklist 39
  const std::string proof =
      "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6Ik"
      "VDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR"
      "nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JE"
      "QSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIj"
      "oiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwia"
      "WF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg"
      "4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
  const auto seen = verify_self_signed(proof, kAsymmetric);
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->thumbprint, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
}

TEST(Thumbprint, IsThereForPublicKeysOnly) {
  EXPECT_EQ(thumbprint(key_for(Alg::kHs256)).error().why, Why::kUnsupported);
  EXPECT_EQ(thumbprint(key_for(Alg::kEs256)).value().size(), 43u);
}

TEST(Thumbprint, IsTheSameForEverySpellingOfOneKey) {
  const Key& key = key_for(Alg::kRs256);
  const json::Object jwk = key.public_jwk("one").value();
  Bytes padded = *parse_base64url(text_in(jwk, "n"));
  padded.insert(padded.begin(), 0);
  const json::Object other{{"e", "AQAB"}, {"n", to_base64url(padded)}, {"kty", "RSA"}};
  const Key again = Key::from_jwk(Alg::kRs256, other).value();
  EXPECT_EQ(thumbprint(again).value(), thumbprint(key).value());
}

TEST(SelfSigned, IsVerifiedByItsOwnKey) {
  for (const Alg alg : kAsymmetric) {
    const Key& key = key_for(alg);
    const auto seen = verify_self_signed(proof_by(key, jwk_text(key)), kAsymmetric);
    ASSERT_TRUE(seen.has_value()) << name_of(alg);
    EXPECT_EQ(seen->thumbprint, thumbprint(key).value());
    EXPECT_EQ(seen->jws.payload, "{}");
  }
}

void expect_unsigned(std::string_view what, std::string_view text,
                     std::span<const Alg> allowed = kAsymmetric) {
  const auto seen = verify_self_signed(text, allowed);
  ASSERT_FALSE(seen.has_value()) << what;
  EXPECT_EQ(seen.error().why, Why::kInvalidToken) << what;
}

TEST(SelfSigned, IsRefusedWhenTheKeyIsNotWhatItSeems) {  // checklist 39, 43, 44
  const Key& key = key_for(Alg::kEs256);
  const Key other = Key::generate(Alg::kEs256);
  const std::string jwk = jwk_text(key);
  expect_unsigned("another's key", proof_by(key, jwk_text(other)));
  expect_unsigned("an algorithm that is not allowed",
                  proof_by(key_for(Alg::kRs256), jwk_text(key_for(Alg::kRs256))), kOnlyEs256);
  expect_unsigned("no key", signed_with(key, header_for(Alg::kEs256)));
  expect_unsigned("a key that is text", proof_by(key, R"("here")"));
  expect_unsigned("an RSA key for ES256", proof_by(key, jwk_text(key_for(Alg::kRs256))));
  expect_unsigned("critical extensions",
                  signed_with(key, header_for(Alg::kEs256, R"(,"crit":["a"],"a":1,"jwk":)" + jwk)));
  const std::string none = base64url(R"({"alg":"none","jwk":)" + jwk + "}");
  expect_unsigned("none", none + "." + base64url("{}") + ".");
  for (const std::string_view member : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
    const std::string shown = "{\"" + std::string(member) + "\":\"AQAB\"," + jwk.substr(1);
    expect_unsigned(member, proof_by(key, shown));
  }
}

TEST(SelfSigned, CannotBeMadeWithAnHmacKey) {  // checklist 44
  const Key& key = key_for(Alg::kHs256);
  const std::string oct =
      R"({"kty":"oct","k":")" + std::string(key.export_private().reveal()) + "\"}";
  constexpr Alg kCareless[] = {Alg::kHs256, Alg::kEs256};
  expect_unsigned("a symmetric key", proof_by(key, oct), kCareless);
}

TEST(PeekHeader, ReadsWhatNobodyHasVerified) {
  const std::string token = signed_with(key_for(Alg::kEs256), R"({"alg":"ES256","kid":"k1"})");
  EXPECT_EQ(text_in(peek_header(token).value(), "kid"), "k1");
  for (const char* bad : {"", "a.b", "....", "e30", "W10.e30.", "ew.e30."}) {
    EXPECT_FALSE(peek_header(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace latchkey::crypto
