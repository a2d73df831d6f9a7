#include "engine/rules.h"
#include "engine/testing.h"

namespace latchkey::engine {
namespace {

// checklist 25, 64: idle and absolute ends of a family, after which a person logs in again.
class Lifetimes : public ::testing::Test {
 protected:
  void start(Seconds absolute, Seconds idle) {
    Policy policy = coded();
    policy.login = LoginKind::kClientSecret;
    policy.access_lifetime = 10min;
    policy.refresh_lifetime = 1h;
    policy.refresh_from_access_end = false;
    policy.grant_lifetime = absolute;
    policy.idle_lifetime = idle;
    world.rule_by(policy);
    world.add_client("app");
    set = world.tokens(Login{.client = World::key_of("app")});
  }
  Result<Outcome> refresh(Instant now) {
    return world.perform(
        Refresh{.refresh_token = set.refresh_token, .client = World::key_of("app")}, now);
  }
  void renew(Instant now) { set = std::get<TokenSet>(must(refresh(now))); }

  World world;
  TokenSet set;
};

TEST_F(Lifetimes, SlidingNeverMovesTheAbsoluteEnd) {
  start(2h, 0s);
  for (const Seconds after : {30min, 60min, 90min, 119min}) renew(kNoon + after);
  EXPECT_EQ(set.access_until, kNoon + 2h) << "no token outlives its family";
  EXPECT_EQ(set.refresh_until, kNoon + 2h);
  EXPECT_TRUE(world.is_live(set.access_token, kNoon + 2h - 1s));
  EXPECT_FALSE(world.is_live(set.access_token, kNoon + 2h));
  EXPECT_EQ(why(refresh(kNoon + 2h)), Why::kExpired);
  renew(kNoon + 2h - 1s);
}

TEST_F(Lifetimes, AnAbsoluteEndThatIsSetLaterCountsForOldFamiliesToo) {
  start(0s, 0s);
  renew(kNoon + 30min);
  Policy stricter = world.authority().policy();
  stricter.grant_lifetime = 31min;
  world.rule_by(stricter);
  EXPECT_EQ(why(refresh(kNoon + 31min)), Why::kExpired);
  renew(kNoon + 31min - 1s);
}

TEST_F(Lifetimes, AFamilyThatIsNotUsedIsOver) {
  start(0s, 20min);
  renew(kNoon + 19min);
  renew(kNoon + 39min - 1s);
  EXPECT_EQ(why(refresh(kNoon + 59min - 1s)), Why::kExpired);
  renew(kNoon + 59min - 2s);
}

TEST_F(Lifetimes, WithoutThemEveryRefreshBeginsANewLife) {
  start(0s, 0s);
  for (int hour = 1; hour < 100; ++hour) renew(kNoon + hour * 59min);
  EXPECT_GT(set.refresh_until, kNoon + 98h);
}

struct IdleRow {
  const char* what;
  Seconds absolute, idle, age, unused;
  bool goes_on;
};
class MayGoOn : public ::testing::TestWithParam<IdleRow> {};

TEST_P(MayGoOn, AtItsBoundary) {
  const IdleRow& row = GetParam();
  const Grant grant{.created = kNoon, .used = kNoon + row.age - row.unused};
  const Policy policy{.grant_lifetime = row.absolute, .idle_lifetime = row.idle};
  const Result<> may = may_go_on(policy, grant, kNoon + row.age);
  EXPECT_EQ(may.has_value(), row.goes_on) << row.what;
  if (!may) EXPECT_EQ(may.error().why, Why::kExpired);
}

INSTANTIATE_TEST_SUITE_P(
    , MayGoOn,
    ::testing::Values(IdleRow{"neither", 0s, 0s, 9999h, 9999h, true},
                      IdleRow{"a second before the end", 1h, 0s, 3599s, 0s, true},
                      IdleRow{"at the end", 1h, 0s, 3600s, 0s, false},
                      IdleRow{"used a second ago enough", 0s, 1h, 9h, 3599s, true},
                      IdleRow{"not used for as long", 0s, 1h, 9h, 3600s, false},
                      IdleRow{"never used, but young", 0s, 1h, 1800s, 1800s, true}));

}  // namespace
}  // namespace latchkey::engine
