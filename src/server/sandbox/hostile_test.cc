#include "server/sandbox/hostile.h"

#include <gtest/gtest.h>

namespace latchkey::server {
namespace {

using Way = net::Delivery::Way;

const std::string kBody = R"({"accessToken":"a.b","tokenType":"Bearer","expiresAt":17})";

struct Spoiled {
  http::Response response;
  net::Delivery how;
};

Spoiled spoiled(const Fault& fault, const std::string& body = kBody) {
  Spoiled out{http::json_response(200, body), {}};
  out.how = spoil(fault, out.response);
  return out;
}

TEST(Hostile, TakesTheWayThatTheFaultSays) {
  EXPECT_EQ(spoiled({FaultKind::kDrop}).how.way, Way::kNothing);
  EXPECT_EQ(spoiled({FaultKind::kReset}).how.way, Way::kReset);
  EXPECT_EQ(spoiled({FaultKind::kCut}).how.way, Way::kCut);
  EXPECT_EQ(spoiled({.kind = FaultKind::kDelay, .after = Seconds{2}}).how.delay, Seconds{2});
  // It was late already: before it was done.
  EXPECT_EQ(spoiled({.kind = FaultKind::kDelay, .before = true, .after = Seconds{2}}).how.delay,
            Seconds{0});
  EXPECT_EQ(spoiled({.kind = FaultKind::kHuge, .bytes = 5}).how.padding, 5u);
  EXPECT_TRUE(spoiled({FaultKind::kEndless}).how.chunked);
}

TEST(Hostile, FailsWithAnyRetryAfter) {
  for (const char* text :
       {"5", "-1", "99999999999999999999", "Wed, 21 Oct 2015 07:28:00 GMT", "soon", "5, 6"}) {
    const auto answer =
        spoiled({.kind = FaultKind::kFail, .status = 429, .retry_after = text}).response;
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(*answer.headers.find("Retry-After"), text);
  }
  http::Response busy = http::json_response(503, "{}");
  busy.headers.add("Retry-After", "1");
  spoil({.kind = FaultKind::kFail, .status = 502}, busy);
  EXPECT_EQ(busy.status, 502);
  EXPECT_EQ(busy.headers.find("Retry-After"), nullptr);
}

TEST(Hostile, MakesA200OfAnything) {
  for (const auto kind : {FaultKind::kHtml, FaultKind::kEmpty}) {
    http::Response busy = http::json_response(503, kBody);
    spoil({kind}, busy);
    EXPECT_EQ(busy.status, 200);
    EXPECT_NE(busy.body, kBody);
  }
  EXPECT_EQ(http::media_type(spoiled({FaultKind::kHtml}).response.headers), "text/html");
  EXPECT_EQ(http::media_type(spoiled({FaultKind::kWrongType}).response.headers),
            "application/octet-stream");
}

struct Row {
  FaultKind kind;
  const char* body;
  const char* becomes;
};

class Rewritten : public ::testing::TestWithParam<Row> {};

TEST_P(Rewritten, Body) {
  EXPECT_EQ(spoiled({GetParam().kind}, GetParam().body).response.body, GetParam().becomes);
}

INSTANTIATE_TEST_SUITE_P(
    , Rewritten,
    ::testing::Values(
        Row{FaultKind::kTruncated, R"({"a":1})", R"({"a)"}, Row{FaultKind::kTruncated, "", ""},
        Row{FaultKind::kTwice, R"({"token":"a","n":5})",
            R"({"token":"a","token":"another","n":5,"n":0})"},
        Row{FaultKind::kTwice, R"("bare")", R"({"token":"bare","token":"another"})"},
        Row{FaultKind::kTwice, "{}", "{}"}, Row{FaultKind::kTwice, "<html>", "<html>"},
        Row{FaultKind::kAbsurdExpiry, R"({"data":{"expires_in":5,"Expiration":"x","n":5}})",
            R"({"data":{"expires_in":9223372036854775807,"Expiration":9223372036854775807,"n":5}})"},
        Row{FaultKind::kAbsurdExpiry, R"("bare")", R"("bare")"},
        Row{FaultKind::kCrlfToken, R"({"refresh_token":"a","token_type":"Bearer","x":"b"})",
            R"({"refresh_token":"a\r\nX-Injected: 1","token_type":"Bearer","x":"b"})"},
        Row{FaultKind::kCrlfToken, R"("bare")", R"("bare\r\nX-Injected: 1")"},
        Row{FaultKind::kCrlfToken, R"([{"Token":"a"},[]])",
            R"([{"Token":"a\r\nX-Injected: 1"},[]])"}));

TEST(Hostile, SaysAnyEnd) {
  const Fault fault{.kind = FaultKind::kAbsurdExpiry, .value = "-1e308"};
  EXPECT_EQ(spoiled(fault, R"({"expiresIn":5})").response.body, R"({"expiresIn":-1e308})");
}

}  // namespace
}  // namespace latchkey::server
