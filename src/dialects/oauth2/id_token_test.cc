#include "dialects/oauth2/id_token.h"

#include <gtest/gtest.h>

#include "crypto/digest.h"

namespace latchkey::dialects::oauth2 {
namespace {

constexpr Instant kNoon = from_epoch(1772366400);
constexpr std::string_view kIssuer = "https://id.example";

const crypto::Key& signer() {
  static const crypto::Key kKey = crypto::Key::generate(crypto::Alg::kEs256);
  return kKey;
}

json::Object public_key(const crypto::Key& key, std::string_view kid) {
  return key.public_jwk(kid).value();
}

std::string key_set(json::Array keys) {
  return json::write(json::Object{{"keys", std::move(keys)}});
}
std::string keys() { return key_set({public_key(signer(), "k1")}); }

std::string at_hash(std::string_view token) {
  const auto digest = crypto::sha256(bytes_of(token));
  return to_base64url(ByteView(digest).first(16));
}

json::Object claims() {
  return {{"iss", kIssuer},
          {"aud", "me"},
          {"sub", "somebody"},
          {"exp", epoch(kNoon) + 300},
          {"iat", epoch(kNoon)},
          {"nonce", "n0nce"},
          {"at_hash", at_hash("the access token")}};
}

json::Object changed(json::Object object, std::string_view name, const json::Value& value) {
  json::Object out;
  for (const auto& member : object)
    if (member.name != name) out.add(member.name, member.value);
  if (!value.is_null()) out.add(std::string(name), value);
  return out;
}

Secret signed_token(const json::Object& payload,
                    const json::Object& header = {{"alg", "ES256"}, {"kid", "k1"}},
                    const crypto::Key& key = signer()) {
  return crypto::sign_compact(key, json::write(header), json::write(payload));
}

IdTokenCheck expected() {
  return {.issuer = kIssuer,
          .client_id = "me",
          .nonce = Secret("n0nce"),
          .access_token = Secret("the access token"),
          .now = kNoon};
}

std::string said(const Secret& token, const std::string& set = keys(),
                 const IdTokenCheck& check = expected()) {
  const auto read = check_id_token(check, set, token);
  if (read) return "taken";
  EXPECT_EQ(read.error().why, Why::kBadResponse);
  return read.error().say;
}

struct Row {
  const char* name;
  const char* claim;
  json::Value value;
  bool taken;
};
class IdTokenClaim : public ::testing::TestWithParam<Row> {};

TEST_P(IdTokenClaim, IsHeldAgainstWhatWasAsked) {
  const auto& row = GetParam();
  const auto seen = said(signed_token(changed(claims(), row.claim, row.value)));
  EXPECT_EQ(seen == "taken", row.taken) << seen;
}

constexpr long long kAt = epoch(kNoon);

// checklist 36, 48, 49
INSTANTIATE_TEST_SUITE_P(
    , IdTokenClaim,
    ::testing::Values(
        Row{"as_it_should_be", "sub", "somebody", true}, Row{"no_issuer", "iss", nullptr, false},
        Row{"another_issuer", "iss", "https://id.example/", false},
        Row{"no_audience", "aud", nullptr, false}, Row{"another_audience", "aud", "you", false},
        Row{"part_of_the_audience_name", "aud", "me2", false},
        Row{"a_list_of_us", "aud", json::Array{"me"}, true},
        Row{"a_list_with_us_and_no_azp", "aud", json::Array{"me", "you"}, false},
        Row{"an_empty_list", "aud", json::Array{}, false}, Row{"given_to_us", "azp", "me", true},
        Row{"given_to_another", "azp", "you", false}, Row{"given_to_a_number", "azp", 7, false},
        Row{"no_subject", "sub", nullptr, false}, Row{"an_empty_subject", "sub", "", false},
        Row{"no_end", "exp", nullptr, false}, Row{"an_end_in_words", "exp", "1772366700", false},
        Row{"ended_just_within_the_skew", "exp", kAt - 59, true},
        Row{"ended_beyond_the_skew", "exp", kAt - 60, false},
        Row{"an_absurd_end", "exp", 1e300, false}, Row{"no_time_of_issue", "iat", nullptr, false},
        Row{"issued_within_the_skew", "iat", kAt + 60, true},
        Row{"issued_in_the_future", "iat", kAt + 61, false},
        Row{"begins_within_the_skew", "nbf", kAt + 60, true},
        Row{"begins_in_the_future", "nbf", kAt + 61, false},
        Row{"begins_in_words", "nbf", "now", false}, Row{"no_nonce", "nonce", nullptr, false},
        Row{"another_nonce", "nonce", "n0nce2", false}, Row{"no_at_hash", "at_hash", nullptr, true},
        Row{"an_at_hash_of_another_token", "at_hash", "AAAAAAAAAAAAAAAAAAAAAA", false},
        Row{"an_at_hash_that_is_no_text", "at_hash", 1, false}),
    [](const auto& info) { return info.param.name; });

TEST(IdToken, WithAnAuthorizedPartyMayBeForSeveral) {
  const auto several = changed(claims(), "aud", json::Array{"me", "you"});
  EXPECT_EQ(said(signed_token(changed(several, "azp", "me"))), "taken");
}

TEST(IdToken, OfADeviceAnswersNoNonce) {
  auto check = expected();
  check.nonce = Secret();
  EXPECT_EQ(said(signed_token(changed(claims(), "nonce", nullptr)), keys(), check), "taken");
}

// checklist 43, 45, 46: the header chooses neither the algorithm nor the key.
TEST(IdToken, OfAnotherFormIsRefused) {
  const auto none = [](const char* alg) {
    return Secret(to_base64url(bytes_of(json::write(json::Object{{"alg", alg}}))) + "." +
                  to_base64url(bytes_of(json::write(claims()))) + ".");
  };
  for (const char* alg : {"none", "None", "NONE", "nOnE", "", "HS256", "PS256", "EdDSA"})
    EXPECT_NE(said(none(alg)), "taken") << alg;
  const std::vector<json::Object> headers = {
      {{"kid", "k1"}},
      {{"alg", "ES256"}, {"kid", 1}},
      {{"alg", "ES256"}, {"kid", "k2"}},
      {{"alg", "ES256"}, {"kid", "k1"}, {"typ", "at+jwt"}},
      {{"alg", "ES256"}, {"kid", "k1"}, {"crit", json::Array{"exp"}}},
      {{"alg", "ES256"}, {"kid", "../k1"}},
      {{"alg", "RS256"}, {"kid", "k1"}},
  };
  for (const auto& header : headers)
    EXPECT_NE(said(signed_token(claims(), header)), "taken") << json::write(header);
  for (const char* text : {"", ".", "a.b.c", "not a token", "e30.e30.e30"})
    EXPECT_NE(said(Secret(text)), "taken") << text;
}

TEST(IdToken, SignedWithAKeyOfItsOwnIsRefused) {
  const auto mine = crypto::Key::generate(crypto::Alg::kEs256);
  json::Object header{{"alg", "ES256"}, {"kid", "k1"}};
  EXPECT_NE(said(signed_token(claims(), header, mine)), "taken");
  header.add("jwk", public_key(mine, "k1"));
  EXPECT_NE(said(signed_token(claims(), header, mine)), "taken");
}

// checklist 44: a public key's text is no secret to sign with.
TEST(IdToken, SignedWithThePublicKeyAsASecretIsRefused) {
  const auto text = to_base64url(bytes_of(json::write(public_key(signer(), "k1"))));
  const auto confused = crypto::Key::import_private(crypto::Alg::kHs256, Secret(text));
  ASSERT_TRUE(confused);
  EXPECT_NE(said(signed_token(claims(), {{"alg", "HS256"}, {"kid", "k1"}}, *confused)), "taken");
}

TEST(IdToken, WithoutAKidNeedsOneKeyThatFits) {
  const json::Object header{{"alg", "ES256"}};
  const auto rsa = crypto::Key::generate(crypto::Alg::kRs256);
  EXPECT_EQ(said(signed_token(claims(), header),
                 key_set({public_key(rsa, "r"), public_key(signer(), "k1")})),
            "taken");
  const auto other = crypto::Key::generate(crypto::Alg::kEs256);
  EXPECT_NE(said(signed_token(claims(), header),
                 key_set({public_key(other, "k2"), public_key(signer(), "k1")})),
            "taken");
  EXPECT_EQ(said(signed_token(claims(), {{"alg", "RS256"}, {"kid", "r"}}, rsa),
                 key_set({public_key(rsa, "r")})),
            "taken");
}

// checklist 52: what is not public, or for another purpose, is no key to check with.
TEST(IdToken, NeedsAPublicKeyForSignatures) {
  auto encryption = changed(public_key(signer(), "k1"), "use", "enc");
  EXPECT_NE(said(signed_token(claims()), key_set({encryption})), "taken");
  auto private_one = public_key(signer(), "k1").add("d", "AAAA");
  EXPECT_NE(said(signed_token(claims()), key_set({private_one})), "taken");
  for (const char* set : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[1]})"})
    EXPECT_NE(said(signed_token(claims()), set), "taken") << set;
  EXPECT_NE(said(signed_token(claims()),
                 key_set(json::Array(kMostKeys + 1, json::Value(public_key(signer(), "k1"))))),
            "taken");
}

}  // namespace
}  // namespace latchkey::dialects::oauth2
