#include "engine/testing.h"

namespace latchkey::engine {
namespace {

class UseTest : public ::testing::Test {
 protected:
  explicit UseTest(Policy policy = keyed()) : world(std::move(policy)) {
    world.add_user("ann");
    world.add_client("app", [](Client& c) { c.owner = SubjectId{"ann"}; });
    set = world.tokens(Login{.client = World::key_of("app")});
  }
  World world;
  TokenSet set;
};

TEST_F(UseTest, SaysWhyABearerOpensNothing) {
  EXPECT_EQ(world.refusal(Use{}), Why::kBadCredentials);
  EXPECT_EQ(world.refusal(Use{.bearer = Secret{"unknown"}}), Why::kInvalidToken);
  EXPECT_EQ(world.refusal(Use{.bearer = set.refresh_token}), Why::kInvalidToken);
  EXPECT_EQ(world.refusal(Use{.bearer = set.access_token}, kNoon + 8h), Why::kExpired);
  EXPECT_TRUE(world.is_live(set.access_token, kNoon + 8h - 1s));
  must(world.admin.revoke({.realm = kRealm}, "test", kNoon));
  EXPECT_EQ(world.refusal(Use{.bearer = set.access_token}), Why::kRevoked);
}

TEST_F(UseTest, NeedsOneOfTheTiers) {
  const auto use = [&](std::vector<std::string> tiers) {
    return world.perform(Use{.bearer = set.access_token, .tiers = std::move(tiers)}, kNoon);
  };
  EXPECT_TRUE(use({}));
  EXPECT_TRUE(use({"data"}));
  EXPECT_TRUE(use({"trading", "data"}));
  EXPECT_EQ(why(use({"trading"})), Why::kForbidden);
}

TEST_F(UseTest, OfAnotherRealmIsUnknown) {
  LocalAuthority elsewhere(Realm{"elsewhere"}, keyed(), world.store, world.keys, std::nullopt);
  EXPECT_EQ(why(elsewhere.perform(Use{.bearer = set.access_token}, kNoon)), Why::kInvalidToken);
  EXPECT_EQ(why(elsewhere.perform(Refresh{.refresh_token = set.refresh_token}, kNoon)),
            Why::kInvalidToken);
}

TEST_F(UseTest, ReadsTheNotebookAfterWritingInIt) {
  const auto note = [&](std::optional<std::string> text, Instant now) {
    return world
        .get<Used>(Use{.bearer = set.access_token, .notebook = "orders", .note = std::move(text)},
                   now)
        .notes;
  };
  EXPECT_TRUE(note(std::nullopt, kNoon).empty());
  EXPECT_EQ(note("first", kNoon).size(), 1u);
  const auto both = note("second", kNoon + 1s);
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].text, "second");
  EXPECT_EQ(both[0].at, kNoon + 1s);
  EXPECT_EQ(both[1].text, "first");
  EXPECT_EQ(note(std::nullopt, kNoon).size(), 2u);
  EXPECT_EQ(world.refusal(Use{
                .bearer = set.access_token, .notebook = "orders", .note = std::string(4097, 'x')}),
            Why::kMalformed);
  EXPECT_TRUE(world.perform(
      Use{.bearer = set.access_token, .notebook = "orders", .note = std::string(4096, 'x')},
      kNoon));
}

TEST_F(UseTest, WritesNothingForABearerThatMayNot) {
  const Use asked{
      .bearer = set.access_token, .tiers = {"trading"}, .notebook = "orders", .note = "no"};
  EXPECT_EQ(world.refusal(asked), Why::kForbidden);
  EXPECT_TRUE(world.get<Used>(Use{.bearer = set.access_token, .notebook = "orders"}).notes.empty());
}

class Flooded : public UseTest {
 protected:
  Flooded() : UseTest(policy()) {}
  static Policy policy() {
    Policy policy = keyed();
    policy.flood_per_second = 5;
    return policy;
  }
};

TEST_F(Flooded, AccountIsSuspendedUntilSomebodyEnablesIt) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(world.is_live(set.access_token));
  EXPECT_EQ(world.refusal(Use{.bearer = set.access_token}), Why::kForbidden);
  EXPECT_EQ(world.refusal(Use{.bearer = set.access_token}, kNoon + 1h), Why::kForbidden);
  EXPECT_EQ(world.refusal(Refresh{.refresh_token = set.refresh_token}, kNoon + 1h),
            Why::kForbidden);
  EXPECT_EQ(world.refusal(Login{.client = World::key_of("app")}, kNoon + 1h), Why::kBadCredentials);
  EXPECT_EQ(world.told("suspended"), 1);
  const auto ann = world.store.read([](Tx& tx) { return tx.subject(kRealm, SubjectId{"ann"}); });
  EXPECT_EQ(must(ann)->disabled_why, "flood");
  EXPECT_EQ(world.live_families(), 1);
  must(world.admin.set_user_disabled(kRealm, SubjectId{"ann"}, false, "", kNoon));
  EXPECT_TRUE(world.is_live(set.access_token, kNoon + 1h));
}

TEST_F(Flooded, AccountIsNotOneThatIsBusyButWithinItsLimit) {
  for (int second = 0; second < 10; ++second) {
    for (int i = 0; i < 5; ++i) {
      EXPECT_TRUE(world.is_live(set.access_token, kNoon + Seconds{second}));
    }
  }
  EXPECT_EQ(world.told("suspended"), 0);
}

TEST_F(Flooded, AccountIsNotOneWhoseNameAStrangerShouts) {
  for (int i = 0; i < 50; ++i) world.refusal(Use{.bearer = Secret{"guess"}});
  EXPECT_TRUE(world.is_live(set.access_token));
}

TEST(PartneredUse, NamesThePartnerOfTheToken) {
  World world{partnered()};
  world.add_user("ann");
  world.add_client("app", [](Client& c) { c.partner = "P"; });
  world.add_client("rival", [](Client& c) { c.partner = "Q"; });
  const TokenSet set = world.tokens(
      Login{.client = World::key_of("app"), .user = World::user_key("ann"), .partner = "P"});
  const auto use = [&](std::string partner) {
    return world.perform(Use{.bearer = set.access_token, .partner = std::move(partner)}, kNoon);
  };
  EXPECT_TRUE(use("P"));
  for (const char* wrong : {"", "Q", "Z"}) EXPECT_EQ(why(use(wrong)), Why::kForbidden) << wrong;
}

}  // namespace
}  // namespace latchkey::engine
