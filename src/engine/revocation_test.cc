#include <algorithm>

#include "engine/epoch.h"
#include "engine/testing.h"

// How operators end what was issued, and that it stays ended (promise I5).

namespace latchkey::engine {
namespace {

class Revocation : public ::testing::Test {
 protected:
  Revocation() {
    Policy policy = keyed();
    policy.single_session = false;
    policy.replay_window = 30s;
    world.rule_by(policy);
    for (const char* login : {"ann", "bob"}) world.add_user(login);
    world.add_client("app", [](Client& c) { c.owner = SubjectId{"ann"}; });
    world.add_client("tool", [](Client& c) { c.owner = SubjectId{"ann"}; });
    world.add_client("else", [](Client& c) { c.owner = SubjectId{"bob"}; });
    app = log_in("app");
    tool = log_in("tool");
    other = log_in("else");
  }
  TokenSet log_in(std::string_view client, Instant now = kNoon) {
    return world.tokens(Login{.client = World::key_of(client)}, now);
  }
  bool dead(const TokenSet& set, Instant now = kNoon) {
    const auto refreshed = world.perform(Refresh{.refresh_token = set.refresh_token}, now);
    return !world.is_live(set.access_token, now) && !refreshed;
  }
  std::vector<Admin::Holder> holders(std::string_view login, Instant now = kNoon) {
    return must(world.admin.holders({.realm = kRealm, .subject = SubjectId{login}}, 100, now));
  }
  World world;
  TokenSet app, tool, other;
};

TEST_F(Revocation, ByTokenEndsItsFamilyAndNoOther) {
  for (const Secret* token : {&app.access_token, &tool.refresh_token}) {
    EXPECT_TRUE(must(world.admin.revoke_token(kRealm, *token, "lost", kNoon)));
    EXPECT_FALSE(must(world.admin.revoke_token(kRealm, *token, "lost", kNoon)));
  }
  EXPECT_TRUE(dead(app));
  EXPECT_TRUE(dead(tool));
  EXPECT_TRUE(world.is_live(other.access_token));
  EXPECT_FALSE(must(world.admin.revoke_token(kRealm, Secret{"unknown"}, "x", kNoon)));
  EXPECT_FALSE(must(world.admin.revoke_token(Realm{"z"}, other.access_token, "x", kNoon)));
}

TEST_F(Revocation, ByUserEndsSessionsToo) {
  const Secret session = must(world.authority().sign_in(World::user_key("ann"), kNoon));
  EXPECT_EQ(must(world.admin.revoke_user(kRealm, SubjectId{"ann"}, "left", kNoon)), 2);
  EXPECT_TRUE(dead(app));
  EXPECT_TRUE(dead(tool));
  EXPECT_FALSE(world.authority().session(session, kNoon));
  EXPECT_TRUE(world.is_live(other.access_token));
  EXPECT_EQ(why(world.admin.revoke_user(kRealm, SubjectId{"no"}, "x", kNoon)), Why::kNotFound);
  EXPECT_EQ(why(world.admin.revoke_user(kRealm, SubjectId{}, "x", kNoon)), Why::kNotFound);
}

TEST_F(Revocation, OfEveryoneEndsEverything) {  // checklist 63
  const Secret session = must(world.authority().sign_in(World::user_key("bob"), kNoon));
  const TokenSet next = world.tokens(Refresh{.refresh_token = app.refresh_token});
  EXPECT_EQ(must(world.admin.revoke_everyone(kRealm, "stolen", kNoon)), 3);
  for (const TokenSet& set : {app, next, tool, other}) EXPECT_TRUE(dead(set));
  EXPECT_FALSE(world.authority().session(session, kNoon));
  EXPECT_EQ(why(world.admin.revoke_everyone(Realm{}, "x", kNoon)), Why::kBug);
}

TEST_F(Revocation, OutlastsARestartAndEveryClock) {
  must(world.admin.revoke({.realm = kRealm, .client = ClientId{"app"}}, "x", kNoon));
  world.rule_by(world.authority().policy());
  for (const Instant now : {kNoon, kNoon - 24h, kNoon + 1h, kNoon - 365 * 24h}) {
    EXPECT_TRUE(dead(app, now));
  }
  EXPECT_TRUE(world.is_live(tool.access_token));
}

TEST_F(Revocation, ClosesTheReplayWindowToo) {
  world.tokens(Refresh{.refresh_token = app.refresh_token});
  must(world.admin.revoke({.realm = kRealm, .client = ClientId{"app"}}, "x", kNoon));
  EXPECT_EQ(world.refusal(Refresh{.refresh_token = app.refresh_token}), Why::kRevoked);
}

TEST_F(Revocation, HoldersAreWhoHasALiveTokenOfALogin) {
  world.tokens(Refresh{.refresh_token = app.refresh_token}, kNoon + 60s);
  const auto now = holders("ann", kNoon + 61s);
  ASSERT_EQ(now.size(), 2u);
  EXPECT_EQ(now[0].grant.client, ClientId{"tool"}) << "newest login first";
  EXPECT_EQ(now[1].grant.client, ClientId{"app"});
  EXPECT_EQ(now[1].grant.used, kNoon + 60s);
  EXPECT_EQ(now[1].access_tokens, 2) << "the one before it lives on under this policy";
  EXPECT_EQ(now[1].refresh_tokens, 1);
  EXPECT_EQ(now[1].access_until, kNoon + 60s + 8h);
  EXPECT_EQ(holders("nobody").size(), 0u);
  EXPECT_EQ(holders("ann", kNoon + 32h + 60s).size(), 0u) << "what is over is held by nobody";
  must(world.admin.revoke_user(kRealm, SubjectId{"ann"}, "x", kNoon));
  EXPECT_EQ(holders("ann").size(), 0u);
  EXPECT_EQ(holders("bob").size(), 1u);
}

TEST_F(Revocation, AStoreThatWasPutBackIsEndedWhole) {
  EXPECT_EQ(must(epoch_of(world.store)), 0);
  EXPECT_EQ(must(raise_epoch(world.store)), 1);
  EXPECT_EQ(must(raise_epoch(world.store)), 2);
  const Secret session = must(world.authority().sign_in(World::user_key("bob"), kNoon));
  EXPECT_EQ(must(begin_anew(world.store, 9, kNoon)), 3);
  EXPECT_EQ(must(epoch_of(world.store)), 9);
  for (const TokenSet& set : {app, tool, other}) EXPECT_TRUE(dead(set));
  EXPECT_FALSE(world.authority().session(session, kNoon));
  EXPECT_FALSE(dead(log_in("app"))) << "whoever logs in anew is let in";
  must(begin_anew(world.store, 3, kNoon));
  EXPECT_EQ(must(epoch_of(world.store)), 9) << "it only rises";
}

}  // namespace
}  // namespace latchkey::engine
