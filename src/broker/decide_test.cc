#include "broker/decide.h"

#include "broker/testing.h"

namespace latchkey::broker {
namespace {

using testing::kNoon;
using namespace std::chrono_literals;

struct State {
  std::optional<Seconds> access;  // how long each lives from noon on; nullopt: not there
  std::optional<Seconds> refresh;
  std::optional<Seconds> parent;
  bool in_doubt = false;
};
constexpr Seconds kNoEnd{-1'000'000};

void put(Secret& token, std::optional<Instant>& until, const std::optional<Seconds>& lives) {
  if (!lives) return;
  token = Secret("a-token");
  if (*lives != kNoEnd) until = kNoon + *lives;
}

Entry entry_of(const State& state) {
  Entry entry;
  put(entry.access_token, entry.access_until, state.access);
  put(entry.refresh_token, entry.refresh_until, state.refresh);
  put(entry.parent_token, entry.parent_until, state.parent);
  if (state.in_doubt) entry.spending_since = kNoon - 1s;
  return entry;
}

struct Row {
  const char* title;
  State state;
  Means means;
  Step step;
};

class Decide : public ::testing::TestWithParam<Row> {};

TEST_P(Decide, SaysTheStep) {
  const Row& row = GetParam();
  EXPECT_EQ(decide(entry_of(row.state), row.means, kNoon, 60s), row.step) << row.title;
}

INSTANTIATE_TEST_SUITE_P(
    , Decide,
    ::testing::Values(
        Row{"60 s left is enough", {.access = 60s}, {}, Step::kUse},
        Row{"59 s left is not", {.access = 59s, .refresh = 1h}, {}, Step::kRefresh},
        Row{"no stated end is alive", {.access = kNoEnd}, {}, Step::kUse},
        Row{"enough is enough even in doubt",
            {.access = 60s, .refresh = 1h, .in_doubt = true},
            {},
            Step::kUse},
        Row{"in doubt before anything is spent again",
            {.access = 59s, .refresh = 1h, .in_doubt = true},
            {},
            Step::kRecover},
        Row{"in doubt even if one could log in",
            {.refresh = 1h, .in_doubt = true},
            {.can_log_in_alone = true},
            Step::kRecover},
        Row{"a refresh token with a second left", {.refresh = 1s}, {}, Step::kRefresh},
        Row{"a refresh token at its end", {.refresh = 0s}, {}, Step::kAskPerson},
        Row{"a refresh token without an end", {.refresh = kNoEnd}, {}, Step::kRefresh},
        Row{"the refresh token before the company's",
            {.refresh = 1h, .parent = 1h},
            {.delegates = true},
            Step::kRefresh},
        Row{"the company's token with a second left",
            {.parent = 1s},
            {.delegates = true, .can_log_in_alone = true},
            Step::kDelegate},
        Row{"the company's token at its end",
            {.parent = 0s},
            {.delegates = true, .can_log_in_alone = true},
            Step::kLogIn},
        Row{"the company's token of one who does not delegate",
            {.parent = 1h},
            {},
            Step::kAskPerson},
        Row{"all is dead, a login is possible",
            {.access = 0s, .refresh = 0s},
            {.can_log_in_alone = true},
            Step::kLogIn},
        Row{"nothing at all", {}, {}, Step::kAskPerson}));

TEST(DecideNeed, IsNothingForATokenThatOnlyHasToLive) {
  EXPECT_EQ(decide(entry_of({.access = 1s}), {}, kNoon, 0s), Step::kUse);
  EXPECT_EQ(decide(entry_of({.access = 0s}), {}, kNoon, 0s), Step::kAskPerson);
}

TEST(DecideFresh, TakesATokenThatIsNewAndOverForWhatItIs) {
  Entry entry = entry_of({.access = -1s, .refresh = 1h});
  entry.renewed = kNoon - kFresh + 1s;
  EXPECT_EQ(decide(entry, {}, kNoon, 60s), Step::kUse);
  entry.renewed = kNoon - kFresh;
  EXPECT_EQ(decide(entry, {}, kNoon, 60s), Step::kRefresh);
  entry.renewed = kNoon + 1s;
  EXPECT_EQ(decide(entry, {}, kNoon, 60s), Step::kRefresh) << "the clock was set back";
  entry.renewed = kNoon;
  entry.access_token = Secret();
  EXPECT_EQ(decide(entry, {}, kNoon, 60s), Step::kRefresh) << "forgotten, because it is dead";
  entry = entry_of({.access = 59s, .refresh = 1h});
  entry.renewed = kNoon;
  EXPECT_EQ(decide(entry, {}, kNoon, 60s), Step::kRefresh) << "alive, but not for long enough";
}

TEST(DecideRenewal, DoesNotLookAtTheAccessToken) {
  EXPECT_EQ(decide_renewal(entry_of({.access = 1h, .refresh = 1h}), {}, kNoon), Step::kRefresh);
  EXPECT_EQ(decide_renewal(entry_of({.access = 1h}), {}, kNoon), Step::kAskPerson);
}

struct Human {
  const char* title;
  State state;
  Means means;
  std::optional<Seconds> from_noon;
};

class NextHumanAction : public ::testing::TestWithParam<Human> {};

TEST_P(NextHumanAction, IsWhenTheLoginItselfDies) {
  const Human& row = GetParam();
  const auto next = next_human_action(entry_of(row.state), row.means, kNoon);
  const auto expected = row.from_noon ? std::optional(kNoon + *row.from_noon) : std::nullopt;
  EXPECT_EQ(next, expected) << row.title;
}

INSTANTIATE_TEST_SUITE_P(
    , NextHumanAction,
    ::testing::Values(
        Human{"never logged in", {}, {}, 0s},
        Human{"never logged in, but it can do so alone",
              {},
              {.can_log_in_alone = true},
              std::nullopt},
        Human{"only an access token", {.access = 5min}, {}, 5min},
        Human{"only an access token, dead for an hour", {.access = -1h}, {}, 0s},
        Human{"only an access token, without an end", {.access = kNoEnd}, {}, std::nullopt},
        Human{"the refresh token's end", {.access = 5min, .refresh = 1h}, {}, 1h},
        Human{"the access token outlives it", {.access = 2h, .refresh = 1h}, {}, 2h},
        Human{"a refresh token without an end",
              {.access = 5min, .refresh = kNoEnd},
              {},
              std::nullopt},
        Human{"a refresh token in doubt is not counted on",
              {.access = 5min, .refresh = 1h, .in_doubt = true},
              {},
              5min},
        Human{"the refresh token died", {.access = 5min, .refresh = 0s}, {}, 5min},
        Human{"the company's token", {.access = 5min, .parent = 1h}, {.delegates = true}, 1h},
        Human{
            "the company's token, outlived", {.access = 2h, .parent = 1h}, {.delegates = true}, 2h},
        Human{"the company's token, without an end",
              {.access = 5min, .parent = kNoEnd},
              {.delegates = true},
              std::nullopt}));

}  // namespace
}  // namespace latchkey::broker
