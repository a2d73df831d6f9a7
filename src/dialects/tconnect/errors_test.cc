#include "dialects/tconnect/errors.h"

#include <gtest/gtest.h>

#include "dialects/tconnect/codec.h"

namespace latchkey::dialects::tconnect {
namespace {

using engine::Operation;

constexpr Instant kNow = from_epoch(1'767'754'800);

const Operation kLogin = engine::Login{.partner = "M001"};
const Operation kRefresh = engine::Refresh{.refresh_token = Secret("r"), .partner = "M001"};
const Operation kUse =
    engine::Use{.bearer = Secret("a"), .partner = "M001", .resource = "transaction/qr"};

const char* path_of(const Operation& asked) { return route_of(asked)->path.data(); }

http::Response spell(const Operation& asked, Error error, const Manner& manner = {}) {
  const http::Request request{.method = "POST", .target = {.path = path_of(asked)}};
  return Codec(manner, nullptr).encode_reply({request, &asked, kNow}, fail(std::move(error)));
}

Error read(const Operation& asked, const http::Response& reply) {
  const auto outcome = Codec({}, nullptr).decode_reply({asked, kNow}, reply);
  EXPECT_FALSE(outcome) << reply.body;
  return outcome ? Error{} : outcome.error();
}

struct Row {
  const char* title;
  Operation asked;
  Why why;
  int status;
  const char* error;
  Why read_back;
};

class TconnectError : public ::testing::TestWithParam<Row> {};

TEST_P(TconnectError, IsSpelledAndRead) {
  const Row& row = GetParam();
  const auto reply = spell(row.asked, {row.why, "", "a note that stays here"});
  EXPECT_EQ(reply.status, row.status) << row.title;
  EXPECT_TRUE(reply.body.starts_with(std::string(R"({"error":")") + row.error + R"(","error_d)"))
      << row.title << ": " << reply.body;
  EXPECT_EQ(reply.body.find("stays here"), std::string::npos) << row.title;
  EXPECT_EQ(read(row.asked, reply).why, row.read_back) << row.title;
}

INSTANTIATE_TEST_SUITE_P(
    , TconnectError,
    ::testing::Values(
        Row{"user or client", kLogin, Why::kBadCredentials, 401, "invalid_grant",
            Why::kBadCredentials},
        Row{"another's client", kLogin, Why::kForbidden, 403, "access_denied", Why::kForbidden},
        Row{"there is no OTP here", kLogin, Why::kOtpRequired, 403, "access_denied",
            Why::kForbidden},
        Row{"too fast", kLogin, Why::kTooMany, 429, "too_many_requests", Why::kTooMany},
        Row{"busy", kLogin, Why::kUnavailable, 503, "temporarily_unavailable", Why::kUnavailable},
        Row{"a defect", kLogin, Why::kBug, 500, "server_error", Why::kUnavailable},
        Row{"not a token of ours", kRefresh, Why::kInvalidToken, 400, "invalid_grant",
            Why::kInvalidToken},
        Row{"old", kRefresh, Why::kExpired, 400, "invalid_grant", Why::kExpired},
        Row{"revoked", kRefresh, Why::kRevoked, 400, "invalid_grant", Why::kRevoked},
        Row{"reused", kRefresh, Why::kReplayed, 400, "invalid_grant", Why::kReplayed},
        Row{"unreadable", kRefresh, Why::kMalformed, 400, "invalid_request", Why::kMalformed},
        Row{"perhaps spent", kRefresh, Why::kBug, 500, "server_error", Why::kNoAnswer},
        Row{"no token", kUse, Why::kBadCredentials, 401, "invalid_token", Why::kInvalidToken},
        Row{"an old token", kUse, Why::kExpired, 401, "invalid_token", Why::kExpired},
        Row{"a revoked token", kUse, Why::kRevoked, 401, "invalid_token", Why::kRevoked},
        Row{"nothing there", kUse, Why::kNotFound, 404, "not_found", Why::kNotFound},
        Row{"twice", kUse, Why::kConflict, 409, "conflict", Why::kConflict}));

TEST(TconnectErrors, MeanTheSameAfterASecondTurnInBothStyles) {
  for (const bool plain_errors : {false, true}) {
    const Manner manner{.plain_errors = plain_errors};
    for (const Operation& asked : {kLogin, kRefresh, kUse}) {
      for (const Why why : kEveryWhy) {
        const Why once = read(asked, spell(asked, {why}, manner)).why;
        EXPECT_EQ(read(asked, spell(asked, {once}, manner)).why, once)
            << engine::name_of(asked) << ' ' << name_of(why);
      }
    }
  }
}

TEST(TconnectErrors, KeepTheReasonOfADeadRefreshTokenInTheOtherStyle) {
  const auto reply = spell(kRefresh, {Why::kReplayed}, {.plain_errors = true});
  EXPECT_EQ(reply.body, R"({"code":400,"message":"Maximum allowed refresh token reuse exceeded"})");
  EXPECT_EQ(read(kRefresh, reply).why, Why::kReplayed);
}

TEST(TconnectErrors, SayWhenToComeBackAndHowToAuthenticate) {
  const auto slow = spell(kLogin, {Why::kTooMany, "", "", Seconds{7}});
  EXPECT_EQ(*slow.headers.find("Retry-After"), "7");
  EXPECT_EQ(read(kLogin, slow).retry_after, Seconds{7});
  EXPECT_EQ(*spell(kUse, {Why::kExpired}).headers.find("WWW-Authenticate"),
            R"(Bearer error="invalid_token")");
  EXPECT_EQ(spell(kLogin, {Why::kBadCredentials}).headers.find("WWW-Authenticate"), nullptr);
}

struct Met {
  const char* title;
  Operation asked;
  int status;
  const char* body;
  Why why;
};

class TconnectMeets : public ::testing::TestWithParam<Met> {};

TEST_P(TconnectMeets, AnswersOfAnotherServer) {
  const Met& row = GetParam();
  EXPECT_EQ(read(row.asked, {.status = row.status, .body = row.body}).why, row.why) << row.title;
}

INSTANTIATE_TEST_SUITE_P(
    , TconnectMeets,
    ::testing::Values(
        Met{"a bare 401 at the login", kLogin, 401, "", Why::kBadCredentials},
        Met{"a bare 401 at a call", kUse, 401, "", Why::kInvalidToken},
        Met{"a bare 401 at the refresh", kRefresh, 401, "", Why::kInvalidToken},
        Met{"a stale token", kRefresh, 400,
            R"({"error":"invalid_grant","error_description":"Stale token"})", Why::kReplayed},
        Met{"an unknown word", kRefresh, 400, R"({"error":"invalid_grant"})", Why::kInvalidToken},
        Met{"invalid_grant at the login", kLogin, 400, R"({"error":"invalid_grant"})",
            Why::kBadCredentials},
        Met{"a gateway that gave up", kRefresh, 504, "<html>", Why::kNoAnswer},
        Met{"a redirect", kUse, 302, "", Why::kBadResponse}));

}  // namespace
}  // namespace latchkey::dialects::tconnect
