#include "base/netstring.h"

#include <gtest/gtest.h>

namespace latchkey {
namespace {

TEST(Netstring, ComesBackWhateverItsBytes) {
  const std::string pieces[] = {"", "a", "1:a,", std::string(3, '\0'), std::string(100'000, ':')};
  std::string text;
  WipedText wiped;
  for (const auto& piece : pieces) {
    add_netstring(text, piece);
    add_netstring(wiped, piece);
  }
  EXPECT_EQ(std::string(wiped.begin(), wiped.end()), text);
  std::string_view rest = text;
  for (const auto& piece : pieces) EXPECT_EQ(take_netstring(rest), piece);
  EXPECT_TRUE(rest.empty());
}

TEST(Netstring, IsTakenWholeOrNotAtAll) {
  for (const std::string_view bad : {"", "1", "1:", "1:a", "1:a;", ":a,", "2:a,", "-1:,", "+1:a,",
                                     "1 :a,", "x:a,", "99999999:a,", "18446744073709551617:a,"}) {
    std::string_view rest = bad;
    EXPECT_EQ(take_netstring(rest), std::nullopt) << bad;
    EXPECT_EQ(rest, bad);
  }
}

}  // namespace
}  // namespace latchkey
