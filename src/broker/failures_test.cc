#include "broker/failures.h"

#include <gtest/gtest.h>

#include <set>

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNoon = from_epoch(1772366400);  // 2026-03-01T12:00:00Z

struct Row {
  const char* title;
  Why why;
  Attempt attempt;
  int before;  ///< failures in a row already
  std::optional<Instant> until;
};

class CoolDown : public ::testing::TestWithParam<Row> {};

TEST_P(CoolDown, Grows) {
  const Row& row = GetParam();
  std::optional<Failure> before;
  if (row.before > 0) before = Failure{.serial = 7, .count = row.before, .noted = kNoon - 1min};
  const auto next = after(before, {row.why, "because", {}, {}}, row.attempt, kNoon);
  ASSERT_TRUE(next) << row.title;
  EXPECT_EQ(next->until, row.until) << row.title;
  EXPECT_EQ(next->count, row.before + 1) << row.title;
  EXPECT_EQ(next->serial, row.before > 0 ? 8 : 1);
  EXPECT_EQ(next->say, "because");
}

INSTANTIATE_TEST_SUITE_P(
    , CoolDown,
    ::testing::Values(
        Row{"the first binds nobody", Why::kUnavailable, Attempt::kRenewal, 0, kNoon},
        Row{"the second", Why::kNoAnswer, Attempt::kRenewal, 1, kNoon + 2s},
        Row{"the third", Why::kTooMany, Attempt::kLogin, 2, kNoon + 4s},
        Row{"the eighth", Why::kBadResponse, Attempt::kRenewal, 7, kNoon + 128s},
        Row{"the ninth", Why::kBadResponse, Attempt::kRenewal, 8, kNoon + 256s},
        Row{"the tenth", Why::kBadResponse, Attempt::kRenewal, 9, kNoon + 300s},
        Row{"a wrong password, once", Why::kBadCredentials, Attempt::kLogin, 0, kEndOfTime},
        Row{"a login that wants a code", Why::kOtpRequired, Attempt::kLogin, 0, kEndOfTime},
        Row{"a refresh refused", Why::kBadCredentials, Attempt::kRenewal, 0, kNoon + 60s},
        Row{"suspended", Why::kForbidden, Attempt::kLogin, 0, kNoon + 60s},
        Row{"suspended still", Why::kForbidden, Attempt::kLogin, 1, kNoon + 120s},
        Row{"suspended for long", Why::kForbidden, Attempt::kLogin, 6, kNoon + 1h}));

TEST(Failures, AreNotWhatTheEntryOrThisMachineSays) {
  const std::set<Why> noted = {
      Why::kTooMany,     Why::kUnavailable, Why::kNoAnswer, Why::kBadResponse, Why::kBadCredentials,
      Why::kOtpRequired, Why::kOtpWrong,    Why::kPending,  Why::kDeclined,    Why::kMalformed,
      Why::kUnsupported, Why::kNotFound,    Why::kConflict, Why::kForbidden};
  for (const Why why : kEveryWhy)
    EXPECT_EQ(after({}, {.why = why}, Attempt::kRenewal, kNoon).has_value(), noted.contains(why))
        << name_of(why);
}

TEST(Failures, AreInARowOnlyWhenTheyAreClose) {
  const Error down{.why = Why::kUnavailable};
  const Failure old{.serial = 3, .count = 5, .noted = kNoon - kFailureMemory};
  EXPECT_EQ(after(old, down, Attempt::kRenewal, kNoon)->count, 1);
  EXPECT_EQ(after(old, down, Attempt::kRenewal, kNoon - 1s)->count, 6);
  const Failure from_the_future{.serial = 3, .count = 5, .noted = kNoon + 1s};
  EXPECT_EQ(after(from_the_future, down, Attempt::kRenewal, kNoon)->count, 1);
}

struct Bound {
  const char* title;
  Failure failure;
  bool forbids;
};

class Forbids : public ::testing::TestWithParam<Bound> {};

TEST_P(Forbids, UntilItsTime) {
  EXPECT_EQ(forbids(GetParam().failure, kNoon), GetParam().forbids) << GetParam().title;
}

INSTANTIATE_TEST_SUITE_P(
    , Forbids,
    ::testing::Values(
        Bound{"a second to go", {.count = 1, .noted = kNoon, .until = kNoon + 1s}, true},
        Bound{"now it is free", {.count = 1, .noted = kNoon - 9s, .until = kNoon}, false},
        Bound{"went well since", {.count = 0, .noted = kNoon, .until = kNoon + 9s}, false},
        Bound{"until a person acts", {.count = 1, .noted = kNoon, .until = kEndOfTime}, true},
        Bound{"the clock was set back",
              {.count = 1, .noted = kNoon + 1s, .until = kNoon + 60s},
              false},
        Bound{"the longest hold", {.count = 1, .noted = kNoon, .until = kNoon + 24h}, true},
        Bound{"longer than any", {.count = 1, .noted = kNoon, .until = kNoon + 24h + 1s}, false}));

TEST(HeldBack, SaysUntilWhenAndWhoSaidSo) {
  const Failure failure{.count = 3,
                        .why = Why::kUnavailable,
                        .say = "no connection",
                        .noted = kNoon,
                        .until = kNoon + 2h + 3min + 5s};
  const Error ours = held_back(failure, kNoon, false, "desk");
  EXPECT_EQ(ours.why, Why::kUnavailable);
  EXPECT_EQ(ours.retry_after, 2h + 3min + 5s);
  EXPECT_EQ(ours.say,
            "no connection; failed 3 times in a row, not before 14:03:05 UTC; to try now run: "
            "latchkey refresh desk");
  EXPECT_EQ(held_back(failure, kNoon, true, "desk").say,
            "no connection; not before 14:03:05 UTC; the provider said so");
}

TEST(HeldBack, NamesThePersonsCommandAfterAWrongPassword) {
  const auto failure =
      after({}, {Why::kBadCredentials, "wrong password", {}, {}}, Attempt::kLogin, kNoon);
  const Error error = held_back(*failure, kNoon + 1h, false, "desk");
  EXPECT_EQ(error.why, Why::kPersonNeeded);
  EXPECT_EQ(error.say,
            "the login of desk was refused at 12:00:00 UTC (wrong password) and is not tried "
            "again; run: latchkey login desk");
}

TEST(HeldBack, ShowsTheDateOfAnotherDay) {
  EXPECT_EQ(clock_time(kNoon + 12h - 1s, kNoon), "23:59:59 UTC");
  EXPECT_EQ(clock_time(kNoon + 12h, kNoon), "2026-03-02T00:00:00Z");
}

TEST(Hold, IsWhatTheProviderSaidUpToADay) {
  EXPECT_EQ(hold_for({Why::kTooMany, {}, {}, 7s}, kNoon).until, kNoon + 8s);
  EXPECT_EQ(hold_for({Why::kTooMany, {}, {}, 1000h}, kNoon).until, kNoon + 24h);
  EXPECT_TRUE(forbids(hold_for({Why::kTooMany, {}, {}, 24h}, kNoon), kNoon));
  EXPECT_EQ(hold_for({Why::kTooMany, {}, {}, -1s}, kNoon).until, kNoon + 1s);
  EXPECT_EQ(hold_for({Why::kTooMany, std::string(5000, 'x'), {}, 7s}, kNoon).say.size(),
            kMostSaidBytes);
}

}  // namespace
}  // namespace latchkey::broker
