#include "engine/user_code.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace latchkey::engine {
namespace {

TEST(UserCode, IsEightConsonants) {  // checklist 37
  for (int i = 0; i < 200; ++i) {
    const std::string code = random_user_code();
    EXPECT_EQ(code.size(), 8u);
    EXPECT_EQ(code.find_first_not_of("BCDFGHJKLMNPQRSTVWXZ"), std::string::npos) << code;
    EXPECT_EQ(read_user_code(code), code);
    EXPECT_EQ(read_user_code(show_user_code(code)), code);
  }
}

// 20 letters, 40 000 draws: 2 000 each, and a standard deviation of 44.
TEST(UserCode, EveryLetterIsEquallyLikely) {
  std::map<char, int> seen;
  std::set<std::string> codes;
  for (int i = 0; i < 5000; ++i) {
    const std::string code = random_user_code();
    codes.insert(code);
    for (const char c : code) ++seen[c];
  }
  EXPECT_GE(codes.size(), 4999u);
  ASSERT_EQ(seen.size(), 20u);
  for (const auto& [letter, times] : seen) {
    EXPECT_GT(times, 1600) << letter;
    EXPECT_LT(times, 2400) << letter;
  }
}

TEST(UserCode, IsShownInTwoHalves) {
  EXPECT_EQ(show_user_code("WDJBMJHT"), "WDJB-MJHT");
  EXPECT_EQ(show_user_code(""), "");
}

TEST(UserCode, IsReadAsPeopleTypeIt) {
  struct Row {
    std::string_view typed;
    std::optional<std::string> code;
  };
  const Row rows[] = {{"WDJB-MJHT", "WDJBMJHT"},
                      {"wdjb-mjht", "WDJBMJHT"},
                      {" wdjb mjht ", "WDJBMJHT"},
                      {"W-D-J-B-M-J-H-T", "WDJBMJHT"},
                      {"WDJBMJHT", "WDJBMJHT"},
                      {"WDJBMJH", std::nullopt},
                      {"WDJBMJHTT", std::nullopt},
                      {"WDJBMJHA", std::nullopt},
                      {"WDJB_MJHT", std::nullopt},
                      {"WDJBMJH1", std::nullopt},
                      {"WDJBMJH\n", std::nullopt},
                      {"", std::nullopt},
                      {"----------------------------WDJBMJHT", std::nullopt}};
  for (const Row& row : rows) EXPECT_EQ(read_user_code(row.typed), row.code) << row.typed;
}

}  // namespace
}  // namespace latchkey::engine
