#include "engine/testing.h"

namespace latchkey::engine {
namespace {

class KeyedRefresh : public ::testing::Test {
 protected:
  KeyedRefresh() {
    world.add_user("ann");
    world.add_client("app", [](Client& c) { c.owner = SubjectId{"ann"}; });
    world.add_client("other", [](Client& c) { c.owner = SubjectId{"ann"}; });
  }
  World world{keyed()};
};

TEST_F(KeyedRefresh, GivesANewPairAndSpendsTheOldToken) {
  const TokenSet first = world.tokens(Login{.client = World::key_of("app")});
  EXPECT_EQ(first.access_until, kNoon + 8h);
  EXPECT_EQ(first.refresh_until, kNoon + 32h);
  const TokenSet second = world.tokens(Refresh{.refresh_token = first.refresh_token}, kNoon + 1h);
  EXPECT_EQ(second.access_until, kNoon + 9h);
  EXPECT_EQ(second.refresh_until, kNoon + 33h);
  EXPECT_NE(second.access_token, first.access_token);
  EXPECT_NE(second.refresh_token, first.refresh_token);
  EXPECT_TRUE(world.is_live(first.access_token, kNoon + 1h));
  EXPECT_TRUE(world.is_live(second.access_token, kNoon + 1h));
  EXPECT_EQ(world.told("refresh"), 1);
}

TEST_F(KeyedRefresh, EndsTheOlderAccessTokensOfItsFamilyWhereThePolicySaysSo) {
  Policy policy = keyed();
  policy.refresh_ends_access = true;
  policy.single_session = false;
  world.rule_by(policy);
  const TokenSet bystander = world.tokens(Login{.client = World::key_of("app")});
  const TokenSet first = world.tokens(Login{.client = World::key_of("app")});
  const TokenSet second = world.tokens(Refresh{.refresh_token = first.refresh_token});
  EXPECT_FALSE(world.is_live(first.access_token));
  EXPECT_TRUE(world.is_live(second.access_token));
  const TokenSet third = world.tokens(Refresh{.refresh_token = second.refresh_token});
  EXPECT_FALSE(world.is_live(second.access_token));
  EXPECT_TRUE(world.is_live(third.access_token));
  EXPECT_TRUE(world.is_live(bystander.access_token));
  EXPECT_EQ(world.refusal(Refresh{.refresh_token = Secret("nothing")}), Why::kInvalidToken);
  EXPECT_TRUE(world.is_live(third.access_token));  // only a refresh that succeeds
}

TEST_F(KeyedRefresh, EndsWithTheTokensLife) {
  const TokenSet set = world.tokens(Login{.client = World::key_of("app")});
  const Refresh again{.refresh_token = set.refresh_token};
  EXPECT_EQ(world.refusal(again, kNoon + 32h), Why::kExpired);
  EXPECT_EQ(world.refusal(again, kNoon + 32h + 1s), Why::kExpired);
  EXPECT_TRUE(world.perform(again, kNoon + 32h - 1s));
}

TEST_F(KeyedRefresh, OfASpentTokenRevokesEverythingOfTheClient) {
  const TokenSet first = world.tokens(Login{.client = World::key_of("app")});
  const TokenSet bystander = world.tokens(Login{.client = World::key_of("other")});
  const Refresh replay{.refresh_token = first.refresh_token};
  const TokenSet second = world.tokens(replay);
  EXPECT_EQ(world.refusal(replay), Why::kReplayed);
  EXPECT_FALSE(world.is_live(second.access_token));
  EXPECT_EQ(world.refusal(Refresh{.refresh_token = second.refresh_token}), Why::kRevoked);
  EXPECT_EQ(world.told("reuse"), 1);
  EXPECT_TRUE(world.is_live(bystander.access_token));
}

TEST_F(KeyedRefresh, TellsWhichOfItsFamilyCameAgain) {  // checklist 22, 69
  const TokenSet first = world.tokens(Login{.client = World::key_of("app")});
  const TokenSet second = world.tokens(Refresh{.refresh_token = first.refresh_token}, kNoon + 60s);
  world.tokens(Refresh{.refresh_token = second.refresh_token}, kNoon + 120s);
  EXPECT_EQ(world.refusal(Refresh{.refresh_token = second.refresh_token}, kNoon + 180s),
            Why::kReplayed);
  const Event told = world.events().back();
  EXPECT_EQ(told.what, "reuse");
  EXPECT_EQ(told.client, ClientId{"app"});
  EXPECT_EQ(told.subject, SubjectId{"ann"});
  ASSERT_TRUE(told.token);
  EXPECT_EQ(told.token->grant, told.grant);
  EXPECT_EQ(told.token->hash, world.keys.token_hash(second.refresh_token));
  EXPECT_EQ(told.token->parent, world.keys.token_hash(first.refresh_token));
  EXPECT_EQ(told.token->issued, kNoon + 60s);
  EXPECT_EQ(told.token->spent, kNoon + 120s);
}

TEST_F(KeyedRefresh, OfATokenOfARevokedFamilyKillsNothingMore) {
  const TokenSet first = world.tokens(Login{.client = World::key_of("app")});
  world.tokens(Refresh{.refresh_token = first.refresh_token});
  const TokenSet newer = world.tokens(Login{.client = World::key_of("app")});
  EXPECT_EQ(world.refusal(Refresh{.refresh_token = first.refresh_token}), Why::kRevoked);
  EXPECT_TRUE(world.is_live(newer.access_token));
}

TEST_F(KeyedRefresh, RevokesOnlyTheFamilyWhereThePolicySaysSo) {  // checklist 22
  Policy policy = keyed();
  policy.on_replay = OnReplay::kRevokeFamily;
  policy.single_session = false;
  world.rule_by(policy);
  const TokenSet one = world.tokens(Login{.client = World::key_of("app")});
  const TokenSet two = world.tokens(Login{.client = World::key_of("app")});
  const TokenSet next = world.tokens(Refresh{.refresh_token = one.refresh_token});
  EXPECT_EQ(world.refusal(Refresh{.refresh_token = one.refresh_token}), Why::kReplayed);
  EXPECT_FALSE(world.is_live(one.access_token));
  EXPECT_FALSE(world.is_live(next.access_token));
  EXPECT_TRUE(world.is_live(two.access_token));
}

TEST_F(KeyedRefresh, RefusesWithoutMoreWhereThePolicySaysSo) {
  Policy policy = keyed();
  policy.on_replay = OnReplay::kRefuse;
  world.rule_by(policy);
  const TokenSet one = world.tokens(Login{.client = World::key_of("app")});
  const TokenSet next = world.tokens(Refresh{.refresh_token = one.refresh_token});
  EXPECT_EQ(world.refusal(Refresh{.refresh_token = one.refresh_token}), Why::kReplayed);
  EXPECT_TRUE(world.is_live(next.access_token));
}

TEST_F(KeyedRefresh, KnowsOnlyItsOwnRefreshTokens) {
  const TokenSet set = world.tokens(Login{.client = World::key_of("app")});
  EXPECT_EQ(world.refusal(Refresh{.refresh_token = set.access_token}), Why::kInvalidToken);
  EXPECT_EQ(world.refusal(Refresh{.refresh_token = Secret{"no such token"}}), Why::kInvalidToken);
  EXPECT_EQ(world.refusal(Refresh{}), Why::kInvalidToken);
}

TEST_F(KeyedRefresh, KeepsTheRightsOfTheLogin) {
  const TokenSet set = world.tokens(Login{.client = World::key_of("app")});
  const TokenSet next = world.tokens(Refresh{.refresh_token = set.refresh_token});
  EXPECT_EQ(world.get<Used>(Use{.bearer = next.access_token}).who.tier, "data");
}

TEST_F(KeyedRefresh, StopsForAnAccountThatWasSuspended) {
  const TokenSet set = world.tokens(Login{.client = World::key_of("app")});
  must(world.admin.set_user_disabled(kRealm, SubjectId{"ann"}, true, "test", kNoon));
  EXPECT_EQ(world.refusal(Refresh{.refresh_token = set.refresh_token}), Why::kForbidden);
  must(world.admin.set_user_disabled(kRealm, SubjectId{"ann"}, false, "", kNoon));
  EXPECT_TRUE(world.perform(Refresh{.refresh_token = set.refresh_token}, kNoon));
}

TEST_F(KeyedRefresh, SucceedsOnceHoweverManyAskAtOnce) {  // checklist 23
  Policy policy = keyed();
  policy.on_replay = OnReplay::kRefuse;
  world.rule_by(policy);
  const TokenSet set = world.tokens(Login{.client = World::key_of("app")});
  const int successes = in_parallel(8, [&](int) {
    return world.perform(Refresh{.refresh_token = set.refresh_token}, kNoon).has_value();
  });
  EXPECT_EQ(successes, 1);
  EXPECT_EQ(world.told("reuse"), 7);
}

TEST_F(KeyedRefresh, LeavesNothingAliveWhenItRacesARevocation) {  // checklist 23
  for (int round = 0; round < 20; ++round) {
    const TokenSet set = world.tokens(Login{.client = World::key_of("app")});
    std::vector<Secret> issued(2);
    in_parallel(2, [&](int i) {
      if (i == 0) return world.perform(Revoke{.token = set.access_token}, kNoon).has_value();
      const auto next = world.perform(Refresh{.refresh_token = set.refresh_token}, kNoon);
      if (next) issued[1] = std::get<TokenSet>(*next).access_token;
      return true;
    });
    EXPECT_FALSE(world.is_live(issued[1])) << round;
    EXPECT_EQ(world.live_families(), 0);
  }
}

TEST(LastingRefresh, KeepsTheTokenAndGivesNoNewOne) {
  World world{lasting()};
  world.add_user("ann");
  world.add_client("page");
  const Secret session = must(world.authority().sign_in(World::user_key("ann"), kNoon));
  const TokenSet set = must(world.authority().issue(session, ClientId{"page"}, kNoon));
  for (const Instant now : {kNoon, kNoon + 24h, kNoon + 365 * 24h - 1s}) {
    const TokenSet next = world.tokens(Refresh{.refresh_token = set.refresh_token}, now);
    EXPECT_TRUE(next.refresh_token.empty());
    EXPECT_EQ(next.refresh_until, kNoon + 365 * 24h);
    EXPECT_EQ(next.access_until, now + 1800s);
    EXPECT_TRUE(world.is_live(next.access_token, now));
  }
  EXPECT_EQ(world.refusal(Refresh{.refresh_token = set.refresh_token}, kNoon + 365 * 24h),
            Why::kExpired);
}

TEST(LastingRefresh, NarrowsOneAccessTokenAndNotTheNext) {
  World world{lasting()};
  world.add_user("ann", {{"portfolios", "D1 G1 X1"}, {"agreements", "1"}});
  world.add_client("page");
  const Secret session = must(world.authority().sign_in(World::user_key("ann"), kNoon));
  const TokenSet set = must(world.authority().issue(session, ClientId{"page"}, kNoon));
  const auto seen = [&](const Refresh& asked) {
    const TokenSet next = world.tokens(asked);
    return attribute(world.get<Used>(Use{.bearer = next.access_token}).who.attributes,
                     "portfolios");
  };
  Refresh asked{.refresh_token = set.refresh_token, .narrow_to = {"G1", "D1"}};
  EXPECT_EQ(seen(asked), "D1 G1");
  asked.narrow_to = {"Z9"};
  EXPECT_EQ(world.refusal(asked), Why::kForbidden);
  asked.narrow_to = {"D1 G1"};
  EXPECT_EQ(world.refusal(asked), Why::kMalformed);
  asked.narrow_to = {};
  EXPECT_EQ(seen(asked), "D1 G1 X1");
}

TEST(ReissuedRefresh, LeavesTheOldTokenGood) {
  World world{partnered()};
  world.add_user("ann");
  world.add_client("app", [](Client& c) { c.partner = "P"; });
  world.add_client("rival", [](Client& c) { c.partner = "Q"; });
  const TokenSet first = world.tokens(
      Login{.client = World::key_of("app"), .user = World::user_key("ann"), .partner = "P"});
  const Refresh asked{.refresh_token = first.refresh_token, .partner = "P"};
  const TokenSet second = world.tokens(asked);
  EXPECT_NE(second.refresh_token, first.refresh_token);
  EXPECT_EQ(second.session, first.session);
  EXPECT_EQ(second.scope, "profile");
  EXPECT_TRUE(world.perform(asked, kNoon));
  EXPECT_EQ(world.refusal({Refresh{.refresh_token = first.refresh_token}}), Why::kForbidden);
  EXPECT_EQ(world.refusal({Refresh{.refresh_token = first.refresh_token, .partner = "Z"}}),
            Why::kForbidden);
  EXPECT_EQ(world.refusal({Refresh{.refresh_token = first.refresh_token, .partner = "Q"}}),
            Why::kInvalidToken);
}

TEST(NoRefresh, IsToldWhereTheWireHasNone) {
  World world{tiered()};
  EXPECT_EQ(world.refusal(Refresh{.refresh_token = Secret{"x"}}), Why::kUnsupported);
}

}  // namespace
}  // namespace latchkey::engine
