#include "dialects/oauth2/client_key.h"

#include <gtest/gtest.h>

#include "dialects/oauth2/assertion.h"
#include "dialects/oauth2/client.h"
#include "dialects/oauth2/operation_parts.h"
#include "dialects/oauth2/testing.h"

namespace latchkey::dialects::oauth2 {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNoon = from_epoch(1772366400);
constexpr std::string_view kIssuer = "https://id.example/tenant";
constexpr std::string_view kDescription =
    R"({"issuer":"https://id.example/tenant","token_endpoint":"https://id.example/t"})";

std::string registered(const crypto::Key& key, std::string_view kid) {
  return json::write(json::Object{{"keys", json::Array{key.public_jwk(kid).value()}}});
}

/// As a file is read: without the end of its last line.
Secret pem_of(const crypto::Key& key) {
  const Secret text = key.export_private();
  return Secret(text.reveal().substr(0, text.size() - 1));
}

class SigningKeyRow : public ::testing::TestWithParam<crypto::Alg> {};

// checklist 41, from the other side.
TEST_P(SigningKeyRow, SignsWhatAnAuthorityTakes) {
  const auto& key = test_key(GetParam());
  const auto read = read_private_key(pem_of(key));
  ASSERT_TRUE(read) << read.error().say;
  EXPECT_EQ(read->key.alg(), GetParam());
  const auto assertion = sign_assertion(*read, ClientId("me"), kIssuer, kNoon);
  const auto said = verify_assertion(assertion, ClientId("me"), registered(key, "k1"), kIssuer);
  ASSERT_TRUE(said) << said.error().note;
  EXPECT_EQ(said->issued, kNoon);
  EXPECT_EQ(said->until, kNoon + 60s);
}

INSTANTIATE_TEST_SUITE_P(, SigningKeyRow,
                         ::testing::Values(crypto::Alg::kEs256, crypto::Alg::kRs256),
                         [](const auto& info) { return std::string(name_of(info.param)); });

// RFC 7515, appendix A.3.
constexpr std::string_view kJwk = R"({"kty":"EC","crv":"P-256","kid":"2026-11",)"
                                  R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                                  R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",)"
                                  R"("d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"})";

TEST(SigningKey, MayBeAJwkWithItsName) {
  const auto read = read_private_key(Secret(kJwk));
  ASSERT_TRUE(read) << read.error().say;
  EXPECT_EQ(read->kid, "2026-11");
  const auto assertion = sign_assertion(*read, ClientId("me"), kIssuer, kNoon);
  const auto header = object_from(
      text_of(parse_base64url(assertion.reveal().substr(0, assertion.reveal().find('.'))).value()));
  EXPECT_EQ(json::string_field(header, "kid").value(), "2026-11");
  EXPECT_EQ(json::string_field(header, "alg").value(), "ES256");
}

struct NoKey {
  const char* name;
  std::string text;
};
class NoSigningKey : public ::testing::TestWithParam<NoKey> {};

TEST_P(NoSigningKey, IsRefusedWithoutShowingIt) {
  const auto read = read_private_key(Secret(GetParam().text));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().why, Why::kUsage);
  EXPECT_TRUE(read.error().say.starts_with("the client_key ")) << read.error().say;
  EXPECT_EQ(read.error().say.find("f83OJ"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    , NoSigningKey,
    ::testing::Values(
        NoKey{"a_password", "hunter2"},
        NoKey{"a_public_half",
              R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
              R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})"},
        NoKey{"a_key_for_secrets",
              R"({"kty":"oct","k":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHv"})"},
        NoKey{"half_a_json", R"({"kty":"EC")"},
        NoKey{"a_name_that_is_a_number", R"({"kty":"EC","kid":7})"},
        NoKey{"the_first_line_of_a_pem", "-----BEGIN PRIVATE KEY-----"}),
    [](const auto& info) { return info.param.name; });

const Secret no_key;

struct Profile {
  dialect::Settings settings;
  dialect::Answers answers;

  Result<engine::Operation> sign(engine::Operation operation) const {
    return sign_operation(std::move(operation), {.settings = settings,
                                                 .answers = answers,
                                                 .description = kDescription,
                                                 .proof_key = no_key,
                                                 .at = kNoon});
  }
};

Profile profile(const char* method) {
  return {dialect::Settings::make(client_settings(), {{"auth_method", method}}).value(),
          {{"client_id", Secret("me")}, {"client_key", Secret(kJwk)}}};
}

engine::Operation an_introspection() {
  engine::Introspect asked{.token = Secret("t")};
  asked.client.id = ClientId("me");
  return asked;
}

TEST(SignedOperation, IsSignedForTheIssuerAnewEachTime) {
  const auto one = profile("private_key_jwt");
  const auto first = one.sign(an_introspection());
  const auto second = one.sign(an_introspection());
  ASSERT_TRUE(first && second);
  const auto& text = client_in(*first)->assertion->text;
  EXPECT_FALSE(text == client_in(*second)->assertion->text) << "a jti is good once";
  const auto claims = crypto::peek_claims(text.reveal()).value();
  EXPECT_EQ(json::string_field(claims, "aud").value(), kIssuer);
  EXPECT_EQ(json::string_field(claims, "sub").value(), "me");
}

TEST(SignedOperation, IsLeftAsItIsWhereNobodySigns) {
  const auto asked = an_introspection();
  EXPECT_EQ(profile("auto").sign(asked).value(), asked);
  const engine::Operation userinfo = engine::UserInfo{.bearer = Secret("t")};
  EXPECT_EQ(profile("private_key_jwt").sign(userinfo).value(), userinfo);
}

TEST(SignedOperation, HasNoSecretBesides) {
  engine::Refresh refresh{.refresh_token = Secret("r")};
  refresh.client = {.id = ClientId("me"), .secret = Secret("s")};
  const auto made = profile("private_key_jwt").sign(refresh);
  ASSERT_TRUE(made);
  EXPECT_TRUE(client_in(*made)->secret.empty());
}

TEST(SignedOperation, WithoutAKeyIsNotSent) {
  auto without = profile("private_key_jwt");
  without.answers.erase("client_key");
  EXPECT_EQ(without.sign(an_introspection()).error().why, Why::kUsage);
}

}  // namespace
}  // namespace latchkey::dialects::oauth2
