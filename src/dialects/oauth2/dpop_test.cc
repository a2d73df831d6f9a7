#include "dialects/oauth2/dpop.h"

#include "crypto/thumbprint.h"
#include "dialects/oauth2/testing.h"

namespace latchkey::dialects::oauth2 {
namespace {

constexpr std::string_view kUri = "https://as.example/oauth2/token";
constexpr crypto::Alg kEs256 = crypto::Alg::kEs256;

json::Object header_of(const crypto::Key& key) {
  return {{"typ", "dpop+jwt"},
          {"alg", crypto::name_of(key.alg())},
          {"jwk", changed(key.public_jwk("").value(), "kid", std::nullopt)}};
}

json::Object claims() {
  return {{"jti", "id-1"}, {"htm", "POST"}, {"htu", kUri}, {"iat", 1772366400}};
}

Secret proof(const json::Object& header, const json::Object& claims) {
  return signed_text(test_key(kEs256), header, claims);
}

TEST(Dpop, ReadsWhatAProofSays) {  // checklist 39
  for (const crypto::Alg alg : {kEs256, crypto::Alg::kRs256}) {
    const crypto::Key& key = test_key(alg);
    json::Object all = claims();
    all.add("ath", "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo").add("nonce", "n-7");
    const auto seen = verify_proof(signed_text(key, header_of(key), all), "POST", kUri);
    ASSERT_TRUE(seen.has_value()) << seen.error().say;
    EXPECT_TRUE(seen->verified);
    EXPECT_EQ(seen->thumbprint, crypto::thumbprint(key).value());
    EXPECT_EQ(seen->id, "id-1");
    EXPECT_EQ(seen->issued, from_epoch(1772366400));
    EXPECT_EQ(seen->method, "POST");
    EXPECT_EQ(seen->uri, kUri);
    EXPECT_EQ(seen->token_hash, "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
    EXPECT_EQ(seen->nonce, "n-7");
  }
}

// RFC 9449 section 7.1: the token and its "ath".
TEST(Dpop, HashesATokenAsTheStandardDoes) {
  EXPECT_EQ(token_hash(Secret("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU")),
            "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
}

TEST(Dpop, ComparesTheTargetAndNotItsSpelling) {  // checklist 39
  for (const char* uri :
       {"HTTPS://AS.example:443/oauth2/token", "https://as.example/oauth2/token?a=b",
        "https://as.example/oauth2/token#f", "https://as.example/oauth2/./%74oken"}) {
    const auto text = proof(header_of(test_key(kEs256)), changed(claims(), "htu", uri));
    const auto seen = verify_proof(text, "POST", kUri);
    ASSERT_TRUE(seen.has_value()) << uri;
    EXPECT_EQ(seen->uri, kUri);
  }
}

struct Row {
  const char* what;
  std::string member;
  std::optional<json::Value> value;
};

void expect_refused(const char* what, const Secret& text, std::string_view method = "POST",
                    std::string_view uri = kUri) {
  const auto seen = verify_proof(text, method, uri);
  ASSERT_FALSE(seen.has_value()) << what;
  EXPECT_EQ(seen.error().why, Why::kOtpWrong) << what;
  EXPECT_FALSE(seen.error().say.empty()) << what;
}

TEST(Dpop, RefusesAHeaderThatIsNotAProofs) {  // checklist 39, 43
  const json::Object rsa = test_key(crypto::Alg::kRs256).public_jwk("").value();
  const Row rows[] = {{"no typ", "typ", std::nullopt},
                      {"another typ", "typ", "JWT"},
                      {"typ in capitals", "typ", "DPOP+JWT"},
                      {"typ is a number", "typ", 1},
                      {"no alg", "alg", std::nullopt},
                      {"none", "alg", "none"},
                      {"symmetric", "alg", "HS256"},
                      {"unknown", "alg", "ES512"},
                      {"no key", "jwk", std::nullopt},
                      {"another key", "jwk", rsa},
                      {"a key that is text", "jwk", "key"},
                      {"critical", "crit", json::Array{"b64"}},
                      {"b64", "b64", false}};
  const json::Object header = header_of(test_key(kEs256));
  for (const Row& row : rows) {
    expect_refused(row.what, proof(changed(header, row.member, row.value), claims()));
  }
  const json::Object jwk = *header.find("jwk")->as_object();
  for (const char* member : {"d", "p", "q", "dp", "dq", "qi", "k"}) {
    expect_refused(member, proof(changed(header, "jwk", changed(jwk, member, "AQAB")), claims()));
  }
}

TEST(Dpop, RefusesClaimsThatAreMissingOrOdd) {  // checklist 39, 48
  const Row rows[] = {{"no jti", "jti", std::nullopt},
                      {"an empty jti", "jti", ""},
                      {"jti is a number", "jti", 7},
                      {"an oversized jti", "jti", std::string(kMostProofIdBytes + 1, 'a')},
                      {"a jti with a line end", "jti", "a\nb"},
                      {"no htm", "htm", std::nullopt},
                      {"another method", "htm", "GET"},
                      {"the method in small letters", "htm", "post"},
                      {"no htu", "htu", std::nullopt},
                      {"another host", "htu", "https://evil.example/oauth2/token"},
                      {"another path", "htu", "https://as.example/oauth2/tokens"},
                      {"another scheme", "htu", "http://as.example/oauth2/token"},
                      {"another port", "htu", "https://as.example:444/oauth2/token"},
                      {"a path alone", "htu", "/oauth2/token"},
                      {"no iat", "iat", std::nullopt},
                      {"iat is text", "iat", "1772366400"},
                      {"iat is negative", "iat", -1},
                      {"iat is huge", "iat", 1e300},
                      {"ath is a number", "ath", 1},
                      {"ath is empty", "ath", ""},
                      {"nonce is a list", "nonce", json::Array{}},
                      {"an oversized nonce", "nonce", std::string(kMostProofNonceBytes + 1, 'a')}};
  for (const Row& row : rows) {
    expect_refused(row.what,
                   proof(header_of(test_key(kEs256)), changed(claims(), row.member, row.value)));
  }
  const auto largest = proof(header_of(test_key(kEs256)),
                             changed(claims(), "jti", std::string(kMostProofIdBytes, 'a')));
  EXPECT_TRUE(verify_proof(largest, "POST", kUri).has_value());
}

TEST(Dpop, RefusesWhatIsNotSigned) {  // checklist 39
  const std::string good(proof(header_of(test_key(kEs256)), claims()).reveal());
  expect_refused("nothing", Secret());
  expect_refused("no JWS", Secret("abc"));
  expect_refused("without its signature", Secret(good.substr(0, good.rfind('.') + 1)));
  std::string turned = good;
  turned[good.size() / 2] = turned[good.size() / 2] == 'A' ? 'B' : 'A';
  expect_refused("a letter changed", Secret(turned));
  expect_refused("too long", Secret(std::string(kMostProofBytes + 1, 'a')));
  expect_refused(
      "claims that are a list",
      crypto::sign_compact(test_key(kEs256), json::write(header_of(test_key(kEs256))), "[]"));
}

TEST(Dpop, ARequestBringsOneProofOrNone) {  // checklist 39
  http::Request request{.method = "POST"};
  EXPECT_EQ(proof_of(request, kUri).value(), std::nullopt);
  request.headers.add("dpop", std::string(proof(header_of(test_key(kEs256)), claims()).reveal()));
  EXPECT_EQ(proof_of(request, kUri).value()->id, "id-1");
  request.headers.add("DPoP", "");
  const auto two = proof_of(request, kUri);
  ASSERT_FALSE(two.has_value());
  EXPECT_EQ(two.error().why, Why::kOtpWrong);
}

}  // namespace
}  // namespace latchkey::dialects::oauth2
