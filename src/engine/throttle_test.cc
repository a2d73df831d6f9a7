#include "engine/throttle.h"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::engine {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNoon{Seconds{1'772'366'400}};

// How many of `tries` acts at `now` are allowed.
int allowed(Pace pace, Micros& next, Instant now, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) {
    const Ruling ruling = rule(pace, next, now);
    next = ruling.next;
    count += ruling.allowed ? 1 : 0;
  }
  return count;
}

TEST(Rule, GivesSoManyASecondAndNoMore) {
  for (const int per_second : {1, 2, 3, 7, 50, 1000}) {
    Micros next{0};
    EXPECT_EQ(allowed(pace_per_second(per_second), next, kNoon, 2000), per_second);
    EXPECT_EQ(allowed(pace_per_second(per_second), next, kNoon + 1s, 2000), per_second);
    EXPECT_EQ(allowed(pace_per_second(per_second), next, kNoon + 100s, 2000), per_second);
  }
}

TEST(Rule, AllowsOneAnInterval) {
  const Pace pace = pace_of_interval(10s);
  Micros next{0};
  EXPECT_EQ(allowed(pace, next, kNoon, 3), 1);
  EXPECT_EQ(allowed(pace, next, kNoon + 9s, 3), 0);
  EXPECT_EQ(allowed(pace, next, kNoon + 10s, 3), 1);
  EXPECT_EQ(allowed(pace, next, kNoon + 21s, 3), 1);
}

TEST(Rule, SaysWhenTheNextOneIs) {
  const Pace pace = pace_of_interval(10s);
  const Ruling first = rule(pace, Micros{0}, kNoon);
  EXPECT_EQ(rule(pace, first.next, kNoon).retry_after, 10s);
  EXPECT_EQ(rule(pace, first.next, kNoon + 9s).retry_after, 1s);
  EXPECT_EQ(rule(pace, first.next, kNoon + 10s).retry_after, 0s);
}

TEST(Rule, HasNoLimitWithoutAPace) {
  Micros next{0};
  EXPECT_EQ(allowed(pace_per_second(0), next, kNoon, 5000), 5000);
  EXPECT_EQ(allowed(pace_of_interval(0s), next, kNoon, 5000), 5000);
}

TEST(Rule, SurvivesAClockThatGoesBack) {
  const Pace pace = pace_of_interval(10s);
  Micros next{0};
  EXPECT_EQ(allowed(pace, next, kNoon, 1), 1);
  EXPECT_EQ(allowed(pace, next, kNoon - 24h, 1), 0);
  EXPECT_EQ(allowed(pace, next, kNoon - 24h + 10s, 1), 1);
}

TEST(Throttle, KeepsAccountsApart) {
  Throttle throttle(pace_of_interval(10s));
  EXPECT_TRUE(throttle.take("ann", kNoon).allowed);
  EXPECT_FALSE(throttle.take("ann", kNoon).allowed);
  EXPECT_TRUE(throttle.take("bob", kNoon).allowed);
  EXPECT_TRUE(throttle.take("ann", kNoon + 10s).allowed);
}

TEST(Throttle, ForgetsTheQuietestWhenItIsFullAndGoesOn) {
  Throttle throttle(pace_of_interval(10s));
  for (int i = 0; i < 100'000; ++i) {
    EXPECT_TRUE(throttle.take("account " + std::to_string(i), kNoon).allowed);
  }
  EXPECT_TRUE(throttle.take("ann", kNoon + 5s).allowed);
  EXPECT_FALSE(throttle.take("ann", kNoon + 5s).allowed);
}

}  // namespace
}  // namespace latchkey::engine
