#include "base/table.h"

#include <gtest/gtest.h>

namespace latchkey {
namespace {

TEST(Table, AlignsByCharactersAndNotByBytes) {
  EXPECT_EQ(table({{"NAME", "WHAT"}, {"Алор", "x"}, {"a", "yy"}}),
            "NAME  WHAT\n"
            "Алор  x\n"
            "a     yy\n");
}

TEST(Table, TakesRowsOfAnyLength) {
  EXPECT_EQ(table({}), "");
  EXPECT_EQ(table({{"A"}, {"bb", "c"}, {}}), "A\nbb  c\n\n");
  EXPECT_EQ(table({{"A", "B", "C"}, {"a", "", ""}, {"", "b", ""}}), "A  B  C\na\n   b\n");
}

}  // namespace
}  // namespace latchkey
