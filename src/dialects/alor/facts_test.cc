#include <gtest/gtest.h>

#include "base/text.h"
#include "dialects/alor/alor.h"
#include "dialects/alor/claims.h"
#include "dialects/alor/codec.h"
#include "dialects/alor/pages.h"

namespace latchkey::dialects::alor {
namespace {

constexpr Instant kNoon = from_epoch(1772366400);

dialect::Settings settings(const std::map<std::string, std::string>& given = {}) {
  return *dialect::Settings::make(alor::dialect().settings(), given);
}

std::string payload(const std::string& portfolios) {
  engine::Grant grant{.client = ClientId("tokens-page"), .scope = std::string(kScope)};
  engine::Subject subject{.login = SubjectId("LoginSample"), .number = 42};
  subject.attributes = {{"agreements", "A1 A2"}, {"portfolios", "P1 P2 P3 P4 P5 P6"}};
  engine::JwtFacts facts{.grant = grant,
                         .subject = subject,
                         .attributes = {{"agreements", "A1 A2"}, {"portfolios", portfolios}},
                         .kind = engine::TokenKind::kAccess,
                         .issued = kNoon,
                         .until = kNoon + Seconds{1800},
                         .id = "x"};
  return jwt_payload(facts);
}

TEST(AlorToken, HasTheProvidersHeader) {
  EXPECT_EQ(jwt_header(), R"({"alg":"ES256","typ":"JWT","cty":"JWT"})");
}

TEST(AlorToken, HasTheProvidersTwelveClaimsInItsOrder) {
  EXPECT_EQ(payload("P1 P2 P3 P4 P5 P6"),
            R"({"sub":"LoginSample","ent":"client","ein":"00042","clientid":"0000042",)"
            R"("azp":"ff874dc4e98112388a40","agreements":"A1 A2","portfolios":"P1 P2 P3 P4 P5 P6",)"
            R"("scope":"OrdersRead OrdersCreate Trades Personal Stats","exp":1772368200,)"
            R"("iat":1772366400,"iss":"Alor.Identity",)"
            R"("aud":"Client WARP WarpATConnector subscriptionsApi CommandApi InstrumentApi )"
            R"(TradingViewPlatform"})");
}

TEST(AlorToken, ANarrowedTokenKeepsOnlyTheAgreementsOfItsPortfolios) {
  EXPECT_NE(payload("P5").find(R"("agreements":"A2","portfolios":"P5")"), std::string::npos);
  EXPECT_NE(payload("P3 P4").find(R"("agreements":"A1 A2","portfolios":"P3 P4")"),
            std::string::npos);
}

TEST(AlorFacts, TheRefreshTokenIsAUuidThatIsReusedForAYear) {
  const auto policy = alor::dialect().policy(settings());
  EXPECT_EQ(policy.refresh_form, engine::TokenForm::kUuid);
  EXPECT_EQ(policy.refresh_lifetime, Seconds{365 * 86400});
  EXPECT_EQ(policy.access_lifetime, Seconds{1800});
  EXPECT_EQ(policy.rotation, engine::Rotation::kReusable);
  EXPECT_TRUE(policy.single_refresh_token);
  EXPECT_EQ(policy.flood_per_second, 10000);
  EXPECT_EQ(policy.narrow_attribute, "portfolios");
}

TEST(AlorFacts, SettingsReachThePolicy) {
  const auto policy = alor::dialect().policy(
      settings({{"single_refresh_token", "false"}, {"flood_per_second", "5"}}));
  EXPECT_FALSE(policy.single_refresh_token);
  EXPECT_EQ(policy.flood_per_second, 5);
}

TEST(AlorFacts, TheDemoAccountHasThreePortfoliosAnAgreement) {
  const auto demo = alor::dialect().demo();
  const auto& attributes = demo.subjects.at(0).subject.attributes;
  EXPECT_EQ(
      split(engine::attribute(attributes, "portfolios"), ' ').size(),
      split(engine::attribute(attributes, "agreements"), ' ').size() * kPortfoliosPerAgreement);
  EXPECT_EQ(demo.clients.at(0).client.id, alor::pages().client);
}

TEST(AlorFacts, ALoginIsAPaste) {
  EXPECT_EQ(alor::dialect().login({}).error().why, Why::kUnsupported);
  EXPECT_EQ(alor::dialect().login({{"refresh_token", Secret("not a uuid")}}).error().why,
            Why::kUsage);
  const auto asked =
      alor::dialect().login({{"refresh_token", Secret(" 12be28e4-2e15-44b8-983e-e6c119a1bcac\n")}});
  ASSERT_TRUE(asked);
  EXPECT_EQ(std::get<engine::Refresh>(*asked).refresh_token.size(), 36u);
}

TEST(AlorFacts, TheProofAsksForTheTokensFirstPortfolio) {
  const auto part = [](std::string text) { return to_base64url(bytes_of(text)); };
  const Secret token(part("{}") + "." + part(R"({"portfolios":"D7 G7"})") + ".AA");
  const auto proof = alor::dialect().proof({}, token);
  ASSERT_TRUE(proof);
  EXPECT_EQ(std::get<engine::Use>(*proof).arguments.at(1).second, "D7");
  EXPECT_FALSE(alor::dialect().proof({}, Secret("nonsense")));
}

TEST(AlorPages, FollowTheSeedsSteps) {
  const auto& pages = alor::pages();
  EXPECT_EQ(pages.end, dialect::PagesEnd::kShowTokens);
  EXPECT_EQ(pages.words.size(), 4u);
  EXPECT_EQ(pages.words.front().language, "ru");
  EXPECT_EQ(pages.words.front().sign_in, "Войти");
  EXPECT_EQ(pages.words.front().allow, "Разрешить");
  for (const auto& words : pages.words) {
    EXPECT_EQ(words.start_link, "Begin OAuth authorization flow") << words.language;
    EXPECT_EQ(words.rights.size(), 5u) << words.language;
  }
}

}  // namespace
}  // namespace latchkey::dialects::alor
