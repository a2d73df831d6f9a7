#include "agent/schedule.h"

#include <gtest/gtest.h>

#include <set>

namespace latchkey::agent {
namespace {

using namespace std::chrono_literals;
constexpr Instant kNoon = from_epoch(1772366400);

struct Row {
  const char* title;
  Seconds life;  // obtained at noon
  Seconds ahead;
  Seconds need;
  unsigned spread;
  std::optional<Seconds> at;  // after noon
};

broker::Entry entry_with(Seconds life) {
  broker::Entry entry;
  entry.access_token = Secret("access");
  entry.refresh_token = Secret("there");
  entry.renewed = kNoon;
  entry.access_until = kNoon + life;
  return entry;
}

class RenewalAhead : public ::testing::TestWithParam<Row> {};

TEST_P(RenewalAhead, IsBeforeTheEnd) {
  const Row& row = GetParam();
  const auto at = renew_at(entry_with(row.life), {}, {row.ahead, row.need}, {}, row.spread, kNoon);
  EXPECT_EQ(at.has_value(), row.at.has_value()) << row.title;
  if (at && row.at) EXPECT_EQ(*at, kNoon + *row.at) << row.title;
}

INSTANTIATE_TEST_SUITE_P(
    , RenewalAhead,
    ::testing::Values(
        Row{"a day: five minutes before", 24h, 5min, 60s, 0, 24h - 5min},
        Row{"the widest spread: half a lead earlier", 24h, 1024s, 60s, 1023, 24h - 1024s - 511s},
        Row{"25 minutes: five are a fifth", 25min, 5min, 60s, 0, 20min},
        Row{"24 minutes: a fifth", 24min, 5min, 60s, 0, 24min - 288s},
        Row{"never so late that a caller would wait", 5min, 5min, 60s, 0, 5min - 70s},
        Row{"callers who ask for more", 1h, 5min, 20min, 0, 1h - 20min - 10s},
        Row{"half of its life is enough", 140s, 5min, 60s, 0, 70s},
        Row{"less is not: the next would be due at once", 139s, 5min, 60s, 0, std::nullopt},
        Row{"no wish to be early", 1h, 0s, 60s, 0, 1h - 70s},
        Row{"a short life, and callers who take it as it is", 10s, 5min, 1s, 0, 7s},
        Row{"a short life, and callers who want more than it has", 10s, 5min, 60s, 0,
            std::nullopt}));

TEST(RenewAt, IsNeverForWhatCannotBeRenewedAlone) {
  auto entry = entry_with(1h);
  EXPECT_TRUE(renew_at(entry, {}, {}, {}, 0, kNoon));
  entry.refresh_until = kNoon + 10min;
  EXPECT_TRUE(renew_at(entry, {}, {}, {}, 0, kNoon + 10min - 1s));
  EXPECT_FALSE(renew_at(entry, {}, {}, {}, 0, kNoon + 10min)) << "the refresh token is dead";
  EXPECT_TRUE(renew_at(entry, {.can_log_in_alone = true}, {}, {}, 0, kNoon + 10min));
  entry = entry_with(1h);
  entry.access_until.reset();
  EXPECT_FALSE(renew_at(entry, {}, {}, {}, 0, kNoon)) << "no stated end";
  entry = entry_with(1h);
  entry.access_token = Secret();
  EXPECT_FALSE(renew_at(entry, {}, {}, {}, 0, kNoon)) << "nobody holds it any more";
}

TEST(RenewAt, ComesLaterAfterEachFailure) {
  const auto entry = entry_with(1h);
  const Instant tried = kNoon + 55min;
  const std::pair<Tries, Seconds> rows[] = {{{0, {}, 0s}, 0s},          {{1, tried, 0s}, 15s},
                                            {{2, tried, 0s}, 30s},      {{5, tried, 0s}, 240s},
                                            {{6, tried, 0s}, 300s},     {{1000, tried, 0s}, 300s},
                                            {{1, tried, 3600s}, 3600s}, {{1, tried, 1s}, 15s}};
  for (const auto& [tries, pause] : rows)
    EXPECT_EQ(renew_at(entry, {}, {}, tries, 0, tried), tried + pause) << tries.failed;
  const Tries early{1, kNoon, 0s};
  EXPECT_EQ(renew_at(entry, {}, {}, early, 0, kNoon), kNoon + 55min) << "not before it is due";
}

TEST(Spread, IsTheSameForOneTokenAndManyForMany) {
  EXPECT_EQ(spread_of(ProfileName("desk"), 7), spread_of(ProfileName("desk"), 7));
  std::set<unsigned> seen;
  for (int i = 0; i < 100; ++i) {
    const unsigned spread = spread_of(ProfileName("profile-" + std::to_string(i)), 1);
    EXPECT_LT(spread, 1024u);
    seen.insert(spread / 128);
  }
  EXPECT_EQ(seen.size(), 8u) << "every eighth of the time has some";
  seen.clear();
  for (int i = 0; i < 100; ++i) seen.insert(spread_of(ProfileName("desk"), i));
  EXPECT_GT(seen.size(), 80u);
}

}  // namespace
}  // namespace latchkey::agent
