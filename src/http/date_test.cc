#include "http/date.h"

#include <gtest/gtest.h>

namespace latchkey::http {
namespace {

constexpr Instant kNoon = from_epoch(1772366400);    // 2026-03-01T12:00:00Z
constexpr Instant kExample = from_epoch(784111777);  // 1994-11-06T08:49:37Z

TEST(HttpDate, IsReadInItsThreeForms) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", kNoon), kExample);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", kNoon), kExample);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", kNoon), kExample);
  EXPECT_EQ(parse_http_date("Wed Nov 16 08:49:37 1994", kNoon), kExample + std::chrono::days{10});
}

TEST(HttpDate, WithTwoDigitsIsNoMoreThanFiftyYearsAhead) {
  EXPECT_EQ(parse_http_date("Sunday, 01-Mar-26 12:00:30 GMT", kNoon),
            kNoon + std::chrono::seconds{30});
  EXPECT_EQ(parse_http_date("Saturday, 01-Jan-76 00:00:00 GMT", kNoon),
            parse_rfc3339("2076-01-01T00:00:00Z"));
  EXPECT_EQ(parse_http_date("Saturday, 01-Jan-77 00:00:00 GMT", kNoon),
            parse_rfc3339("1977-01-01T00:00:00Z"));
  EXPECT_EQ(parse_http_date("Friday, 31-Dec-99 23:59:59 GMT", kNoon),
            parse_rfc3339("1999-12-31T23:59:59Z"));
  const Instant in_1999 = *parse_rfc3339("1999-12-31T23:59:59Z");
  EXPECT_EQ(parse_http_date("Saturday, 01-Jan-00 00:00:01 GMT", in_1999),
            in_1999 + std::chrono::seconds{2});
}

class NoHttpDate : public ::testing::TestWithParam<const char*> {};

TEST_P(NoHttpDate, IsRefused) { EXPECT_EQ(parse_http_date(GetParam(), kNoon), std::nullopt); }

INSTANTIATE_TEST_SUITE_P(
    , NoHttpDate,
    ::testing::Values("", "now", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
                      "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 06 nov 1994 08:49:37 GMT",
                      "Sun, 6 Nov 1994 08:49:37 GMT", "Son, 06 Nov 1994 08:49:37 GMT",
                      "Sunday, 06 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 2026 08:49:37 GMT",
                      "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08-49-37 GMT",
                      "Sun, 06 Nov -994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT",
                      "Sunday, 06-Nov-1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37",
                      "Sunday, 31-Feb-94 08:49:37 GMT", "Sunday, 06-Nov-x4 08:49:37 GMT", "Sunday",
                      "Sun Nov 6 08:49:37 1994", "Sun Nov 06 08:49:37 94",
                      "Sun Nov  6 08:49:37 1994 GMT", "Xyz Nov  6 08:49:37 1994",
                      "Sun Xyz  6 08:49:37 1994", "1994-11-06T08:49:37Z", "784111777"));

}  // namespace
}  // namespace latchkey::http
