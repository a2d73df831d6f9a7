#include "crypto/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

namespace latchkey::crypto {
namespace {

TEST(RandomBytes, HaveTheSizeAskedFor) {
  for (const std::size_t size : {0, 1, 16, 33, 4096}) EXPECT_EQ(random_bytes(size).size(), size);
}

TEST(RandomBytes, AreNeverTheSameTwice) {
  std::set<Bytes> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(random_bytes(16)).second);
}

TEST(RandomHex, IsTwoLowerCaseDigitsAByte) {
  EXPECT_TRUE(random_hex(0).empty());
  const Secret secret = random_hex(32);
  EXPECT_EQ(secret.size(), 64u);
  EXPECT_EQ(secret.reveal().find_first_not_of("0123456789abcdef"), std::string_view::npos);
  EXPECT_FALSE(secret == random_hex(32));
}

TEST(RandomBase64url, IsWhatBase64urlReads) {
  const auto bytes = parse_base64url(random_base64url(33).reveal());
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ(bytes->size(), 33u);
}

TEST(RandomUuid, IsVersionFourOfTheRfcVariant) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = random_uuid();
    EXPECT_TRUE(is_uuid(uuid)) << uuid;
    EXPECT_EQ(uuid[14], '4') << uuid;
    EXPECT_NE(std::string_view("89ab").find(uuid[19]), std::string_view::npos) << uuid;
    EXPECT_EQ(to_lower(uuid), uuid);
    EXPECT_TRUE(seen.insert(uuid).second);
  }
}

TEST(RandomDigits, AreAsManyAsAskedAndKeepLeadingZeros) {
  EXPECT_TRUE(random_digits(0).empty());
  bool began_with_zero = false;
  for (int i = 0; i < 1000; ++i) {
    const Secret code = random_digits(6);
    ASSERT_EQ(code.size(), 6u);
    EXPECT_EQ(code.reveal().find_first_not_of("0123456789"), std::string_view::npos);
    began_with_zero |= code.reveal().front() == '0';
  }
  EXPECT_TRUE(began_with_zero);
}

TEST(RandomDigits, AreEquallyLikely) {
  std::array<int, 10> seen{};
  const Secret digits = random_digits(100'000);
  for (const char digit : digits.reveal()) ++seen[static_cast<std::size_t>(digit - '0')];
  // Ten standard deviations to each side: chance does not reach that far.
  for (const int count : seen) EXPECT_NEAR(count, 10'000, 950);
}

TEST(RandomName, IsNeverTakenForAnOption) {
  for (int i = 0; i < 2000; ++i) {
    const std::string name = random_name(12);
    EXPECT_EQ(name.size(), 16u);
    EXPECT_FALSE(name.starts_with('-')) << name;
  }
}

}  // namespace
}  // namespace latchkey::crypto
