#include "history.h"

#include <gtest/gtest.h>

namespace latchkey::races {
namespace {

using Kind = Act::Kind;
using Answer = Act::Answer;

Act refresh(int token, Answer answer, int given, std::uint64_t began, std::uint64_t ended) {
  return {Kind::kRefresh, token, answer, given, began, ended};
}
Act revoke(std::uint64_t began, std::uint64_t ended) {
  return {Kind::kRevoke, 0, Answer::kDone, 0, began, ended};
}
Act use(bool live, std::uint64_t began, std::uint64_t ended) {
  return {Kind::kUse, 0, live ? Answer::kLive : Answer::kDead, 0, began, ended};
}

struct Row {
  const char* what;
  bool window;
  std::vector<Act> acts;
  bool explained;
};

TEST(Explanation, IsFoundWhereThereIsOneAndOnlyThere) {
  const Row rows[] = {
      {"a chain",
       false,
       {refresh(0, Answer::kGiven, 1, 1, 2), refresh(1, Answer::kGiven, 2, 3, 4)},
       true},
      {"two successors",
       false,
       {refresh(0, Answer::kGiven, 1, 1, 4), refresh(0, Answer::kGiven, 2, 2, 3)},
       false},
      {"two successors in a window",
       true,
       {refresh(0, Answer::kGiven, 1, 1, 4), refresh(0, Answer::kGiven, 2, 2, 3)},
       false},
      {"the same answer in a window",
       true,
       {refresh(0, Answer::kGiven, 1, 1, 4), refresh(0, Answer::kGiven, 1, 2, 3)},
       true},
      {"the same answer without one",
       false,
       {refresh(0, Answer::kGiven, 1, 1, 4), refresh(0, Answer::kGiven, 1, 2, 3)},
       false},
      {"the window is closed by its successor",
       true,
       {refresh(0, Answer::kGiven, 1, 1, 2), refresh(1, Answer::kGiven, 2, 3, 4),
        refresh(0, Answer::kGiven, 1, 5, 6)},
       false},
      {"a replay ends the family",
       false,
       {refresh(0, Answer::kGiven, 1, 1, 2), refresh(0, Answer::kReplayed, 0, 3, 4),
        use(false, 5, 6)},
       true},
      {"a family that outlives a replay",
       false,
       {refresh(0, Answer::kGiven, 1, 1, 2), refresh(0, Answer::kReplayed, 0, 3, 4),
        use(true, 5, 6)},
       false},
      {"a race with a revocation, won",
       false,
       {revoke(1, 4), refresh(0, Answer::kGiven, 1, 2, 3)},
       true},
      {"a race with a revocation, lost",
       false,
       {revoke(1, 4), refresh(0, Answer::kRevoked, 0, 2, 3)},
       true},
      {"a refresh after a revocation",
       false,
       {revoke(1, 2), refresh(0, Answer::kGiven, 1, 3, 4)},
       false},
      {"a resurrection", false, {revoke(1, 2), use(false, 3, 4), use(true, 5, 6)}, false},
      {"revoked by nobody", false, {refresh(0, Answer::kRevoked, 0, 1, 2)}, false},
      {"a replay of what was never spent", false, {refresh(0, Answer::kReplayed, 0, 1, 2)}, false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(explanation(row.acts, row.window).has_value(), row.explained) << row.what;
  }
}

}  // namespace
}  // namespace latchkey::races
