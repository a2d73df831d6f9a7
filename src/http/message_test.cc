#include "http/message.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace latchkey::http {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNoon = from_epoch(1772366400);  // Sun, 01 Mar 2026 12:00:00 GMT

TEST(ReasonPhrase, KnowsTheStatusesThatWeSend) {
  for (int status : {200, 201, 202, 204, 302, 303, 400, 401, 403, 404,
                     405, 409, 413, 415, 429, 431, 500, 502, 503, 504}) {
    EXPECT_STRNE(reason_phrase(status), "") << status;
  }
  EXPECT_STREQ(reason_phrase(299), "");
}

TEST(MediaType, IsLowerCaseWithoutParameters) {
  const std::pair<const char*, const char*> rows[] = {
      {"application/json", "application/json"},
      {"Application/JSON; charset=utf-8", "application/json"},
      {" text/plain ;x=y", "text/plain"},
      {"", ""},
      {";charset=utf-8", ""}};
  for (const auto& [field, type] : rows) EXPECT_EQ(media_type({{"content-type", field}}), type);
  EXPECT_EQ(media_type({}), "");
}

TEST(Bearer, IsAbsentWithoutTheHeader) {
  EXPECT_EQ(bearer({}).value(), std::nullopt);
  EXPECT_EQ(bearer({{"X-Authorization", "Bearer x"}}).value(), std::nullopt);
}

TEST(Bearer, IsReadWhateverTheCaseOfTheScheme) {
  const std::pair<const char*, const char*> rows[] = {{"Bearer abc", "abc"},
                                                      {"bearer abc", "abc"},
                                                      {"BEARER abc", "abc"},
                                                      {"Bearer  abc", "abc"},
                                                      {" Bearer abc ", "abc"},
                                                      {"Bearer a", "a"},
                                                      {"Bearer aZ09-._~+/", "aZ09-._~+/"},
                                                      {"Bearer abc==", "abc=="},
                                                      {"Bearer eyJh.eyJz.c2ln", "eyJh.eyJz.c2ln"}};
  for (const auto& [field, token] : rows) {
    EXPECT_EQ(bearer({{"authorization", field}}).value(), Secret(token)) << field;
  }
}

TEST(Bearer, IsRefusedInAnyOtherShape) {
  const char* rows[] = {"",
                        "Bearer",
                        "Bearer ",
                        "abc",
                        "Basic abc",
                        "Bearer: abc",
                        "Bearerabc",
                        "Bearer\tabc",
                        "Bearer a b",
                        "Bearer a,b",
                        "Bearer =",
                        "Bearer a=b",
                        "Bearer \"a\"",
                        "Bearer é",
                        "Bearers abc",
                        "Token abc",
                        "Bearer a\rb",
                        "Bearer Bearer abc"};
  for (const char* row : rows) {
    const auto token = bearer({{"Authorization", row}});
    ASSERT_FALSE(token.has_value()) << row;
    EXPECT_EQ(token.error().why, Why::kMalformed);
  }
}

TEST(Bearer, IsRefusedWhenThereAreTwo) {
  EXPECT_EQ(bearer({{"Authorization", "Bearer a"}, {"authorization", "Bearer a"}}).error().why,
            Why::kMalformed);
}

// checklist 68
TEST(Bearer, IsNotEchoedInTheError) {
  const auto token = bearer({{"Authorization", "Bearer hunter2 hunter2"}});
  ASSERT_FALSE(token.has_value());
  EXPECT_EQ((token.error().say + token.error().note).find("hunter2"), std::string::npos);
}

struct Wait {
  const char* field;
  Seconds wait;
};

class RetryAfter : public ::testing::TestWithParam<Wait> {};

TEST_P(RetryAfter, IsReadAsSecondsOrAsADate) {
  EXPECT_EQ(retry_after({{"Retry-After", GetParam().field}}, kNoon), GetParam().wait);
}

INSTANTIATE_TEST_SUITE_P(Seconds, RetryAfter,
                         ::testing::Values(Wait{"0", 0s}, Wait{"120", 120s}, Wait{" 7 ", 7s},
                                           Wait{"86400", 24h}, Wait{"86401", 24h},
                                           Wait{"99999999999999999999999", 24h}, Wait{"", 0s},
                                           Wait{"-1", 0s}, Wait{"+1", 0s}, Wait{"1.5", 0s},
                                           Wait{"1s", 0s}, Wait{"soon", 0s}));

INSTANTIATE_TEST_SUITE_P(Dates, RetryAfter,
                         ::testing::Values(Wait{"Sun, 01 Mar 2026 12:00:30 GMT", 30s},
                                           Wait{"Sun, 01 Mar 2026 12:00:00 GMT", 0s},
                                           Wait{"Sun, 01 Mar 2026 11:59:59 GMT", 0s},
                                           Wait{"Mon, 02 Mar 2026 12:00:00 GMT", 24h},
                                           Wait{"Mon, 02 Mar 2026 12:00:01 GMT", 24h},
                                           Wait{"Fri, 31 Dec 9999 23:59:59 GMT", 24h},
                                           Wait{"Sun, 06 Nov 1994 08:49:37 GMT", 0s},
                                           Wait{"Sun, 01 Mar 2026 12:00:30", 0s},
                                           Wait{"Sunday, 01-Mar-26 12:00:30 GMT", 30s},
                                           Wait{" Sun Mar  1 12:00:30 2026 ", 30s},
                                           Wait{"2026-03-01T12:00:30Z", 0s}));

TEST(RetryAfterHeader, MayBeAbsent) { EXPECT_EQ(retry_after({}, kNoon), 0s); }

// checklist 31
TEST(JsonResponse, IsNeverStored) {
  const Response response = json_response(401, R"({"error":"x"})");
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.body, R"({"error":"x"})");
  EXPECT_EQ(media_type(response.headers), "application/json");
  ASSERT_NE(response.headers.find("Cache-Control"), nullptr);
  EXPECT_EQ(*response.headers.find("Cache-Control"), "no-store");
}

}  // namespace
}  // namespace latchkey::http
