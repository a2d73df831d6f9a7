#include "dialect/settings.h"

#include <gtest/gtest.h>

#include "dialect/dialect.h"

namespace latchkey::dialect {
namespace {

using Kind = Setting::Kind;

constexpr Setting kKnown[] = {
    {"greeting", Kind::kText, "hello", "any text"},
    {"mode", Kind::kText, "strict", "how strict", "strict|lax"},
    {"loud", Kind::kBool, "false", "a switch"},
    {"most", Kind::kInt, "10", "a number"},
    {"lifetime", Kind::kDuration, "1h30m", "a duration"},
};

TEST(Settings, HaveTheirDefaultsWhenNothingIsGiven) {
  const auto settings = Settings::make(kKnown);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->text("greeting"), "hello");
  EXPECT_EQ(settings->text("mode"), "strict");
  EXPECT_FALSE(settings->flag("loud"));
  EXPECT_EQ(settings->number("most"), 10);
  EXPECT_EQ(settings->duration("lifetime"), Seconds{5400});
}

TEST(Settings, TakeWhatIsGivenOverTheDefault) {
  const auto settings = Settings::make(
      kKnown, {{"mode", "lax"}, {"loud", "true"}, {"most", "-1"}, {"lifetime", "0s"}});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->text("greeting"), "hello");
  EXPECT_EQ(settings->text("mode"), "lax");
  EXPECT_TRUE(settings->flag("loud"));
  EXPECT_EQ(settings->number("most"), -1);
  EXPECT_EQ(settings->duration("lifetime"), Seconds{0});
}

struct Refused {
  const char* title;
  std::string name, value;
};

class SettingsRefuse : public ::testing::TestWithParam<Refused> {};

TEST_P(SettingsRefuse, WithUsageNamingTheSetting) {
  const auto& [title, name, value] = GetParam();
  const auto settings = Settings::make(kKnown, {{name, value}});
  ASSERT_FALSE(settings) << title;
  EXPECT_EQ(settings.error().why, Why::kUsage) << title;
  EXPECT_NE(settings.error().say.find("\"" + name + "\""), std::string::npos) << title;
}

INSTANTIATE_TEST_SUITE_P(
    , SettingsRefuse,
    ::testing::Values(Refused{"a name that is not there", "mood", "lax"},
                      Refused{"names are exact", "Mode", "lax"},
                      Refused{"a value that is no choice", "mode", "medium"},
                      Refused{"an empty value is no choice", "mode", ""},
                      Refused{"a switch that is neither", "loud", "yes"},
                      Refused{"a number with a unit", "most", "10s"},
                      Refused{"a number beyond 64 bits", "most", "9223372036854775808"},
                      Refused{"a duration without a unit", "lifetime", "15"},
                      Refused{"a duration of an unknown unit", "lifetime", "3w"}));

TEST(Settings, CallABadDefaultABug) {
  constexpr Setting bad[] = {{"most", Kind::kInt, "many", "a number"}};
  const auto settings = Settings::make(bad);
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().why, Why::kBug);
}

TEST(SettingsDeathTest, AbortOnANameThatWasNotDeclared) {
  const auto settings = Settings::make(kKnown);
  ASSERT_TRUE(settings);
  EXPECT_DEATH((void)settings->text("mood"), "");
}

TEST(Answers, AreEmptyWhenNotGiven) {
  Answers answers;
  answers.emplace("login", Secret("demo"));
  EXPECT_EQ(answer(answers, "login"), "demo");
  EXPECT_EQ(answer(answers, "password"), "");
}

}  // namespace
}  // namespace latchkey::dialect
