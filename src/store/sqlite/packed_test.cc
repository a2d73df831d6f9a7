#include "store/sqlite/packed.h"

#include <gtest/gtest.h>

namespace latchkey::store {
namespace {

using Texts = std::vector<std::string>;

TEST(Packed, ReadsAsItWasWritten) {
  const struct {
    Texts texts;
    std::string packed;
  } rows[] = {
      {{}, ""},
      {{""}, "0:,"},
      {{"hello", "", "a,"}, "5:hello,0:,2:a,,"},
      {{"3:abc,"}, "6:3:abc,,"},
      {{std::string("\0\n\xff", 3)}, std::string("3:\0\n\xff,", 6)},
      {{"Анна"}, "8:Анна,"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(pack(row.texts), row.packed);
    EXPECT_EQ(unpack(row.packed), row.texts);
  }
}

TEST(Packed, RefusesWhatItDidNotWrite) {
  for (const char* text :
       {"5", "5:", ":", ":,", "5:hello", "5:hell,", "4:hello,", "5:hello,x", "-1:,", "x:,",
        "99999999999999999999:,", "9223372036854775807:,", " 0:,"}) {
    const auto read = unpack(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().why, Why::kStore);
  }
}

TEST(Packed, PairsKeepTheirOrderAndRepeats) {
  const Pairs pairs{{"b", "1"}, {"a", ""}, {"b", "2"}};
  EXPECT_EQ(unpack_pairs(pack_pairs(pairs)), pairs);
  EXPECT_EQ(unpack_pairs(""), Pairs{});
  EXPECT_FALSE(unpack_pairs("1:a,"));
}

}  // namespace
}  // namespace latchkey::store
