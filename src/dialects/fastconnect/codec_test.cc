#include "dialects/fastconnect/codec.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "dialects/fastconnect/fastconnect.h"

namespace latchkey::dialects::fastconnect {
namespace {

using engine::Login;
using engine::Operation;
using engine::Outcome;
using engine::Refresh;
using engine::RequestOtp;
using engine::Use;

constexpr Instant kNow = from_epoch(1'779'777'403);
const engine::ClientKey kClient{ClientId("key-1"), Secret("secret-1")};

std::unique_ptr<dialect::Codec> codec(const std::map<std::string, std::string>& given = {}) {
  const auto settings = dialect::Settings::make(dialect().settings(), given);
  EXPECT_TRUE(settings);
  return dialect().codec(*settings, nullptr);
}

http::Request post(std::string path, std::string body) {
  return {.method = "POST",
          .target = {.path = std::move(path)},
          .headers = {{"Content-Type", "application/json"}},
          .body = std::move(body)};
}

Login login() { return {.client = kClient}; }
Login with_otp() { return {.client = kClient, .otp = Secret("123456")}; }
Login with_push() { return {.client = kClient, .transaction_id = "tx-1"}; }
Refresh refresh() { return {.refresh_token = Secret("r-1")}; }
Use account_info() {
  return {.bearer = Secret("a-1"), .resource = "account/info", .tiers = {"trade"}};
}
Use securities(std::string board) {
  return {.bearer = Secret("a-1"),
          .resource = "data/securitiesByBoard",
          .arguments = {{"board", std::move(board)}}};
}
Use balance(http::Pairs arguments) {
  return {.bearer = Secret("a-1"),
          .resource = "trading/accountBalance",
          .tiers = {"trade"},
          .arguments = std::move(arguments)};
}

std::string answer_to(const Operation& asked, const Result<Outcome>& outcome,
                      const std::map<std::string, std::string>& settings = {}, int status = 200,
                      http::Headers headers = {}) {
  const auto wire = codec(settings);
  auto request = *wire->encode_request(asked);
  for (const auto& [name, value] : headers) request.headers.set(name, value);
  const auto reply = wire->encode_reply({request, &asked, kNow}, outcome);
  EXPECT_EQ(reply.status, status);
  EXPECT_EQ(http::media_type(reply.headers), "application/json");
  return reply.body;
}

Result<Outcome> read(const Operation& asked, int status, std::string body) {
  return codec()->decode_reply({asked, kNow}, {.status = status, .body = std::move(body)});
}

// The samples of the wire, as SDKs write and read them.

struct Sent {
  const char* title;
  Operation asked;
  const char* method;
  const char* target;
  const char* body;
};

class FastConnectRequest : public ::testing::TestWithParam<Sent> {};

TEST_P(FastConnectRequest, IsWrittenAsDocumentedAndReadBack) {
  const Sent& row = GetParam();
  const auto wire = codec();
  const auto request = wire->encode_request(row.asked);
  ASSERT_TRUE(request) << row.title;
  EXPECT_EQ(request->method, row.method) << row.title;
  EXPECT_EQ(http::write_target(request->target), row.target) << row.title;
  EXPECT_EQ(request->body, row.body) << row.title;
  const auto read = wire->decode_request(*request);
  ASSERT_TRUE(read) << row.title << ": " << read.error().say;
  EXPECT_EQ(*read, row.asked) << row.title;
}

INSTANTIATE_TEST_SUITE_P(
    , FastConnectRequest,
    ::testing::Values(
        Sent{"a login without OTP", login(), "POST", "/api/v3/auth/token",
             R"({"apiKey":"key-1","apiSecret":"secret-1"})"},
        Sent{"a login with a code", with_otp(), "POST", "/api/v3/auth/token",
             R"({"apiKey":"key-1","apiSecret":"secret-1","otp":"123456"})"},
        Sent{"a login after a push", with_push(), "POST", "/api/v3/auth/token",
             R"({"apiKey":"key-1","apiSecret":"secret-1","transactionId":"tx-1"})"},
        Sent{"a refresh has the token only", refresh(), "POST", "/api/v3/auth/refresh",
             R"({"refreshToken":"r-1"})"},
        Sent{"asking for an OTP", RequestOtp{kClient}, "POST", "/api/v3/auth/requestOtp",
             R"({"apiKey":"key-1","apiSecret":"secret-1"})"},
        Sent{"account info", account_info(), "GET", "/api/v3/account/info", ""},
        Sent{"securities", securities("HOSE"), "GET", "/api/v3/data/securitiesByBoard?board=HOSE",
             ""},
        Sent{"a balance", balance({{"clientId", "001122"}, {"accountNo", "0011221"}}), "GET",
             "/api/v3/trading/accountBalance?clientId=001122&accountNo=0011221", ""}));

TEST(FastConnectRequests, CarryTheBearerOnProtectedCallsOnly) {
  const auto wire = codec();
  const auto protected_call = wire->encode_request(account_info());
  ASSERT_NE(protected_call->headers.find("Authorization"), nullptr);
  EXPECT_EQ(*protected_call->headers.find("Authorization"), "Bearer a-1");
  EXPECT_EQ(wire->encode_request(refresh())->headers.find("Authorization"), nullptr);
}

TEST(FastConnectRequests, AskForTheLanguageOfTheSetting) {
  EXPECT_EQ(*codec({{"language", "vi"}})->encode_request(login())->headers.find("Accept-Language"),
            "vi");
}

TEST(FastConnectRequests, OfOtherWiresAreNotWritten) {
  EXPECT_EQ(codec()->encode_request(engine::Authorize{}).error().why, Why::kUnsupported);
  EXPECT_EQ(codec()->encode_request(Use{.resource = "orders"}).error().why, Why::kUnsupported);
}

TEST(FastConnectRequests, IgnoreAnOldBearerOnTheAuthEndpoints) {
  for (const char* header : {"Bearer dead", "Basic x", ""}) {
    auto request = post("/api/v3/auth/refresh", R"({"refreshToken":"r-1"})");
    request.headers.add("Authorization", header).add("Authorization", "Bearer other");
    EXPECT_EQ(codec()->decode_request(request).value(), Operation(refresh())) << header;
  }
}

TEST(FastConnectRequests, TreatANullOtpAsNone) {
  const auto read = codec()->decode_request(
      post("/api/v3/auth/token",
           R"({"apiKey":"key-1","apiSecret":"secret-1","otp":null,"transactionId":""})"));
  EXPECT_EQ(read.value(), Operation(login()));
}

struct Bad {
  const char* title;
  http::Request request;
  Why why;
  int status;
  const char* body;
};

class FastConnectRefuses : public ::testing::TestWithParam<Bad> {};

TEST_P(FastConnectRefuses, InItsOwnShape) {
  const Bad& row = GetParam();
  const auto wire = codec();
  const auto read = wire->decode_request(row.request);
  ASSERT_FALSE(read) << row.title;
  EXPECT_EQ(read.error().why, row.why) << row.title;
  const auto reply = wire->encode_reply({row.request, nullptr, kNow}, fail(read.error()));
  EXPECT_EQ(reply.status, row.status) << row.title;
  EXPECT_EQ(reply.body, row.body) << row.title;
}

const std::string kDeep(40, '[');

INSTANTIATE_TEST_SUITE_P(
    , FastConnectRefuses,
    ::testing::Values(
        Bad{"no apiKey", post("/api/v3/auth/token", R"({"apiSecret":"s"})"), Why::kMalformed, 400,
            R"({"code":400,"msg":"apiKey is required"})"},
        Bad{"an empty apiKey", post("/api/v3/auth/token", R"({"apiKey":"","apiSecret":"s"})"),
            Why::kMalformed, 400, R"({"code":400,"msg":"apiKey is required"})"},
        Bad{"no apiSecret", post("/api/v3/auth/requestOtp", R"({"apiKey":"k"})"), Why::kMalformed,
            400, R"({"code":400,"msg":"apiSecret is required"})"},
        Bad{"a number for a text",
            post("/api/v3/auth/token", R"({"apiKey":"k","apiSecret":"s","otp":123456})"),
            Why::kMalformed, 400, R"({"code":400,"msg":"otp must be a string"})"},
        Bad{"both second factors",
            post("/api/v3/auth/token",
                 R"({"apiKey":"k","apiSecret":"s","otp":"1","transactionId":"t"})"),
            Why::kConflict, 400, R"({"code":400102,"msg":"2FA information is wrong"})"},
        Bad{"no refresh token", post("/api/v3/auth/refresh", "{}"), Why::kMalformed, 400,
            R"({"code":400,"msg":"refreshToken is required"})"},
        Bad{"what cannot be a refresh token",
            post("/api/v3/auth/refresh", R"({"refreshToken":"two words"})"), Why::kInvalidToken,
            401, R"({"code":401106,"msg":"Refresh token is broken"})"},
        Bad{"an empty body", post("/api/v3/auth/token", ""), Why::kMalformed, 400,
            R"({"code":400,"msg":"The body must be a JSON object"})"},
        Bad{"a list", post("/api/v3/auth/token", "[]"), Why::kMalformed, 400,
            R"({"code":400,"msg":"The body must be a JSON object"})"},
        Bad{"a name twice",
            post("/api/v3/auth/refresh", R"({"refreshToken":"a","refreshToken":"b"})"),
            Why::kMalformed, 400, R"({"code":400,"msg":"The body must be a JSON object"})"},
        Bad{"a deep body", post("/api/v3/auth/token", kDeep), Why::kMalformed, 400,
            R"({"code":400,"msg":"The body must be a JSON object"})"},
        Bad{"a form", post("/api/v3/auth/token", "apiKey=k&apiSecret=s"), Why::kMalformed, 400,
            R"({"code":400,"msg":"The body must be a JSON object"})"},
        Bad{"an unknown path", post("/api/v3/auth/tokens", "{}"), Why::kUnsupported, 404,
            R"({"code":404,"msg":"Not found"})"},
        Bad{"GET for a login",
            {.target = {.path = "/api/v3/auth/token"}},
            Why::kUnsupported,
            405,
            R"({"code":405,"msg":"Method not allowed"})"},
        Bad{"a broken bearer",
            {.target = {.path = "/api/v3/account/info"}, .headers = {{"Authorization", "a-1"}}},
            Why::kInvalidToken,
            401,
            R"({"code":401,"msg":"Unauthorized"})"},
        Bad{"no board",
            {.target = {.path = "/api/v3/data/securitiesByBoard"}},
            Why::kMalformed,
            400,
            R"({"code":400,"msg":"board is required"})"},
        Bad{"no client id",
            {.target = {.path = "/api/v3/trading/accountBalance"}},
            Why::kMalformed,
            400,
            R"({"code":400,"msg":"clientId is required"})"}));

TEST(FastConnectRefusals, SpeakTheLanguageThatWasAskedFor) {
  auto request = post("/api/v3/auth/token", R"({"apiSecret":"s"})");
  request.headers.add("Accept-Language", "vi-VN,vi;q=0.9");
  const auto read = codec()->decode_request(request);
  EXPECT_EQ(read.error().say, "apiKey là bắt buộc");
  const auto reply = codec()->encode_reply({request, nullptr, kNow}, fail(Why::kBadCredentials));
  EXPECT_EQ(reply.body, R"({"code":401,"msg":"Chưa xác thực"})");
}

TEST(FastConnectRefusals, AskForAnOtpWhereTheSettingRequiresOne) {
  const auto wire = codec({{"otp_required", "true"}});
  const auto request = *wire->encode_request(login());
  const auto read = wire->decode_request(request);
  ASSERT_FALSE(read);
  const auto reply = wire->encode_reply({request, nullptr, kNow}, fail(read.error()));
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.body, R"({"code":400103,"msg":"2FA information is missing"})");
  EXPECT_TRUE(wire->decode_request(*wire->encode_request(with_otp())));
}

// Replies.

TEST(FastConnectOtp, SucceedsWith200OrAsDocumentedWith0) {
  EXPECT_EQ(answer_to(RequestOtp{kClient}, engine::OtpSent{}),
            R"({"code":200,"msg":"Request OTP success"})");
  EXPECT_EQ(answer_to(RequestOtp{kClient}, engine::OtpSent{}, {{"otp_success_code", "0"}}),
            R"({"code":0,"msg":"Request OTP success"})");
}

TEST(FastConnectOtp, NamesThePushBesideTheCodeOrUnderData) {
  const Outcome sent = engine::OtpSent{"tx-1"};
  const std::string top = R"({"code":200,"msg":"Request OTP success","transactionId":"tx-1"})";
  const std::string data =
      R"({"code":200,"msg":"Request OTP success","data":{"transactionId":"tx-1"}})";
  EXPECT_EQ(answer_to(RequestOtp{kClient}, sent), top);
  EXPECT_EQ(answer_to(RequestOtp{kClient}, sent, {{"transaction_id_in", "data"}}), data);
  EXPECT_EQ(read(RequestOtp{kClient}, 200, top).value(), sent);
  EXPECT_EQ(read(RequestOtp{kClient}, 200, data).value(), sent);
  EXPECT_EQ(read(RequestOtp{kClient}, 200, R"({"code":0,"msg":"ok"})").value(),
            Outcome(engine::OtpSent{}));
}

engine::Used used() {
  engine::Used used;
  used.who.subject = SubjectId("001122");
  used.who.attributes = {{"accounts", "0011221:Cash 0011226:Margin 0011228:Derivative"},
                         {"balance", "100"}};
  return used;
}

TEST(FastConnectAccounts, AreABareList) {
  const std::string body = R"([{"accountNo":"0011221","accountType":"Cash"},)"
                           R"({"accountNo":"0011226","accountType":"Margin"},)"
                           R"({"accountNo":"0011228","accountType":"Derivative"}])";
  EXPECT_EQ(answer_to(account_info(), used()), body);
  const auto outcome = read(account_info(), 200, body);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(engine::attribute(std::get<engine::Used>(*outcome).who.attributes, "accounts"),
            "0011221:Cash 0011226:Margin 0011228:Derivative");
}

TEST(FastConnectAccounts, ThatAreNoneAreACodeInsteadOfAnEmptyList) {
  const std::string none = R"({"code":204,"msg":"No Content"})";
  EXPECT_EQ(answer_to(account_info(), engine::Used{}), none);
  EXPECT_EQ(read(account_info(), 200, none).value(), Outcome(engine::Used{}));
}

TEST(FastConnectSecurities, AreThoseOfTheBoard) {
  const auto body = answer_to(securities("HNX"), used());
  EXPECT_TRUE(body.starts_with(R"([{"symbol":"PVS","board":"HNX","symbolNameVi":)")) << body;
  EXPECT_EQ(body.find("HOSE"), std::string::npos);
  EXPECT_EQ(answer_to(securities("NYSE"), used()), R"({"code":204,"msg":"No Content"})");
}

TEST(FastConnectBalance, ListsAllAccountsOrShowsTheOneThatWasAskedFor) {
  EXPECT_EQ(answer_to(balance({{"clientId", "001122"}}), used()),
            R"({"equity":[{"accountNo":"0011221","accountBalance":100,"withdrawable":100},)"
            R"({"accountNo":"0011226","accountBalance":100,"withdrawable":100}],)"
            R"("derivatives":[{"accountNo":"0011228","accountBalance":100,"withdrawable":100}]})");
  EXPECT_EQ(answer_to(balance({{"clientId", "001122"}, {"accountNo", "0011228"}}), used()),
            R"({"derivative":{"accountNo":"0011228","accountBalance":100,"withdrawable":100}})");
  EXPECT_EQ(answer_to(balance({{"clientId", "001122"}, {"accountNo", "9"}}), used()),
            R"({"code":204,"msg":"No Content"})");
}

TEST(FastConnectBalance, IsNotForAnotherClient) {
  EXPECT_EQ(answer_to(balance({{"clientId", "009999"}}), used(), {}, 403),
            R"({"code":403100,"msg":"No scope granted"})");
}

TEST(FastConnectPaths, AreTheWholePrefix) {
  EXPECT_TRUE(codec()->owns("/api/v3/auth/token"));
  EXPECT_TRUE(codec()->owns("/api/v3/whatever"));
  EXPECT_FALSE(codec()->owns("/api/company/get-token"));
  EXPECT_FALSE(codec()->owns("/api/v3"));
}

}  // namespace
}  // namespace latchkey::dialects::fastconnect
