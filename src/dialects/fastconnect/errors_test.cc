#include "dialects/fastconnect/errors.h"

#include <gtest/gtest.h>

#include "dialects/fastconnect/codec.h"

namespace latchkey::dialects::fastconnect {
namespace {

using engine::Operation;

constexpr Instant kNow = from_epoch(1'779'777'403);

const Operation kLogin = engine::Login{.client = {ClientId("k"), Secret("s")}};
const Operation kPush =
    engine::Login{.client = {ClientId("k"), Secret("s")}, .transaction_id = "t"};
const Operation kRequestOtp = engine::RequestOtp{{ClientId("k"), Secret("s")}};
const Operation kRefresh = engine::Refresh{.refresh_token = Secret("r")};
const Operation kUse = engine::Use{.bearer = Secret("a"), .resource = "account/info"};

http::Response spell(const Operation& asked, Error error, const Manner& manner = {}) {
  const Codec codec(manner);
  const auto request = *codec.encode_request(asked);
  return codec.encode_reply({request, &asked, kNow}, fail(std::move(error)));
}

Error read(const Operation& asked, http::Response reply) {
  const auto outcome = Codec({}).decode_reply({asked, kNow}, reply);
  EXPECT_FALSE(outcome) << reply.body;
  return outcome ? Error{} : outcome.error();
}

Error read(const Operation& asked, int status, std::string body) {
  return read(asked, http::Response{.status = status, .body = std::move(body)});
}

std::string code(std::int64_t number) {
  return R"({"code":)" + std::to_string(number) + R"(,"msg":"m"})";
}

// Every reason on every endpoint: what it becomes, and what a broker makes of that.
struct Row {
  const char* title;
  Operation asked;
  Why why;
  int status;
  std::int64_t code;
  Why read_back;
};

class FastConnectError : public ::testing::TestWithParam<Row> {};

TEST_P(FastConnectError, IsSpelledAndRead) {
  const Row& row = GetParam();
  const auto reply = spell(row.asked, {row.why, "", "a note that stays here"});
  EXPECT_EQ(reply.status, row.status) << row.title;
  const auto body = json::parse(reply.body);
  ASSERT_TRUE(body) << row.title;
  EXPECT_EQ(code_of(&*body), row.code) << row.title;
  EXPECT_EQ(reply.body.find("stays here"), std::string::npos) << row.title;
  EXPECT_EQ(read(row.asked, reply).why, row.read_back) << row.title;
}

INSTANTIATE_TEST_SUITE_P(
    Token, FastConnectError,
    ::testing::Values(
        Row{"key or secret", kLogin, Why::kBadCredentials, 401, 401105, Why::kBadCredentials},
        Row{"a disabled key", kLogin, Why::kForbidden, 400, 400101, Why::kForbidden},
        Row{"no OTP where one must be", kLogin, Why::kOtpRequired, 400, 400103, Why::kOtpRequired},
        Row{"a wrong OTP", kLogin, Why::kOtpWrong, 401, 401100, Why::kOtpWrong},
        Row{"an old OTP", kLogin, Why::kExpired, 401, 401100, Why::kOtpWrong},
        Row{"contradictory", kLogin, Why::kConflict, 400, 400102, Why::kConflict},
        Row{"too fast", kLogin, Why::kTooMany, 429, 429, Why::kTooMany},
        Row{"busy", kLogin, Why::kUnavailable, 503, 503, Why::kUnavailable},
        Row{"a defect", kLogin, Why::kBug, 500, 500, Why::kUnavailable},
        Row{"an unknown push", kPush, Why::kNotFound, 401, 401113, Why::kNotFound},
        Row{"a push that waits", kPush, Why::kPending, 202, 401114, Why::kPending},
        Row{"a push that was declined", kPush, Why::kDeclined, 401, 401115, Why::kDeclined},
        Row{"a push that is too old", kPush, Why::kExpired, 401, 401115, Why::kDeclined},
        Row{"a foreign push", kPush, Why::kForbidden, 401, 401116, Why::kForbidden},
        Row{"a used push", kPush, Why::kReplayed, 401, 401113, Why::kNotFound}));

INSTANTIATE_TEST_SUITE_P(
    RequestOtp, FastConnectError,
    ::testing::Values(
        Row{"key or secret", kRequestOtp, Why::kBadCredentials, 401, 401105, Why::kBadCredentials},
        Row{"a disabled key", kRequestOtp, Why::kForbidden, 400, 400101, Why::kForbidden},
        Row{"an account whose OTP is not sent", kRequestOtp, Why::kUnsupported, 400, 400102,
            Why::kUnsupported},
        Row{"it cannot be sent", kRequestOtp, Why::kUnavailable, 400, 400104, Why::kUnavailable},
        Row{"no push could be made", kRequestOtp, Why::kConflict, 400, 400171, Why::kUnavailable}));

INSTANTIATE_TEST_SUITE_P(
    Refresh, FastConnectError,
    ::testing::Values(
        Row{"not a token of ours", kRefresh, Why::kInvalidToken, 401, 401101, Why::kInvalidToken},
        Row{"its client is suspended", kRefresh, Why::kForbidden, 401, 401102, Why::kRevoked},
        Row{"old", kRefresh, Why::kExpired, 401, 401103, Why::kRevoked},
        Row{"revoked", kRefresh, Why::kRevoked, 401, 401103, Why::kRevoked},
        Row{"reused", kRefresh, Why::kReplayed, 401, 401103, Why::kRevoked},
        Row{"its key is gone", kRefresh, Why::kBadCredentials, 401, 401104, Why::kRevoked},
        Row{"draining, before anything happened", kRefresh, Why::kUnavailable, 503, 503,
            Why::kUnavailable},
        Row{"a defect, perhaps after the token was spent", kRefresh, Why::kBug, 500, 500,
            Why::kNoAnswer}));

INSTANTIATE_TEST_SUITE_P(
    Resource, FastConnectError,
    ::testing::Values(
        Row{"no token", kUse, Why::kBadCredentials, 401, 401, Why::kInvalidToken},
        Row{"not a token", kUse, Why::kInvalidToken, 401, 401, Why::kInvalidToken},
        Row{"an old token", kUse, Why::kExpired, 401, 401, Why::kInvalidToken},
        Row{"a token of an ended session", kUse, Why::kRevoked, 401, 401, Why::kInvalidToken},
        Row{"a token without the right", kUse, Why::kForbidden, 403, 403100, Why::kForbidden},
        Row{"a token without OTP", kUse, Why::kOtpRequired, 401, 401105, Why::kOtpRequired},
        Row{"a request id twice", kUse, Why::kConflict, 409, 409, Why::kConflict},
        Row{"nothing there", kUse, Why::kNotFound, 404, 404, Why::kNotFound}));

TEST(FastConnectErrors, MeanTheSameAfterASecondTurn) {
  for (const Operation& asked : {kLogin, kPush, kRequestOtp, kRefresh, kUse}) {
    for (const Why why : kEveryWhy) {
      const Why once = read(asked, spell(asked, {why})).why;
      EXPECT_EQ(read(asked, spell(asked, {once})).why, once)
          << engine::name_of(asked) << ' ' << name_of(why);
    }
  }
}

TEST(FastConnectErrors, SayWhenToComeBack) {
  const auto reply = spell(kLogin, {Why::kTooMany, "", "", Seconds{7}});
  ASSERT_NE(reply.headers.find("Retry-After"), nullptr);
  EXPECT_EQ(*reply.headers.find("Retry-After"), "7");
  EXPECT_EQ(read(kLogin, reply).retry_after, Seconds{7});
}

TEST(FastConnectErrors, SpellAPendingPushWith401WhereTheSettingSaysSo) {
  const auto reply = spell(kPush, {Why::kPending}, {.pending_status = 401});
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.body, R"({"code":401114,"msg":"Push-approval is pending"})");
  EXPECT_EQ(read(kPush, reply).why, Why::kPending);
}

struct Met {
  const char* title;
  Operation asked;
  int status;
  std::string body;
  Why why;
};

class FastConnectMeets : public ::testing::TestWithParam<Met> {};

TEST_P(FastConnectMeets, AnswersOfTheRealService) {
  const Met& row = GetParam();
  EXPECT_EQ(read(row.asked, row.status, row.body).why, row.why) << row.title;
}

INSTANTIATE_TEST_SUITE_P(
    , FastConnectMeets,
    ::testing::Values(
        Met{"an error inside a 200", kRefresh, 200, code(401103), Why::kRevoked},
        Met{"a code as text", kRefresh, 401, R"({"code":"401101","message":"m"})",
            Why::kInvalidToken},
        Met{"a broken token, first kind", kRefresh, 401, code(401106), Why::kInvalidToken},
        Met{"a broken token, last kind", kRefresh, 401, code(401108), Why::kInvalidToken},
        Met{"400104 at requestOtp", kRequestOtp, 400, code(400104), Why::kUnavailable},
        Met{"400104 at a data call", kUse, 400, code(400104), Why::kMalformed},
        Met{"401105 at token", kLogin, 401, code(401105), Why::kBadCredentials},
        Met{"401105 at a resource", kUse, 401, code(401105), Why::kOtpRequired},
        Met{"a signature that is missing", kUse, 401, code(401006), Why::kBadCredentials},
        Met{"an unknown code goes by its status", kLogin, 401, code(401999), Why::kBadCredentials},
        Met{"... and inside a 200 by its first digits", kUse, 200, code(403999), Why::kForbidden},
        Met{"a page of the firewall", kLogin, 403, "<html>denied</html>", Why::kForbidden},
        Met{"a gateway that gave up on a login", kLogin, 504, "", Why::kUnavailable},
        Met{"a gateway that gave up on a refresh", kRefresh, 504, "", Why::kNoAnswer},
        Met{"a redirect", kUse, 302, "", Why::kBadResponse},
        Met{"no such endpoint", kLogin, 404, "", Why::kUnsupported}));

TEST(FastConnectErrors, RepeatWhatWasSaidWithoutControlCharacters) {
  const auto error = read(kLogin, 401, R"({"code":401105,"msg":"bad\u001b[2Jkey"})");
  EXPECT_EQ(error.say, "bad?[2Jkey [401105]");
}

}  // namespace
}  // namespace latchkey::dialects::fastconnect
