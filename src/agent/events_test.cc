#include "agent/events.h"

#include <gtest/gtest.h>

#include "agent/known.h"

namespace latchkey::agent {
namespace {

using namespace std::chrono_literals;
constexpr Instant kNoon = from_epoch(1772366400);

broker::Entry entry_of(std::string_view token) {
  broker::Entry entry;
  entry.access_token = Secret(token);
  entry.logged_in = kNoon - 1h;
  return entry;
}

TEST(ChangesBetween, AreWhatACallerWouldWantToKnow) {
  const broker::Entry none = entry_of(""), a = entry_of("a"), b = entry_of("b");
  const std::vector<What> nothing, rotated{What::kRotated}, forgot{What::kForgot};
  EXPECT_EQ(changes_between(nullptr, nullptr), nothing);
  EXPECT_EQ(changes_between(nullptr, &a), rotated) << "a login";
  EXPECT_EQ(changes_between(&a, &b), rotated);
  EXPECT_EQ(changes_between(&a, &a), nothing) << "only the journal was written";
  EXPECT_EQ(changes_between(&a, &none), nothing) << "dead, says the provider: the reminder tells";
  EXPECT_EQ(changes_between(&none, &b), rotated);
  EXPECT_EQ(changes_between(&a, nullptr), forgot);
}

struct Row {
  const char* title;
  std::optional<broker::HumanAction> human;
  Standing standing;
};
class ReminderOf : public ::testing::TestWithParam<Row> {};

TEST_P(ReminderOf, SaysHowUrgentAPersonIs) {
  const Row& row = GetParam();
  const Reminder is = reminder_of(entry_of("a"), {{}, row.human}, kNoon, 48h);
  EXPECT_EQ(is.standing, row.standing) << row.title;
  EXPECT_EQ(reminder_of({}, {{}, row.human}, kNoon, 48h), Reminder{}) << "nobody ever logged in";
}

using broker::Duty;
INSTANTIATE_TEST_SUITE_P(
    , ReminderOf,
    ::testing::Values(Row{"nothing known", {}, Standing::kFine},
                      Row{"later", {{Duty::kLogIn, kNoon + 48h + 1s}}, Standing::kFine},
                      Row{"within the time", {{Duty::kLogIn, kNoon + 48h}}, Standing::kSoon},
                      Row{"a second left", {{Duty::kLogIn, kNoon + 1s}}, Standing::kSoon},
                      Row{"over", {{Duty::kLogIn, kNoon}}, Standing::kNow},
                      Row{"old credentials still work",
                          {{Duty::kRotateCredentials, kNoon - 1h}},
                          Standing::kSoon}));

TEST(NewsOf, AreToldOnceForEachStandingAndTime) {
  const Reminder fine{}, soon{Standing::kSoon, kNoon}, later{Standing::kSoon, kNoon + 1h},
      over{Standing::kNow, {}};
  EXPECT_EQ(news_of(fine, fine), std::nullopt);
  EXPECT_EQ(news_of(fine, soon), What::kHumanActionDue);
  EXPECT_EQ(news_of(soon, soon), std::nullopt);
  EXPECT_EQ(news_of(soon, later), What::kHumanActionDue);
  EXPECT_EQ(news_of(soon, over), What::kPersonNeeded);
  EXPECT_EQ(news_of(over, over), std::nullopt);
  EXPECT_EQ(news_of(over, fine), std::nullopt) << "somebody logged in";
}

TEST(KnownPart, HoldsNothingThatCouldBeSpent) {
  broker::Entry entry = entry_of("access");
  entry.generation = 7;
  entry.refresh_token = Secret("refresh-secret");
  entry.parent_token = Secret("company-secret");
  entry.kept.emplace("password", Secret("hunter2"));
  const broker::Entry known = known_part(entry);
  EXPECT_EQ(known.access_token.reveal(), "access");
  EXPECT_EQ(known.generation, 7);
  EXPECT_FALSE(known.refresh_token.empty());
  EXPECT_FALSE(known.refresh_token == entry.refresh_token);
  EXPECT_FALSE(known.parent_token == entry.parent_token);
  ASSERT_TRUE(known.kept.contains("password"));
  EXPECT_FALSE(known.kept.at("password") == Secret("hunter2"));
  EXPECT_EQ(broker::decide_renewal(known, {}, kNoon), broker::decide_renewal(entry, {}, kNoon));
}

}  // namespace
}  // namespace latchkey::agent
