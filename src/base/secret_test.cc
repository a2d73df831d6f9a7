#include "base/secret.h"

#include <gtest/gtest.h>

#include <array>
#include <concepts>
#include <ostream>
#include <string>
#include <type_traits>

namespace latchkey {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(!Printable<Secret>, "a secret must not reach a stream");
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>, "making a secret is a decision");

TEST(Secret, GivesBackWhatItWasGiven) {
  const std::string text("with\0a NUL", 10);
  EXPECT_EQ(Secret(text).reveal(), text);
  EXPECT_EQ(Secret(text).size(), 10u);
  EXPECT_TRUE(Secret().empty());
  EXPECT_TRUE(Secret("").empty());
}

TEST(Secret, IsEqualOnlyToTheSameBytes) {
  EXPECT_TRUE(Secret("abc") == Secret("abc"));
  EXPECT_FALSE(Secret("abc") == Secret("abd"));
  EXPECT_FALSE(Secret("abc") == Secret("Abc"));
  EXPECT_FALSE(Secret("abc") == Secret("ab"));
  EXPECT_FALSE(Secret("abc") == Secret(""));
  EXPECT_TRUE(Secret("") == Secret());
}

TEST(Secret, LeavesNothingBehindWhenItMoves) {
  Secret from("short");
  const Secret to = std::move(from);
  EXPECT_EQ(to.reveal(), "short");
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is the question
}

TEST(Wipe, OverwritesEveryByte) {
  std::array<char, 4> bytes{'a', 'b', 'c', 'd'};
  wipe(bytes.data(), 3);
  EXPECT_EQ(bytes, (std::array<char, 4>{0, 0, 0, 'd'}));
}

}  // namespace
}  // namespace latchkey
