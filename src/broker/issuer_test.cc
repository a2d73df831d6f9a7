// Providers that describe themselves: a login in a browser or on another device, or as
// the client itself, and what is learnt of an issuer whose ways nobody knows.

#include "broker/issuer_testing.h"

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;
using testing::Desk;
using testing::Fault;
using testing::say_of;
using testing::why_of;

TEST(Issuer, IsNotAskedForATokenThatNobodyLoggedInFor) {
  Desk desk;
  EXPECT_EQ(why_of(desk.broker.token(desk.profile, 60s)), Why::kPersonNeeded);
  EXPECT_TRUE(desk.issuer.seen.empty());
}

TEST(Issuer, LogsInThroughABrowserWithPkceAndANonce) {
  Desk desk;
  const auto handed = desk.log_in();
  ASSERT_TRUE(handed) << say_of(handed);
  EXPECT_EQ(desk.issuer.seen,
            (std::vector<std::string>{"GET https://id.example/.well-known/openid-configuration",
                                      "POST https://tokens.example/token",
                                      "GET https://id.example/keys"}));
  EXPECT_EQ(desk.issuer.codes_proved, 1) << "the verifier was that of the challenge";
}

TEST(Issuer, IsNotAskedWhileTheTokenLives) {
  Desk desk;
  const auto first = desk.log_in();
  desk.issuer.seen.clear();
  desk.issuer.clock.advance(59min);
  EXPECT_EQ(desk.broker.token(desk.profile, 60s)->token, first->token);
  EXPECT_TRUE(desk.issuer.seen.empty());
}

struct Callback {
  const char* name;
  const char* parameter;
  std::optional<std::string> value;
};
class BadCallback : public ::testing::TestWithParam<Callback> {};

// checklist 12, 13: what came back for somebody else leads to no token request.
TEST_P(BadCallback, EndsBeforeAnythingIsSent) {
  Desk desk;
  desk.issuer.mends_callback = [](http::Pairs& query) {
    std::erase_if(query, [](const auto& pair) { return pair.first == GetParam().parameter; });
    if (GetParam().value) query.emplace_back(GetParam().parameter, *GetParam().value);
  };
  EXPECT_EQ(why_of(desk.log_in()), Why::kBadResponse);
  EXPECT_EQ(desk.issuer.count("/token"), 0);
  EXPECT_FALSE(desk.has_entry());
}

INSTANTIATE_TEST_SUITE_P(
    , BadCallback,
    ::testing::Values(Callback{"no_state", "state", std::nullopt},
                      Callback{"another_state", "state", "00000000000000000000000000000000"},
                      Callback{"an_empty_state", "state", ""},
                      Callback{"no_issuer", "iss", std::nullopt},
                      Callback{"another_issuer", "iss", "https://evil.example"},
                      Callback{"an_issuer_with_a_slash", "iss", "https://id.example/"},
                      Callback{"no_code", "code", std::nullopt}),
    [](const auto& info) { return info.param.name; });

TEST(Issuer, WhoseIdTokenAnswersAnotherLoginIsRefused) {
  Desk desk;
  desk.issuer.mends_claims = [](json::Object& claims) {
    json::Object other;
    for (const auto& member : claims)
      other.add(member.name, member.name == "nonce" ? json::Value("another") : member.value);
    claims = other;
  };
  const auto refused = desk.log_in();
  EXPECT_EQ(why_of(refused), Why::kBadResponse);
  EXPECT_NE(say_of(refused).find("another login"), std::string::npos) << say_of(refused);
  EXPECT_FALSE(desk.has_entry());
}

// checklist 53
TEST(Issuer, IsAskedForItsKeysOnceALogin) {
  Desk desk;
  desk.issuer.kid = "unknown";
  EXPECT_EQ(why_of(desk.log_in()), Why::kBadResponse);
  EXPECT_EQ(desk.issuer.count("/keys"), 1);
}

TEST(Issuer, ThatIsNotWhoItSaysItIsGetsNothing) {
  Desk desk;
  desk.issuer.name_in_description = "https://evil.example";
  const auto refused = desk.log_in();
  EXPECT_EQ(why_of(refused), Why::kBadResponse);
  EXPECT_NE(say_of(refused).find("another issuer"), std::string::npos) << say_of(refused);
}

