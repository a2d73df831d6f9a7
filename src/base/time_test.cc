#include "base/time.h"

#include <gtest/gtest.h>

#include <limits>

namespace latchkey {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNoon = from_epoch(1772366400);  // 2026-03-01T12:00:00Z

TEST(Expiry, CountsFromWhenWeAsked) {
  EXPECT_EQ(expiry(kNoon, Lifetime{30min}), kNoon + 30min);
  EXPECT_EQ(expiry(kNoon, Lifetime{-1s}), kNoon - 1s);
  EXPECT_EQ(expiry(kNoon, Lifetime{}), kNoon);
}

TEST(Expiry, EndsAtTheEndOfTime) {
  EXPECT_EQ(expiry(kEndOfTime - 1s, Lifetime{1s}), kEndOfTime);
  EXPECT_EQ(expiry(kEndOfTime - 1s, Lifetime{2s}), kEndOfTime);
  EXPECT_EQ(expiry(kNoon, Lifetime{Seconds::max()}), kEndOfTime);
  EXPECT_EQ(expiry(from_epoch(-1), Lifetime{Seconds::min()}), Instant::min());
}

struct Written {
  const char* text;
  long long at;
};

class Rfc3339Pairs : public ::testing::TestWithParam<Written> {};

TEST_P(Rfc3339Pairs, IsWrittenAndReadBack) {
  EXPECT_EQ(to_rfc3339(from_epoch(GetParam().at)), GetParam().text);
  const auto read = parse_rfc3339(GetParam().text);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(epoch(*read), GetParam().at);
}

INSTANTIATE_TEST_SUITE_P(, Rfc3339Pairs,
                         ::testing::Values(Written{"1970-01-01T00:00:00Z", 0},
                                           Written{"1969-12-31T23:59:59Z", -1},
                                           Written{"2026-03-01T12:00:00Z", 1772366400},
                                           Written{"2024-02-29T23:59:59Z", 1709251199},
                                           Written{"2000-02-29T00:00:00Z", 951782400},
                                           Written{"0000-01-01T00:00:00Z", -62167219200},
                                           Written{"9999-12-31T23:59:59Z", 253402300799}));

TEST(Rfc3339, WritesNothingOutsideItsFourDigitYears) {
  EXPECT_EQ(to_rfc3339(Instant::max()), "9999-12-31T23:59:59Z");
  EXPECT_EQ(to_rfc3339(Instant::min()), "0000-01-01T00:00:00Z");
}

TEST(Rfc3339, ReadsOffsetsFractionsAndLowerCase) {
  struct Row {
    const char* text;
    Instant at;
  };
  const Row rows[] = {
      {"2026-03-01T19:00:00+07:00", kNoon},
      {"2026-03-01T06:30:00-05:30", kNoon},
      {"2026-03-01T12:00:00-00:00", kNoon},
      {"2026-03-02T11:59:00+23:59", kNoon},
      {"2026-03-01t12:00:00z", kNoon},
      {"2026-03-01T12:00:00.9Z", kNoon},
      {"2026-03-01T12:00:00.123456789012345678901234567890Z", kNoon},
      {"2016-12-31T23:59:60Z", from_epoch(1483228800)},
      {"2016-12-31T15:59:60.5-08:00", from_epoch(1483228800)},
      {"9999-12-31T23:59:59-00:01", kEndOfTime},
  };
  for (const Row& row : rows) {
    const auto read = parse_rfc3339(row.text);
    ASSERT_TRUE(read.has_value()) << row.text;
    EXPECT_EQ(*read, row.at) << row.text;
  }
}

class NotRfc3339 : public ::testing::TestWithParam<const char*> {};

TEST_P(NotRfc3339, IsRefused) { EXPECT_FALSE(parse_rfc3339(GetParam()).has_value()); }

INSTANTIATE_TEST_SUITE_P(
    , NotRfc3339,
    ::testing::Values("", "2026", "2026-03-01", "2026-03-01T12:00:00", "2026-03-01T12:00Z",
                      "2026-03-01 12:00:00Z", " 2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z ",
                      "2026-03-01T12:00:00Zjunk", "2026-03-01T12:00:00.Z", "2026-03-01T12:00:00,5Z",
                      "2026-03-01T24:00:00Z", "2026-03-01T12:60:00Z", "2026-03-01T12:00:61Z",
                      "2026-03-01T12:00:60Z", "2026-03-02T23:59:60Z", "2026-02-29T12:00:00Z",
                      "1900-02-29T12:00:00Z", "2026-04-31T12:00:00Z", "2026-00-01T12:00:00Z",
                      "2026-13-01T12:00:00Z", "2026-03-00T12:00:00Z", "2026-3-1T12:00:00Z",
                      "+2026-03-01T12:00:00Z", "-026-03-01T12:00:00Z", "12026-03-01T12:00:00Z",
                      "2026-03-01T12:00:00+07", "2026-03-01T12:00:00+0700",
                      "2026-03-01T12:00:00+24:00", "2026-03-01T12:00:00+07:60",
                      "2026-03-01T12:00:00 +07:00", "2026/03/01T12:00:00Z", "20260301T120000Z",
                      "2026-03-01T1a:00:00Z"));

TEST(Duration, ReadsUnitsAndSums) {
  struct Row {
    const char* text;
    Seconds value;
  };
  const Row rows[] = {{"90s", 90s},      {"31m", 31min},
                      {"25h", 25h},      {"7d", 168h},
                      {"0s", 0s},        {"1h30m", 90min},
                      {"29m10s", 1750s}, {"1d1h1m1s", 90061s},
                      {"007s", 7s},      {"106751991167300d", 106751991167300LL * 86400s}};
  for (const Row& row : rows) EXPECT_EQ(parse_duration(row.text), row.value) << row.text;
}

TEST(Duration, RefusesEverythingElse) {
  const char* rows[] = {"",
                        "90",
                        "s",
                        "90 s",
                        " 90s",
                        "90s ",
                        "-90s",
                        "+5s",
                        "1.5h",
                        "1h30",
                        "90S",
                        "90min",
                        "1w",
                        "h1",
                        "9223372036854775808s",
                        "106751991167301d",
                        "9223372036854775807s1s"};
  for (const char* row : rows) EXPECT_EQ(parse_duration(row), std::nullopt) << row;
}

TEST(Words, UseTheLargestUnitThatDividesEvenly) {
  EXPECT_EQ(to_words(25h), "25 h");
  EXPECT_EQ(to_words(31min), "31 min");
  EXPECT_EQ(to_words(45s), "45 s");
  EXPECT_EQ(to_words(61s), "61 s");
  EXPECT_EQ(to_words(60s), "1 min");
  EXPECT_EQ(to_words(24h * 7), "7 d");
  EXPECT_EQ(to_words(0s), "0 s");
  EXPECT_EQ(to_words(-90min), "-90 min");
}

}  // namespace
}  // namespace latchkey
