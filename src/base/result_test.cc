#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

namespace latchkey {
namespace {

TEST(Why, HasADistinctNameForEveryMember) {
  std::set<std::string> names;
  for (Why why : kEveryWhy) {
    EXPECT_STRNE(name_of(why), "?");
    EXPECT_TRUE(names.insert(name_of(why)).second) << name_of(why);
  }
}

TEST(Why, IsListedInOrderWithoutGaps) {
  int expected = 0;
  for (Why why : kEveryWhy) EXPECT_EQ(static_cast<int>(why), expected++);
  EXPECT_EQ(static_cast<int>(Why::kBug), expected - 1);
}

Result<int> half(int n) {
  if (n % 2 != 0) return fail(Why::kMalformed, "odd", "note");
  return n / 2;
}

Result<int> quarter(int n) {
  const int once = TRY(half(n));
  const int twice = TRY(half(once));
  return twice;
}

Result<> both_even(int a, int b) {
  TRY(half(a));
  TRY(half(b));
  return {};
}

TEST(Result, HoldsAValue) { EXPECT_EQ(half(8).value(), 4); }

TEST(Result, HoldsAReason) {
  const auto result = half(7);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error(), (Error{Why::kMalformed, "odd", "note"}));
}

TEST(Result, PassesAnErrorOnAsItIs) {
  const Error error{.why = Why::kTooMany, .retry_after = std::chrono::seconds{3}};
  const Result<> result = fail(error);
  EXPECT_EQ(result.error(), error);
}

TEST(Try, GivesTheValueOrLeavesWithTheError) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().why, Why::kMalformed);
  EXPECT_EQ(quarter(5).error().why, Why::kMalformed);
}

TEST(Try, StandsAloneAsAStatement) {
  EXPECT_TRUE(both_even(2, 4).has_value());
  EXPECT_EQ(both_even(2, 3).error().say, "odd");
}

TEST(Try, MovesWhatCannotBeCopied) {
  const auto outer = []() -> Result<std::unique_ptr<int>> {
    auto inner = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(5); };
    auto value = TRY(inner());
    return value;
  };
  EXPECT_EQ(*outer().value(), 5);
}

}  // namespace
}  // namespace latchkey