TEST(Issuer, MayDescribeItselfAtTheOtherAddress) {
  Desk desk;
  desk.issuer.only_oauth_address = true;
  ASSERT_TRUE(desk.log_in());
  EXPECT_EQ(desk.issuer.count("/.well-known/oauth-authorization-server"), 1);
}

TEST(Issuer, IsAskedForNewsOfItselfAfterADay) {
  Desk desk;
  ASSERT_TRUE(desk.log_in());
  for (int hour = 1; hour <= 23; ++hour) {
    desk.let_it_die();
    ASSERT_TRUE(desk.broker.token(desk.profile, 60s));
  }
  EXPECT_EQ(desk.issuer.count("/.well-known/openid-configuration"), 1);
  desk.let_it_die();
  ASSERT_TRUE(desk.broker.token(desk.profile, 60s));
  EXPECT_EQ(desk.issuer.count("/.well-known/openid-configuration"), 2);
  desk.let_it_die();
  ASSERT_TRUE(desk.broker.token(desk.profile, 60s));
  EXPECT_EQ(desk.issuer.count("/.well-known/openid-configuration"), 2) << "the news were kept";
}

TEST(Issuer, WhoseNewsDoNotComeIsTakenAsItWas) {
  Desk desk;
  ASSERT_TRUE(desk.log_in());
  desk.issuer.clock.advance(25h);
  desk.issuer.next("/.well-known/openid-configuration", Fault::kUnreachable);
  EXPECT_TRUE(desk.broker.token(desk.profile, 60s));
}

TEST(Issuer, IsTakenToRotateUntilItShowsOtherwise) {
  Desk desk;
  ASSERT_TRUE(desk.log_in());
  desk.let_it_die();
  desk.issuer.next("/token", Fault::kAnswerLost);
  EXPECT_EQ(why_of(desk.broker.token(desk.profile, 60s)), Why::kLostRotation);
  EXPECT_EQ(desk.issuer.count("/token"), 2) << "the code, and one refresh";
  EXPECT_EQ(why_of(desk.broker.token(desk.profile, 60s)), Why::kPersonNeeded);
  EXPECT_EQ(desk.issuer.reused, 0);
}

TEST(Issuer, WhoseRefreshTokenStayedIsAskedAgain) {
  Desk desk;
  desk.issuer.rotates = false;
  ASSERT_TRUE(desk.log_in());
  desk.let_it_die();
  ASSERT_TRUE(desk.broker.token(desk.profile, 60s));
  EXPECT_TRUE(desk.entry().refresh_stays);
  desk.let_it_die();
  desk.issuer.next("/token", Fault::kAnswerLost);
  EXPECT_TRUE(desk.broker.token(desk.profile, 60s));
  EXPECT_EQ(desk.issuer.count("/token"), 4);
}

TEST(Issuer, ThatBeginsToRotateIsTakenAtItsWord) {
  Desk desk;
  desk.issuer.rotates = false;
  ASSERT_TRUE(desk.log_in());
  desk.let_it_die();
  ASSERT_TRUE(desk.broker.token(desk.profile, 60s));
  desk.issuer.rotates = true;
  desk.let_it_die();
  ASSERT_TRUE(desk.broker.token(desk.profile, 60s));
  EXPECT_FALSE(desk.entry().refresh_stays);
}

TEST(Issuer, MayBeSaidToHaveAReplayWindow) {
  Desk desk({{"replay_window", "30s"}});
  desk.issuer.answers_again = true;
  ASSERT_TRUE(desk.log_in());
  desk.let_it_die();
  desk.issuer.next("/token", Fault::kAnswerLost);
  const auto handed = desk.broker.token(desk.profile, 60s);
  EXPECT_TRUE(handed) << say_of(handed);
}

TEST(Issuer, WhoseCodesForADeviceAreApprovedLogsIn) {
  Desk desk({{"flow", "device"}});
  desk.issuer.device_answers = {"authorization_pending", "slow_down", "authorization_pending", ""};
  const Instant start = desk.issuer.clock.now();
  const auto handed = desk.log_in();
  ASSERT_TRUE(handed) << say_of(handed);
  EXPECT_EQ(desk.issuer.clock.now() - start, 5s + 5s + 10s + 10s) << "slow_down adds for good";
  ASSERT_GE(desk.person.heard.size(), 3u);
  EXPECT_EQ(desk.person.heard[0],
            "open https://id.example/device on any device and enter the code WDJB-MJHT");
  EXPECT_EQ(desk.person.heard[2], "waiting for your approval, 10 min left");
}

