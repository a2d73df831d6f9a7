#include <gtest/gtest.h>

#include "base/json.h"
#include "dialects/fastconnect/fastconnect.h"

namespace latchkey::dialects::fastconnect {
namespace {

dialect::Settings settings(const std::map<std::string, std::string>& given = {}) {
  return *dialect::Settings::make(dialect().settings(), given);
}

TEST(FastConnectFacts, HaveDefaultsThatFitTheirSettings) {
  EXPECT_TRUE(dialect::Settings::make(dialect().settings()));
}

TEST(FastConnectFacts, RotateOncePerTokenAndAllowOneSession) {
  const auto policy = dialect().policy(settings());
  EXPECT_EQ(policy.rotation, engine::Rotation::kSingleUse);
  EXPECT_EQ(policy.on_replay, engine::OnReplay::kRevokeClient);
  EXPECT_TRUE(policy.single_session);
  EXPECT_TRUE(policy.refresh_ends_access);
  EXPECT_FALSE(dialect().policy(settings({{"refresh_ends_access", "false"}})).refresh_ends_access);
  EXPECT_EQ(policy.tier, "data");
  EXPECT_EQ(policy.tier_with_otp, "trade");
  EXPECT_EQ(policy.access_lifetime, Seconds{8 * 3600});
  EXPECT_EQ(policy.refresh_lifetime, Seconds{86400});
  EXPECT_TRUE(policy.refresh_from_access_end);
  EXPECT_EQ(dialect().policy(settings({{"access_lifetime", "90s"}})).access_lifetime, Seconds{90});
}

TEST(FastConnectFacts, WriteClaimsThatNameTheScope) {
  const auto policy = dialect().policy(settings());
  EXPECT_EQ(policy.jwt.header("kid"), R"({"alg":"HS256","typ":"JWT"})");
  engine::Grant grant;
  grant.client = ClientId("key-1");
  grant.tier = "trade";
  engine::Subject subject;
  subject.login = SubjectId("001122");
  const engine::JwtFacts facts{.grant = grant,
                               .subject = subject,
                               .attributes = {},
                               .kind = engine::TokenKind::kAccess,
                               .issued = from_epoch(100),
                               .until = from_epoch(200),
                               .id = "id-1"};
  EXPECT_EQ(policy.jwt.payload(facts),
            R"({"sub":"key-1","clientId":"001122","scope":"data trade","iat":100,"exp":200,)"
            R"("jti":"id-1"})");
  grant.tier = "data";
  EXPECT_NE(policy.jwt.payload(facts).find(R"("scope":"data",)"), std::string::npos);
}

TEST(FastConnectLogin, TakesTheOtpOrTheTransactionThatSomebodyAdded) {
  dialect::Answers answers;
  answers.emplace("api_key", Secret("key-1"));
  EXPECT_EQ(dialect().login(answers).error().why, Why::kUsage);
  EXPECT_NE(dialect().login(answers).error().say.find("api_secret"), std::string::npos);
  answers.emplace("api_secret", Secret("secret-1"));
  const engine::ClientKey client{ClientId("key-1"), Secret("secret-1")};
  EXPECT_EQ(dialect().login(answers).value(), engine::Operation(engine::Login{.client = client}));
  answers.emplace("otp", Secret("123456"));
  const engine::Operation with_otp = engine::Login{.client = client, .otp = Secret("123456")};
  EXPECT_EQ(dialect().login(answers).value(), with_otp);
  answers.erase("otp");
  answers.emplace("transaction_id", Secret("tx-1"));
  const engine::Operation with_push = engine::Login{.client = client, .transaction_id = "tx-1"};
  EXPECT_EQ(dialect().login(answers).value(), with_push);
}

TEST(FastConnectLogin, RefreshesWithoutAnySecretButTheToken) {
  EXPECT_EQ(dialect().refresh({}, Secret("r-1")), engine::Refresh{.refresh_token = Secret("r-1")});
}

TEST(FastConnectDemo, HasAnAccountForEachWayOfTheSecondFactor) {
  const auto demo = dialect().demo();
  ASSERT_EQ(demo.clients.size(), 3u);
  EXPECT_EQ(demo.clients[0].client.otp, engine::OtpKind::kOutbox);
  EXPECT_FALSE(demo.clients[0].client.otp_address.empty());
  EXPECT_EQ(demo.clients[1].client.otp, engine::OtpKind::kTyped);
  EXPECT_EQ(demo.clients[1].totp_seed.size(), 20u);
  EXPECT_EQ(demo.clients[2].client.otp, engine::OtpKind::kPush);
  ASSERT_EQ(demo.subjects.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(demo.clients[i].client.owner, demo.subjects[i].subject.login);
    EXPECT_FALSE(engine::attribute(demo.subjects[i].subject.attributes, "accounts").empty());
  }
}

TEST(FastConnectDemo, ProvesATokenWithACallThatEveryTierMayMake) {
  const auto settings_now = settings();
  const auto proof = dialect().proof({}, Secret("a-1"));
  ASSERT_TRUE(proof);
  const auto codec = dialect().codec(settings_now, nullptr);
  const auto request = codec->encode_request(*proof);
  ASSERT_TRUE(request);
  EXPECT_EQ(codec->decode_request(*request).value(), *proof);
  EXPECT_TRUE(std::get<engine::Use>(*proof).tiers.empty());
}

}  // namespace
}  // namespace latchkey::dialects::fastconnect
