#include "broker/polling.h"

#include <gtest/gtest.h>

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNoon = from_epoch(1772366400);

Error answered(Why why, Seconds retry_after = 0s) { return {why, {}, {}, retry_after}; }

struct Row {
  const char* name;
  std::vector<Error> answers;
  Seconds expected;
};
class PollingPause : public ::testing::TestWithParam<Row> {};

// checklist 37
TEST_P(PollingPause, FollowsTheAnswers) {
  Polling polling(kNoon, kNoon + 30min, 5s);
  for (const auto& answer : GetParam().answers) ASSERT_TRUE(polling.go_on(answer));
  EXPECT_EQ(polling.pause(kNoon), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    , PollingPause,
    ::testing::Values(
        Row{"the_interval_at_first", {}, 5s},
        Row{"pending_changes_nothing", {answered(Why::kPending), answered(Why::kPending)}, 5s},
        Row{"slow_down_adds_five", {answered(Why::kTooMany)}, 10s},
        Row{"for_good", {answered(Why::kTooMany), answered(Why::kPending)}, 10s},
        Row{"and_again", {answered(Why::kTooMany), answered(Why::kTooMany)}, 15s},
        Row{"retry_after_counts", {answered(Why::kTooMany, 60s)}, 60s},
        Row{"but_not_beyond_reason", {answered(Why::kTooMany, 24h)}, kLongestPoll},
        Row{"nobody_there_doubles_it",
            {answered(Why::kUnavailable), answered(Why::kNoAnswer)},
            20s}),
    [](const auto& info) { return info.param.name; });

TEST(Polling, EndsWhenTheCodeIsOver) {
  const Polling polling(kNoon, kNoon + 60s, 5s);
  EXPECT_EQ(polling.pause(kNoon + 54s), 5s);
  EXPECT_EQ(polling.pause(kNoon + 55s), std::nullopt) << "the answer would be that it is over";
  EXPECT_EQ(polling.left(kNoon + 20s), 40s);
  EXPECT_EQ(polling.left(kNoon + 90s), 0s);
}

TEST(Polling, BelievesNoAbsurdInterval) {
  EXPECT_EQ(Polling(kNoon, kNoon + 1h, 0s).pause(kNoon), kShortestPoll);
  EXPECT_EQ(Polling(kNoon, kNoon + 1h, -5s).pause(kNoon), kShortestPoll);
  EXPECT_EQ(Polling(kNoon, kEndOfTime, 24h).pause(kNoon), kLongestPoll);
  EXPECT_EQ(Polling(kNoon, kEndOfTime, 5s).left(kNoon), kLongestPatience);
}

TEST(Polling, OnlyWhatPassesGoesOn) {
  for (const Why why : kEveryWhy) {
    const bool passes = why == Why::kPending || why == Why::kTooMany || why == Why::kUnavailable ||
                        why == Why::kNoAnswer;
    EXPECT_EQ(Polling(kNoon, kNoon + 60s, 5s).go_on(answered(why)), passes) << name_of(why);
  }
}

}  // namespace
}  // namespace latchkey::broker
