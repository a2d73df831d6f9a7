#include "broker/backoff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, CallsPassingWhatPassesByItself) {
  const std::set<Why> passing = {Why::kTooMany, Why::kUnavailable, Why::kNoAnswer,
                                 Why::kBadResponse};
  for (const Why why : kEveryWhy) EXPECT_EQ(is_passing(why), passing.contains(why)) << name_of(why);
}

struct Row {
  const char* title;
  Why why;
  Seconds retry_after;
  int failed;
  std::optional<Seconds> pause;
};

class Pause : public ::testing::TestWithParam<Row> {};

TEST_P(Pause, IsWhatTheProviderAskedForOrGrows) {
  const Row& row = GetParam();
  const Error error{row.why, {}, {}, row.retry_after};
  EXPECT_EQ(pause_before_retry(error, row.failed, 30s), row.pause) << row.title;
}

INSTANTIATE_TEST_SUITE_P(
    , Pause,
    ::testing::Values(Row{"after the first failure", Why::kUnavailable, 0s, 1, 1s},
                      Row{"after the second", Why::kUnavailable, 0s, 2, 2s},
                      Row{"never after the third", Why::kUnavailable, 0s, 3, std::nullopt},
                      Row{"nor before the first", Why::kUnavailable, 0s, 0, std::nullopt},
                      Row{"as asked for", Why::kTooMany, 30s, 1, 30s},
                      Row{"asked for more than there is", Why::kTooMany, 31s, 1, std::nullopt},
                      Row{"no answer", Why::kNoAnswer, 0s, 1, 1s},
                      Row{"an answer that is none comes again", Why::kBadResponse, 0s, 1,
                          std::nullopt},
                      Row{"never after bad credentials", Why::kBadCredentials, 0s, 1, std::nullopt},
                      Row{"whatever they say", Why::kBadCredentials, 5s, 1, std::nullopt}));

}  // namespace
}  // namespace latchkey::broker
