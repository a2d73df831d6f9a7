#include <gtest/gtest.h>

#include "base/json.h"
#include "dialects/tconnect/envelope.h"
#include "dialects/tconnect/tconnect.h"

namespace latchkey::dialects::tconnect {
namespace {

dialect::Settings settings(const std::map<std::string, std::string>& given = {}) {
  return *dialect::Settings::make(dialect().settings(), given);
}

dialect::Answers answers() {
  dialect::Answers answers;
  answers.emplace("username", Secret("demo@yourdomain.vn"));
  answers.emplace("password", Secret("p"));
  answers.emplace("client_id", Secret("c"));
  answers.emplace("client_secret", Secret("s"));
  answers.emplace("partner_code", Secret("M001"));
  answers.emplace("aes_key", Secret(std::string(64, 'a')));
  return answers;
}

TEST(TconnectFacts, FollowTheRotationOfTheSetting) {
  const auto standard = dialect().policy(settings());
  EXPECT_EQ(standard.rotation, engine::Rotation::kReissue);
  EXPECT_EQ(standard.access_lifetime, Seconds{36000});
  EXPECT_EQ(standard.login, engine::LoginKind::kBoth);
  EXPECT_TRUE(standard.refresh_needs_partner);
  const auto strict = dialect().policy(settings({{"rotation", "single-use"}}));
  EXPECT_EQ(strict.rotation, engine::Rotation::kSingleUse);
  EXPECT_EQ(strict.on_replay, engine::OnReplay::kRevokeFamily);
}

TEST(TconnectFacts, WriteClaimsThatTellAccessFromRefresh) {
  const auto policy = dialect().policy(settings({{"issuer", "https://id.example"}}));
  EXPECT_EQ(policy.jwt.header("k1"), R"({"alg":"RS256","typ":"JWT","kid":"k1"})");
  engine::Grant grant;
  grant.client = ClientId("c");
  grant.session = "s-1";
  grant.scope = "profile";
  engine::Subject subject;
  subject.login = SubjectId("u");
  engine::JwtFacts facts{.grant = grant,
                         .subject = subject,
                         .attributes = {},
                         .kind = engine::TokenKind::kAccess,
                         .issued = from_epoch(100),
                         .until = from_epoch(200),
                         .id = "id-1"};
  EXPECT_EQ(policy.jwt.payload(facts),
            R"({"exp":200,"iat":100,"jti":"id-1","iss":"https://id.example","sub":"u",)"
            R"("typ":"Bearer","azp":"c","session_state":"s-1","scope":"profile",)"
            R"("preferred_username":"u"})");
  facts.kind = engine::TokenKind::kRefresh;
  EXPECT_NE(policy.jwt.payload(facts).find(R"("typ":"Refresh")"), std::string::npos);
}

TEST(TconnectLogin, NeedsEveryAnswer) {
  const auto all = answers();
  const auto login = dialect().login(all);
  ASSERT_TRUE(login);
  EXPECT_EQ(std::get<engine::Login>(*login).partner, "M001");
  for (const auto& [name, value] : all) {
    auto some = all;
    some.erase(name);
    const auto refused = dialect().login(some);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().why, Why::kUsage) << name;
    EXPECT_NE(refused.error().say.find(name), std::string::npos) << name;
  }
}

TEST(TconnectLogin, KeepsTheKeyForEveryRefreshAndThePasswordOnlyIfAllowed) {
  for (const auto& question : dialect().questions()) {
    EXPECT_EQ(question.renewal, question.name == "aes_key") << question.name;
    EXPECT_EQ(question.keep, question.name == "password" || question.name == "client_secret")
        << question.name;
  }
  EXPECT_EQ(dialect().refresh(answers(), Secret("r")),
            (engine::Refresh{.refresh_token = Secret("r"), .partner = "M001"}));
}

TEST(TconnectDress, EncryptsABodyInTheClear) {
  const auto dressed =
      dialect().dress(answers(), Secret("a"), {.method = "POST", .body = R"({"x":1})"});
  ASSERT_TRUE(dressed);
  EXPECT_EQ(*dressed->headers.find("Authorization"), "Bearer a");
  EXPECT_EQ(*dressed->headers.find("Partner-Code"), "M001");
  const Bytes key(kKeySize, 0xaa);
  const auto opened = open(key, Iv::kPrepended, dressed->body);
  ASSERT_TRUE(opened);
  EXPECT_EQ(json::write(*opened), R"({"x":1})");
}

TEST(TconnectDress, LeavesAnEnvelopeAndAnEmptyBodyAlone) {
  for (const char* body : {"", R"({"data":"00"})"}) {
    const auto dressed = dialect().dress(answers(), Secret("a"), {.method = "POST", .body = body});
    ASSERT_TRUE(dressed);
    EXPECT_EQ(dressed->body, body);
  }
}

TEST(TconnectDress, NeedsAKeyOnlyToEncrypt) {
  auto some = answers();
  some.erase("aes_key");
  EXPECT_TRUE(dialect().dress(some, Secret("a"), {}));
  EXPECT_EQ(dialect().dress(some, Secret("a"), {.body = "x"}).error().why, Why::kUsage);
}

TEST(TconnectDemo, IsOneMerchantWithItsPartnerAndKey) {
  const auto demo = dialect().demo();
  ASSERT_EQ(demo.clients.size(), 1u);
  ASSERT_EQ(demo.subjects.size(), 1u);
  EXPECT_EQ(demo.clients[0].client.owner, demo.subjects[0].subject.login);
  EXPECT_FALSE(demo.clients[0].client.partner.empty());
  EXPECT_TRUE(parse_key(demo.clients[0].shared_key));
  EXPECT_FALSE(demo.subjects[0].password.empty());
}

class DemoKey final : public dialect::Keyring {
 public:
  Result<std::optional<Secret>> shared_key(std::string_view) const override {
    return Secret(std::string(64, 'a'));
  }
};

TEST(TconnectProof, IsACallOfThisWire) {
  const DemoKey keyring;
  const auto codec = dialect().codec(settings(), &keyring);
  const auto proof = dialect().proof(answers(), Secret("a"));
  ASSERT_TRUE(proof);
  const auto request = codec->encode_request(*proof);
  ASSERT_TRUE(request);
  EXPECT_EQ(codec->decode_request(*request).value(), *proof);
}

}  // namespace
}  // namespace latchkey::dialects::tconnect
