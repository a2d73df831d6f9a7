#include "engine/testing.h"

namespace latchkey::engine {
namespace {

constexpr const char* kUri = "http://127.0.0.1:8000/cb";

class ExchangeTest : public ::testing::Test {
 protected:
  ExchangeTest() {
    world.add_user("ann");
    const auto web = [](Client& c) { c.redirect_uris = {kUri}; };
    world.add_client("app", web);
    world.add_client("rival", web);
    world.add_client("narrow", [&](Client& c) {
      web(c);
      c.grants = {"client_credentials"};
    });
    session = must(world.authority().sign_in(World::user_key("ann"), kNoon));
  }
  Secret code(std::string_view client = "app") {
    const Authorize asked{.client = ClientId{client}, .redirect_uri = kUri, .state = "s"};
    return must(world.authority().consent(session, asked, kNoon)).code;
  }
  static Exchange with(const Secret& code, std::string_view client = "app",
                       std::string_view uri = kUri) {
    return {World::key_of(client), code, std::string(uri)};
  }
  World world{coded()};
  Secret session;
};

TEST_F(ExchangeTest, GivesThePersonsTokensToTheClient) {
  const TokenSet set = world.tokens(with(code()));
  EXPECT_EQ(set.access_until, kNoon + 24h);
  EXPECT_EQ(set.refresh_until, kNoon + 48h);
  EXPECT_EQ(set.access_token.size(), 40u);
  const Identity who = world.get<Used>(Use{.bearer = set.access_token}).who;
  EXPECT_EQ(who.client, ClientId{"app"});
  EXPECT_EQ(who.subject, SubjectId{"ann"});
}

TEST_F(ExchangeTest, OfTheSameCodeAgainRevokesWhatTheFirstGave) {  // checklist 1, 2
  const Secret text = code();
  const TokenSet set = world.tokens(with(text));
  const TokenSet other = world.tokens(with(code()));
  EXPECT_EQ(world.refusal(with(text)), Why::kReplayed);
  EXPECT_EQ(world.refusal(Use{.bearer = set.access_token}), Why::kRevoked);
  EXPECT_EQ(
      world.refusal(Refresh{.refresh_token = set.refresh_token, .client = World::key_of("app")}),
      Why::kRevoked);
  EXPECT_TRUE(world.is_live(other.access_token));
  EXPECT_EQ(world.told("reuse"), 1);
  EXPECT_FALSE(world.events().back().grant.empty()) << "the family that it ended";
}

TEST_F(ExchangeTest, SucceedsOnceHoweverManyAskAtOnce) {  // checklist 3
  for (int round = 0; round < 10; ++round) {
    const Secret text = code();
    EXPECT_EQ(in_parallel(8, [&](int) { return world.perform(with(text), kNoon).has_value(); }), 1);
  }
}

TEST_F(ExchangeTest, IsInTime) {  // checklist 4
  const Secret in_time = code();
  EXPECT_TRUE(world.perform(with(in_time), kNoon + 299s));
  const Secret late = code();
  EXPECT_EQ(world.refusal(with(late), kNoon + 300s), Why::kExpired);
  EXPECT_EQ(world.refusal(with(late), kNoon + 301s), Why::kExpired);
}

TEST_F(ExchangeTest, WithAnotherAddressIsRefusedAndLeavesTheCodeGood) {
  const Secret text = code();
  const auto refused = world.perform(with(text, "app", "http://127.0.0.1:8000/other"), kNoon);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().why, Why::kMalformed);
  EXPECT_EQ(refused.error().say, "`redirect_uri` is invalid");
  EXPECT_TRUE(world.perform(with(text), kNoon));
}

TEST_F(ExchangeTest, ByAnotherClientIsRefusedAndHarmsNobody) {
  const Secret fresh = code();
  EXPECT_EQ(world.refusal(with(fresh, "rival")), Why::kInvalidToken);
  const TokenSet set = world.tokens(with(fresh));
  EXPECT_EQ(world.refusal(with(fresh, "rival")), Why::kInvalidToken);
  EXPECT_TRUE(world.is_live(set.access_token));
}

TEST_F(ExchangeTest, ChecksTheClientBeforeTheCode) {
  const Secret text = code();
  Exchange wrong = with(text);
  wrong.client.secret = Secret{"x"};
  const auto refused = world.perform(wrong, kNoon);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().why, Why::kBadCredentials);
  EXPECT_EQ(refused.error().say, "client is invalid");
  const auto forbidden = world.perform(with(text, "narrow"), kNoon);
  ASSERT_FALSE(forbidden);
  EXPECT_EQ(forbidden.error().why, Why::kForbidden);
  EXPECT_EQ(forbidden.error().say, "`grant_type` is invalid");
  EXPECT_EQ(world.refusal(with(Secret{"no such code"})), Why::kInvalidToken);
}

TEST_F(ExchangeTest, StopsForAPersonWhosePasswordChanged) {  // checklist 27
  const Secret text = code();
  must(world.admin.set_password(kRealm, SubjectId{"ann"}, Secret{"new"}, kNoon));
  EXPECT_EQ(world.refusal(with(text)), Why::kInvalidToken);
}

TEST_F(ExchangeTest, StopsForAPersonWhoWasSuspended) {
  const Secret text = code();
  must(world.admin.set_user_disabled(kRealm, SubjectId{"ann"}, true, "test", kNoon));
  EXPECT_EQ(world.refusal(with(text)), Why::kForbidden);
}

// The refresh of a client that says who it is.

TEST_F(ExchangeTest, IsFollowedByRefreshesOfTheSameClientOnly) {  // checklist 20
  const TokenSet set = world.tokens(with(code()));
  const auto by = [&](const ClientKey& client) {
    return Refresh{.refresh_token = set.refresh_token, .client = client};
  };
  EXPECT_EQ(world.refusal(by({})), Why::kBadCredentials);
  EXPECT_EQ(world.refusal(by({ClientId{"app"}, Secret{"x"}})), Why::kBadCredentials);
  EXPECT_EQ(world.refusal(by(World::key_of("narrow"))), Why::kForbidden);
  EXPECT_EQ(world.refusal(by(World::key_of("rival"))), Why::kInvalidToken);
  EXPECT_TRUE(world.perform(by(World::key_of("app")), kNoon));
  EXPECT_EQ(world.refusal(by(World::key_of("rival"))), Why::kInvalidToken);
  EXPECT_EQ(world.refusal(by(World::key_of("app"))), Why::kReplayed);
  EXPECT_TRUE(world.is_live(set.access_token));
}

TEST_F(ExchangeTest, IsRevokedByTheHolderAndNobodyElse) {  // checklist 33
  const TokenSet set = world.tokens(with(code()));
  const auto by = [&](const ClientKey& client) {
    return Revoke{.token = set.refresh_token, .client = client};
  };
  EXPECT_EQ(world.refusal(by(World::key_of("rival"))), Why::kForbidden);
  EXPECT_EQ(world.refusal(by({ClientId{"app"}, Secret{"x"}})), Why::kBadCredentials);
  EXPECT_TRUE(world.is_live(set.access_token));
  world.get<Done>(by(World::key_of("app")));
  EXPECT_FALSE(world.is_live(set.access_token));
  world.get<Done>(by(World::key_of("app")));
  world.get<Done>(Revoke{.token = Secret{"no such token"}});
  EXPECT_EQ(world.told("revoked"), 1);
}

}  // namespace
}  // namespace latchkey::engine
