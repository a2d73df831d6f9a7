#include "dialects/oauth2/assertion.h"

#include "dialects/oauth2/testing.h"

namespace latchkey::dialects::oauth2 {
namespace {

constexpr std::string_view kIssuer = "https://as.example/realm";
constexpr crypto::Alg kEs256 = crypto::Alg::kEs256;
constexpr crypto::Alg kRs256 = crypto::Alg::kRs256;
const ClientId kClient("backup");

json::Object jwk_of(const crypto::Key& key, std::string_view kid) {
  return key.public_jwk(kid).value();
}

std::string keys(json::Array list) { return json::write(json::Object{{"keys", std::move(list)}}); }
std::string registered() {
  return keys({jwk_of(test_key(kEs256), "e1"), jwk_of(test_key(kRs256), "r1")});
}

json::Object claims() {
  return {{"iss", "backup"}, {"sub", "backup"},   {"aud", kIssuer},
          {"jti", "id-1"},   {"exp", 1772366460}, {"iat", 1772366400}};
}

Secret assertion(const json::Object& claims, std::string_view kid = "e1") {
  return signed_text(test_key(kEs256), {{"alg", "ES256"}, {"kid", kid}}, claims);
}

void expect_refused(const char* what, const Secret& text, const std::string& with = registered()) {
  const auto seen = verify_assertion(text, kClient, with, kIssuer);
  ASSERT_FALSE(seen.has_value()) << what;
  EXPECT_EQ(seen.error().why, Why::kBadCredentials) << what;
  EXPECT_EQ(seen.error().say, "client is invalid") << what;  // checklist 59
}

TEST(Assertion, OfARegisteredKeyIsTaken) {  // checklist 41
  EXPECT_EQ(claimed_client(assertion(claims())).value(), kClient);
  for (const auto& [key, kid] : {std::pair{kEs256, "e1"}, std::pair{kRs256, "r1"}}) {
    const auto text =
        signed_text(test_key(key), {{"alg", crypto::name_of(key)}, {"kid", kid}}, claims());
    const auto seen = verify_assertion(text, kClient, registered(), kIssuer);
    ASSERT_TRUE(seen.has_value()) << seen.error().note;
    EXPECT_TRUE(seen->verified);
    EXPECT_EQ(seen->id, "id-1");
    EXPECT_EQ(seen->issued, from_epoch(1772366400));
    EXPECT_EQ(seen->until, from_epoch(1772366460));
  }
}

TEST(Assertion, MayLeaveOutWhatIsOptional) {
  const auto bare =
      signed_text(test_key(kEs256), {{"alg", "ES256"}},
                  changed(changed(claims(), "iat", std::nullopt), "aud", json::Array{kIssuer}));
  const auto seen = verify_assertion(bare, kClient, registered(), kIssuer);
  ASSERT_TRUE(seen.has_value()) << seen.error().note;
  EXPECT_EQ(seen->issued, std::nullopt);
  const auto later = assertion(changed(claims(), "nbf", 1772366430));
  EXPECT_EQ(verify_assertion(later, kClient, registered(), kIssuer)->issued,
            from_epoch(1772366430));
}

struct Row {
  const char* what;
  std::string member;
  std::optional<json::Value> value;
};

TEST(Assertion, IsRefusedUnlessEachClaimIsRight) {  // checklist 41, 48, 49
  const Row rows[] = {
      {"no iss", "iss", std::nullopt},
      {"another iss", "iss", "backup2"},
      {"iss in capitals", "iss", "Backup"},
      {"no sub", "sub", std::nullopt},
      {"another sub", "sub", "other"},
      {"no aud", "aud", std::nullopt},
      {"the token endpoint as aud", "aud", "https://as.example/realm/oauth2/token"},
      {"the issuer with a slash", "aud", "https://as.example/realm/"},
      {"the issuer among others", "aud", json::Array{kIssuer, "https://evil.example"}},
      {"the issuer twice", "aud", json::Array{kIssuer, kIssuer}},
      {"an empty aud", "aud", json::Array{}},
      {"no jti", "jti", std::nullopt},
      {"an empty jti", "jti", ""},
      {"jti is a number", "jti", 5},
      {"an oversized jti", "jti", std::string(kMostAssertionIdBytes + 1, 'a')},
      {"no exp", "exp", std::nullopt},
      {"exp is text", "exp", "1772366460"},
      {"exp is negative", "exp", -1},
      {"iat is text", "iat", "1"},
      {"nbf is huge", "nbf", 1e300}};
  for (const Row& row : rows) {
    expect_refused(row.what, assertion(changed(claims(), row.member, row.value)));
  }
}

TEST(Assertion, TheRegistrationChoosesTheAlgorithm) {  // checklist 41, 43, 44
  const crypto::Key& hmac = test_key(crypto::Alg::kHs256);
  const json::Object oct{{"kty", "oct"}, {"k", std::string(hmac.export_private().reveal())}};
  const auto by_hmac = signed_text(hmac, {{"alg", "HS256"}}, claims());
  expect_refused("a symmetric key, though registered", by_hmac, keys({oct}));

  // The bytes of a public key, used as a secret.
  const json::Object ec = jwk_of(test_key(kEs256), "e1");
  const std::string x = *ec.find("x")->as_string();
  const auto confused = crypto::Key::from_jwk(crypto::Alg::kHs256, {{"kty", "oct"}, {"k", x}});
  expect_refused("key confusion", signed_text(confused.value(), {{"alg", "HS256"}}, claims()));

  expect_refused("RS256 in the header of ES256",
                 signed_text(test_key(kEs256), {{"alg", "RS256"}}, claims()));
  const json::Object lying = changed(ec, "alg", "RS256");
  expect_refused("a key that says it is for another", assertion(claims()), keys({lying}));
  const std::string none = to_base64url(bytes_of(R"({"alg":"none"})")) + "." +
                           to_base64url(bytes_of(json::write(claims()))) + ".";
  expect_refused("none", Secret(none));
}

TEST(Assertion, OfAnyOtherKeyIsRefused) {  // checklist 41, 45
  const crypto::Key other = crypto::Key::generate(kEs256);
  expect_refused("a key that was not registered",
                 signed_text(other, {{"alg", "ES256"}, {"kid", "e1"}}, claims()));
  expect_refused("a key that the header brings",
                 signed_text(other, {{"alg", "ES256"}, {"jwk", jwk_of(other, "e1")}}, claims()));
  expect_refused("another registered key's name", assertion(claims(), "r1"));
  expect_refused("no key is registered", assertion(claims()), keys({}));
  expect_refused("what is registered is no set", assertion(claims()), "[]");
  expect_refused("nothing", Secret());
  expect_refused("too long", Secret(std::string(kMostAssertionBytes + 1, 'a')));
  EXPECT_FALSE(verify_assertion(assertion(changed(changed(claims(), "iss", ""), "sub", "")),
                                ClientId(), registered(), kIssuer));
}

TEST(Assertion, SaysWhoseItIsOrIsRefused) {
  for (const std::string& bad :
       {std::string(), std::string("a.b.c"), std::string(kMostAssertionBytes + 1, 'a'),
        std::string(assertion(changed(claims(), "sub", std::nullopt)).reveal()),
        std::string(assertion(changed(claims(), "sub", "")).reveal())}) {
    const auto client = claimed_client(Secret(bad));
    ASSERT_FALSE(client.has_value());
    EXPECT_EQ(client.error().why, Why::kBadCredentials);
  }
}

TEST(ClientKeys, AreKeptWithTheirPublicMembersOnly) {  // checklist 52
  json::Object odd = changed(jwk_of(test_key(kEs256), "e1"), "x5u", "https://evil.example/c");
  odd.add("jku", "https://evil.example/k");
  const auto kept = read_client_keys({{"keys", json::Array{odd}}});
  ASSERT_TRUE(kept.has_value()) << kept.error().say;
  EXPECT_EQ(*kept, keys({jwk_of(test_key(kEs256), "e1")}));
  const auto unnamed = read_client_keys(
      {{"keys", json::Array{changed(jwk_of(test_key(kRs256), ""), "kid", std::nullopt)}}}, "RS256");
  ASSERT_TRUE(unnamed.has_value()) << unnamed.error().say;
  EXPECT_FALSE(unnamed->contains("kid"));
}

TEST(ClientKeys, AreRefusedWhenTheyAreNotFit) {  // checklist 52
  const json::Object ec = jwk_of(test_key(kEs256), "e1");
  const json::Object oct{{"kty", "oct"}, {"k", "c2VjcmV0"}};
  const std::pair<const char*, json::Object> rows[] = {
      {"no keys", {}},
      {"keys is an object", {{"keys", json::Object{}}}},
      {"none", {{"keys", json::Array{}}}},
      {"too many", {{"keys", json::Array(kMostClientKeys + 1, ec)}}},
      {"a key that is text", {{"keys", json::Array{"key"}}}},
      {"a symmetric key", {{"keys", json::Array{oct}}}},
      {"a private key",
       {{"keys", json::Array{changed(ec, "d", ec.find("x")->as_string()->c_str())}}}},
      {"another curve", {{"keys", json::Array{changed(ec, "crv", "P-521")}}}},
      {"no point of the curve", {{"keys", json::Array{changed(ec, "x", *ec.find("y"))}}}},
      {"for encryption", {{"keys", json::Array{changed(ec, "use", "enc")}}}},
      {"kid is a number", {{"keys", json::Array{changed(ec, "kid", 1)}}}},
      {"a short RSA key",
       {{"keys",
         json::Array{json::Object{{"kty", "RSA"}, {"e", "AQAB"}, {"n", std::string(170, 'x')}}}}}}};
  for (const auto& [what, jwks] : rows) {
    const auto kept = read_client_keys(jwks);
    ASSERT_FALSE(kept.has_value()) << what;
    EXPECT_EQ(kept.error().why, Why::kMalformed) << what;
  }
  EXPECT_FALSE(read_client_keys({{"keys", json::Array{ec}}}, "RS256").has_value());
  EXPECT_TRUE(read_client_keys({{"keys", json::Array(kMostClientKeys, ec)}}, "ES256").has_value());
}

}  // namespace
}  // namespace latchkey::dialects::oauth2
