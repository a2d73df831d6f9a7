#include <gtest/gtest.h>

#include <algorithm>

#include "dialects/chathub/chathub.h"

namespace latchkey::dialects::chathub {
namespace {

constexpr Instant kNoon = from_epoch(1767182400);

dialect::Settings settings(const std::map<std::string, std::string>& given = {}) {
  return *dialect::Settings::make(dialect().settings(), given);
}

dialect::Answers answers(std::initializer_list<std::pair<const char*, const char*>> given) {
  dialect::Answers made;
  for (const auto& [name, text] : given) made.emplace(name, Secret(text));
  return made;
}

TEST(ChatHubFacts, GiveACompanysTokenNoEndAndAnOperatorsADay) {
  const auto policy = dialect().policy(settings());
  EXPECT_EQ(policy.access_lifetime, Seconds{0});
  EXPECT_EQ(policy.delegate_most, Seconds{86400});
  EXPECT_TRUE(policy.delegate_strict);
  EXPECT_EQ(policy.delegate_from_tier, policy.tier);
  EXPECT_NE(policy.delegate_tier, policy.tier);
}

TEST(ChatHubFacts, FollowTheSettings) {
  const auto policy = dialect().policy(settings({{"company_lifetime", "7d"},
                                                 {"operator_hours_strict", "false"},
                                                 {"operator_most", "1h"},
                                                 {"auth_interval", "1s"}}));
  EXPECT_EQ(policy.access_lifetime, Seconds{7 * 86400});
  EXPECT_EQ(policy.delegate_most, Seconds{3600});
  EXPECT_FALSE(policy.delegate_strict);
  EXPECT_EQ(policy.auth_interval, Seconds{1});
}

TEST(ChatHubFacts, WriteTheDocumentedClaims) {
  const auto policy = dialect().policy(settings());
  engine::Grant grant;
  const engine::Subject subject{.number = 5, .name = "Acme"};
  const auto payload = [&](Instant until) {
    return policy.jwt.payload({.grant = grant,
                               .subject = subject,
                               .attributes = {},
                               .kind = engine::TokenKind::kAccess,
                               .issued = kNoon,
                               .until = until,
                               .id = "j"});
  };
  EXPECT_EQ(policy.jwt.header("ignored"), R"({"alg":"HS256","typ":"JWT"})");
  EXPECT_EQ(payload(kEndOfTime), R"({"client_id":5,"name":"Acme","iat":1767182400,"jti":"j"})");
  EXPECT_EQ(payload(kNoon + Seconds{1}),
            R"({"client_id":5,"name":"Acme","exp":1767182401,"iat":1767182400,"jti":"j"})");
  grant.operator_id = 123;
  EXPECT_EQ(payload(kNoon + Seconds{1}),
            R"({"operator_id":123,"exp":1767182401,"client_id":5,"iat":1767182400,"jti":"j"})");
}

TEST(ChatHubFacts, MakeTheLoginFromTheAnswers) {
  const auto login = dialect().login(answers({{"login", "acme"}, {"password", "p"}}));
  ASSERT_TRUE(login);
  EXPECT_TRUE(*login == engine::Operation(engine::Login{.user = {SubjectId("acme"), Secret("p")}}));
}

struct Missing {
  const char* name;
  dialect::Answers given;
};

class ChatHubAsks : public ::testing::TestWithParam<Missing> {};

TEST_P(ChatHubAsks, ForTheAnswerByName) {
  const auto login = dialect().login(GetParam().given);
  ASSERT_FALSE(login);
  EXPECT_EQ(login.error().why, Why::kUsage);
  EXPECT_NE(login.error().say.find(GetParam().name), std::string::npos) << login.error().say;
}

INSTANTIATE_TEST_SUITE_P(
    , ChatHubAsks,
    ::testing::Values(
        Missing{"login", answers({{"password", "p"}})},
        Missing{"password", answers({{"login", "a"}, {"password", ""}})},
        Missing{"operator", answers({{"login", "a"}, {"password", "p"}, {"operator", "0"}})},
        Missing{"operator", answers({{"login", "a"}, {"password", "p"}, {"operator", "Olena"}})},
        Missing{"header", answers({{"login", "a"}, {"password", "p"}, {"header", "cookie"}})}));

TEST(ChatHubFacts, CarryTheTokenInTheHeaderThatTheProfileNames) {
  const Secret token("a.b.c");
  EXPECT_EQ(dialect().token_headers({}, token), (http::Headers{{"Authorization", "Bearer a.b.c"}}));
  EXPECT_EQ(dialect().token_headers(answers({{"header", "X-Authorization-Key"}}), token),
            (http::Headers{{"X-Authorization-Key", "a.b.c"}}));
}

TEST(ChatHubFacts, ProveTheTokenWithACallOfItsTier) {
  const Secret token("a.b.c");
  EXPECT_TRUE(*dialect().proof({}, token) ==
              engine::Operation(engine::ListOrganizations{.bearer = token}));
  EXPECT_TRUE(*dialect().proof(answers({{"operator", "7"}}), token) ==
              engine::Operation(engine::ListOperators{.bearer = token}));
}

TEST(ChatHubFacts, KeepThePasswordBecauseThereIsNoRefresh) {
  const auto questions = dialect().questions();
  const auto password = std::ranges::find(questions, "password", &dialect::Question::name);
  ASSERT_NE(password, questions.end());
  EXPECT_TRUE(password->secret && password->keep && password->required);
  EXPECT_EQ(dialect().traits().rotation, engine::Rotation::kNone);
}

TEST(ChatHubFacts, ShowACompanyWithTwoOrganizations) {
  const auto demo = dialect().demo();
  ASSERT_EQ(demo.subjects.size(), 1U);
  EXPECT_FALSE(demo.subjects[0].password.empty());
  EXPECT_EQ(demo.subjects[0].organizations.size(), 2U);
}

}  // namespace
}  // namespace latchkey::dialects::chathub