TEST(Issuer, ThatIsGoneForAWhileIsPolledOn) {
  Desk desk({{"flow", "device"}});
  desk.issuer.device_answers = {"authorization_pending", ""};
  desk.issuer.next("/token", Fault::kUnreachable);
  EXPECT_TRUE(desk.log_in());
}

TEST(Issuer, WhoseCodeForADeviceRanOutNeedsAPerson) {
  Desk desk({{"flow", "device"}});
  desk.issuer.device_answers.assign(1000, "authorization_pending");
  const Instant start = desk.issuer.clock.now();
  EXPECT_EQ(why_of(desk.log_in()), Why::kPersonNeeded);
  EXPECT_LE(desk.issuer.clock.now() - start, 600s);
  EXPECT_FALSE(desk.has_entry());
}

TEST(Issuer, WhoseUserSaysNoOnTheDeviceIsNotAskedOn) {
  Desk desk({{"flow", "device"}});
  desk.issuer.device_answers = {"access_denied", ""};
  EXPECT_EQ(why_of(desk.log_in()), Why::kDeclined);
  EXPECT_EQ(desk.issuer.count("/token"), 1);
}

TEST(Issuer, GivesAClientATokenOfItsOwnWithoutAPerson) {
  Desk desk({{"flow", "client_credentials"}});
  const auto first = desk.broker.token(desk.profile, 60s);
  ASSERT_TRUE(first) << say_of(first);
  desk.let_it_die();
  const auto second = desk.broker.token(desk.profile, 60s);
  ASSERT_TRUE(second) << say_of(second);
  EXPECT_FALSE(first->token == second->token);
}

TEST(Issuer, OfShortTokensGivesThemForALongTime) {
  Desk desk({{"flow", "client_credentials"}});
  desk.issuer.lifetime = 300s;
  for (int i = 0; i < 100; ++i) {
    const auto handed = desk.broker.token(desk.profile, 60s);
    ASSERT_TRUE(handed) << i << ": " << say_of(handed);
    desk.issuer.clock.advance(241s);
  }
  EXPECT_EQ(desk.issuer.count("/token"), 100);
}

TEST(Issuer, ThatDoesNotKnowTheClientIsNotAskedAgain) {
  Desk desk({{"flow", "client_credentials"}}, "wrong");
  EXPECT_EQ(why_of(desk.broker.token(desk.profile, 60s)), Why::kBadCredentials);
  EXPECT_EQ(why_of(desk.broker.token(desk.profile, 60s)), Why::kPersonNeeded);
  EXPECT_EQ(desk.issuer.count("/token"), 1);
}

TEST(Issuer, EndsBothTokens) {
  Desk desk;
  ASSERT_TRUE(desk.log_in());
  ASSERT_TRUE(desk.broker.revoke(desk.profile));
  EXPECT_EQ(desk.issuer.count("/revoke"), 2);
  EXPECT_EQ(desk.issuer.revoked.size(), 2u);
}

TEST(Issuer, SaysWhetherATokenIsAlive) {
  Desk desk;
  ASSERT_TRUE(desk.log_in());
  EXPECT_TRUE(desk.broker.validate(desk.profile)->valid);
  desk.issuer.active = false;
  EXPECT_FALSE(desk.broker.validate(desk.profile)->valid);
  EXPECT_TRUE(desk.entry().access_token.empty()) << "it is forgotten";
}

TEST(Issuer, ThatRefusesToTellLeavesTheTokenAlone) {
  Desk desk;
  ASSERT_TRUE(desk.log_in());
  desk.issuer.secret = "another";
  EXPECT_EQ(why_of(desk.broker.validate(desk.profile)), Why::kBadCredentials);
  EXPECT_FALSE(desk.entry().access_token.empty());
}

TEST(Issuer, TellsAPublicClientByUserinfo) {
  Desk desk({}, "");
  ASSERT_TRUE(desk.log_in());
  EXPECT_TRUE(desk.broker.validate(desk.profile)->valid);
  EXPECT_EQ(desk.issuer.count("/userinfo"), 1);
  desk.issuer.active = false;
  EXPECT_FALSE(desk.broker.validate(desk.profile)->valid);
}

}  // namespace
}  // namespace latchkey::broker
