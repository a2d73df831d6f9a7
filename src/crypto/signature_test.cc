#include "crypto/signature.h"

#include <gtest/gtest.h>

#include "crypto/tokens_test.h"

namespace latchkey::crypto {
namespace {

Bytes half(std::string_view hex) { return parse_hex(hex).value(); }

const Bytes kZero(32);
const Bytes kOne = with_bit_flipped(kZero, 31 * 8);
const Bytes kOrder = half("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
const Bytes kLast = half("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550");
const Bytes kMost(32, 0xff);

TEST(ToDer, IsUndoneByToP1363AtBothEndsOfTheRange) {
  for (const Bytes& r : {kOne, kLast}) {
    for (const Bytes& s : {kOne, kLast}) {
      const Bytes fixed = joined({r, s});
      const auto der = to_der(fixed);
      ASSERT_TRUE(der.has_value());
      EXPECT_EQ(to_p1363(*der), fixed);
    }
  }
}

TEST(ToP1363, TakesNothingButTwoIntegersOfAtMost32Bytes) {
  const auto taken = [](std::string_view hex) { return to_p1363(half(hex)).size(); };
  EXPECT_EQ(taken("3006020101020101"), kP1363Size);
  EXPECT_EQ(taken("300702020001020101"), kP1363Size);
  for (const char* bad : {"", "30", "3005020101020101", "3007020101020101", "300602010102010100",
                          "3106020101020101", "3006030101020101", "3006020101020201", "3003020101",
                          "308106020101020101", "3009020101020101020101"}) {
    EXPECT_THROW(taken(bad), std::runtime_error) << bad;
  }
  const std::string long_number =
      "0221"
      "01" +
      std::string(64, '0');
  EXPECT_THROW(taken("3026" + long_number + "020101"), std::runtime_error);
}

TEST(ToDer, WritesTheShortestIntegers) {
  EXPECT_EQ(to_hex(to_der(joined({kOne, kOne})).value()), "3006020101020101");
}

TEST(ToDer, RefusesNumbersOutsideTheRange) {  // checklist 47
  for (const Bytes& bad : {kZero, kOrder, kMost}) {
    for (const Bytes& good : {kOne, kLast}) {
      EXPECT_EQ(to_der(joined({bad, good})), std::nullopt);
      EXPECT_EQ(to_der(joined({good, bad})), std::nullopt);
    }
    EXPECT_EQ(to_der(joined({bad, bad})), std::nullopt);
  }
}

TEST(ToDer, RefusesEveryOtherLength) {  // checklist 47
  for (const std::size_t size : {0, 1, 32, 62, 63, 65, 66, 128}) {
    EXPECT_EQ(to_der(Bytes(size, 1)), std::nullopt) << size;
  }
}

}  // namespace
}  // namespace latchkey::crypto
