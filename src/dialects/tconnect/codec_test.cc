#include "dialects/tconnect/codec.h"

#include <gtest/gtest.h>

#include "dialects/tconnect/payments.h"
#include "dialects/tconnect/tconnect.h"

namespace latchkey::dialects::tconnect {
namespace {

using engine::Login;
using engine::Operation;
using engine::Outcome;
using engine::Refresh;
using engine::Use;

constexpr Instant kNow = from_epoch(1'767'754'800);
constexpr std::string_view kKeyText =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

class OneKey final : public dialect::Keyring {
 public:
  Result<std::optional<Secret>> shared_key(std::string_view partner) const override {
    if (partner == "lost") return fail(Why::kStore, "", "a damaged row");
    return partner == "M001" ? std::optional(Secret(kKeyText)) : std::nullopt;
  }
};
const OneKey kKeyring;

std::unique_ptr<dialect::Codec> codec(const std::map<std::string, std::string>& given = {}) {
  const auto settings = dialect::Settings::make(dialect().settings(), given);
  EXPECT_TRUE(settings);
  return dialect().codec(*settings, &kKeyring);
}

Bytes key() { return *parse_key(Secret(kKeyText)); }

http::Request post(std::string path, std::string_view plain) {
  return {
      .method = "POST",
      .target = {.path = std::move(path)},
      .headers = {{"partner-code", "M001"}, {"Content-Type", "application/json; charset=utf-8"}},
      .body = seal(key(), Iv::kPrepended, plain)};
}

Login login() {
  return {.client = {ClientId("client"), Secret("client-secret")},
          .user = {SubjectId("demo@yourdomain.vn"), Secret("Pass#1")},
          .partner = "M001"};
}
Refresh refresh() { return {.refresh_token = Secret("r-1"), .partner = "M001"}; }
Use use(std::string resource, http::Pairs arguments) {
  return {.bearer = Secret("a-1"),
          .partner = "M001",
          .resource = std::move(resource),
          .arguments = std::move(arguments),
          .notebook = "qr"};
}
Use list() {
  return use("transaction/qr", {{"from_date", "2026-01-07 00:00:00"},
                                {"to_date", "2026-01-07 23:59:59"},
                                {"limit", "10"},
                                {"page", "1"}});
}
Use generate() {
  Use made = use("transaction/qr/generate", {{"req_id", "q1"},
                                             {"order_id", "o1"},
                                             {"va", "VA1"},
                                             {"bincode", "970454"},
                                             {"amount", "10000"}});
  made.note = R"({"req_id":"q1","order_id":"o1","va":"VA1","bincode":"970454","amount":10000})";
  return made;
}
Use create() {
  Use made =
      use("qr",
          {{"order_id", "o1"}, {"va", "VA1"}, {"bincode", "970454"}, {"service_code", "vccb-qr"}});
  made.note = R"({"req_id":"","order_id":"o1","va":"VA1","bincode":"970454","amount":0})";
  return made;
}

struct Sent {
  const char* title;
  Operation asked;
  const char* path;
  const char* plain;
};

class TconnectRequest : public ::testing::TestWithParam<Sent> {};

TEST_P(TconnectRequest, IsEncryptedAsDocumentedAndReadBack) {
  const Sent& row = GetParam();
  for (const char* iv : {"prepended", "zero", "key"}) {
    const auto wire = codec({{"iv", iv}});
    const auto request = wire->encode_request(row.asked);
    ASSERT_TRUE(request) << row.title;
    EXPECT_EQ(request->method, "POST") << row.title;
    EXPECT_EQ(http::write_target(request->target), row.path) << row.title;
    EXPECT_EQ(*request->headers.find("Partner-Code"), "M001") << row.title;
    EXPECT_EQ(*request->headers.find("Content-Type"), "application/json") << row.title;
    const auto read = wire->decode_request(*request);
    ASSERT_TRUE(read) << row.title;
    EXPECT_EQ(*read, row.asked) << row.title;
  }
  const auto request = codec()->encode_request(row.asked);
  EXPECT_EQ(json::write(*open(key(), Iv::kPrepended, request->body)), row.plain) << row.title;
}

INSTANTIATE_TEST_SUITE_P(
    , TconnectRequest,
    ::testing::Values(
        Sent{"a login", login(), "/openapi/v1/auth/login",
             R"({"username":"demo@yourdomain.vn","password":"Pass#1","client_id":"client",)"
             R"("client_secret":"client-secret"})"},
        Sent{"a refresh", refresh(), "/openapi/v1/auth/refresh", R"({"refresh_token":"r-1"})"},
        Sent{"the list", list(), "/openapi/v1/transaction/qr",
             R"({"from_date":"2026-01-07 00:00:00","to_date":"2026-01-07 23:59:59","limit":10,)"
             R"("page":1})"},
        Sent{"a code, as the newer pages have it", generate(),
             "/openapi/v1/transaction/qr/generate",
             R"({"req_id":"q1","order_id":"o1","va":"VA1","bincode":"970454","amount":10000})"},
        Sent{"a code, as 1.1.0 has it", create(), "/openapi/v1/qr",
             R"({"order_id":"o1","va":"VA1","bincode":"970454"})"},
        Sent{"an order's status",
             use("transaction/qr/order/status", {{"order_id", "o1"}, {"acc_no", "VA1"}}),
             "/openapi/v1/transaction/qr/order/status", R"({"order_id":"o1","acc_no":"VA1"})"}));

TEST(TconnectRequests, CarryTheBearerAndTheServiceWhereTheyBelong) {
  const auto request = codec()->encode_request(create());
  EXPECT_EQ(*request->headers.find("Authorization"), "Bearer a-1");
  EXPECT_EQ(*request->headers.find("X-Service-Code"), "vccb-qr");
  EXPECT_EQ(codec()->encode_request(refresh())->headers.find("Authorization"), nullptr);
}

TEST(TconnectRequests, NeedThePartnersKey) {
  Login foreign = login();
  foreign.partner = "M002";
  EXPECT_EQ(codec()->encode_request(foreign).error().why, Why::kUsage);
  EXPECT_EQ(codec()->encode_request(engine::Authorize{}).error().why, Why::kUnsupported);
}

// checklist 70
TEST(TconnectRequests, OfAPartnerWhoCannotBeLookedUpAreNotRefused) {
  auto request = post("/openapi/v1/auth/refresh", R"({"refresh_token":"r-1"})");
  request.headers.set("Partner-Code", "lost");
  const auto read = codec()->decode_request(request);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().why, Why::kStore);
  Refresh asked = refresh();
  asked.partner = "lost";
  EXPECT_EQ(codec()->encode_request(asked).error().why, Why::kStore);
}

TEST(TconnectRequests, MayHoldUnknownFieldsAndEscapes) {
  const auto read = codec()->decode_request(
      post("/openapi/v1/auth/login",
           R"({ "username" : "demo\u0040yourdomain.vn", "password":"Pass\u00231",)"
           R"("client_id":"client","client_secret":"client\u002dsecret",)"
           R"("grant_type":"password"})"));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, Operation(login()));
}

TEST(TconnectRequests, IgnoreAuthorizationOnLoginAndRefresh) {
  for (const char* header : {"Bearer dead", "Basic x", ""}) {
    auto request = *codec()->encode_request(refresh());
    request.headers.add("Authorization", header).add("Authorization", "Bearer other");
    EXPECT_EQ(codec()->decode_request(request).value(), Operation(refresh())) << header;
  }
}

constexpr const char* kUnreadable =
    R"({"error":"invalid_request","error_description":"The request could not be read"})";

http::Request raw(std::string body) {
  auto request = post("/openapi/v1/auth/login", "{}");
  request.body = std::move(body);
  return request;
}

http::Request without_partner() {
  auto request = post("/openapi/v1/auth/login", "{}");
  request.headers.remove("Partner-Code");
  return request;
}

http::Request of_partner(std::string partner) {
  auto request = post("/openapi/v1/auth/login", "{}");
  request.headers.set("Partner-Code", std::move(partner));
  return request;
}

http::Request with_bearer(std::string bearer) {
  auto request = *codec()->encode_request(list());
  request.headers.set("Authorization", std::move(bearer));
  return request;
}

http::Request without_service() {
  auto request = *codec()->encode_request(create());
  request.headers.remove("x-service-code");
  return request;
}

struct Bad {
  const char* title;
  http::Request request;
  Why why;
  int status;
  std::string body;
};

class TconnectRefuses : public ::testing::TestWithParam<Bad> {};

TEST_P(TconnectRefuses, InItsOwnShape) {
  const Bad& row = GetParam();
  const auto wire = codec();
  const auto read = wire->decode_request(row.request);
  ASSERT_FALSE(read) << row.title;
  EXPECT_EQ(read.error().why, row.why) << row.title;
  const auto reply = wire->encode_reply({row.request, nullptr, kNow}, fail(read.error()));
  EXPECT_EQ(reply.status, row.status) << row.title;
  EXPECT_EQ(reply.body, row.body) << row.title;
}

// checklist 61: what fails before, in and after the decryption is one answer.
INSTANTIATE_TEST_SUITE_P(
    Uniformly, TconnectRefuses,
    ::testing::Values(
        Bad{"not JSON", raw("x"), Why::kMalformed, 400, kUnreadable},
        Bad{"odd hexadecimal", raw(R"({"data":"abc"})"), Why::kMalformed, 400, kUnreadable},
        Bad{"too short", raw(R"({"data":"00"})"), Why::kMalformed, 400, kUnreadable},
        Bad{"wrong padding", raw(R"({"data":")" + std::string(96, '0') + R"("})"), Why::kMalformed,
            400, kUnreadable},
        Bad{"a huge body", raw(R"({"data":")" + std::string(200'000, '0') + R"("})"),
            Why::kMalformed, 400, kUnreadable},
        Bad{"no field", post("/openapi/v1/auth/login", "{}"), Why::kMalformed, 400, kUnreadable},
        Bad{"a number for a text", post("/openapi/v1/auth/refresh", R"({"refresh_token":1})"),
            Why::kMalformed, 400, kUnreadable},
        Bad{"an empty text", post("/openapi/v1/auth/refresh", R"({"refresh_token":""})"),
            Why::kMalformed, 400, kUnreadable},
        Bad{"a text for a number",
            post("/openapi/v1/transaction/qr",
                 R"({"from_date":"2026-01-07 00:00:00","to_date":"2026-01-07 23:59:59",)"
                 R"("limit":"10","page":1})"),
            Why::kMalformed, 400, kUnreadable},
        Bad{"a day without a time",
            post("/openapi/v1/transaction/qr",
                 R"({"from_date":"2026-01-07","to_date":"2026-01-07 23:59:59","limit":10,)"
                 R"("page":1})"),
            Why::kMalformed, 400, kUnreadable},
        Bad{"page zero",
            post("/openapi/v1/transaction/qr",
                 R"({"from_date":"2026-01-07 00:00:00","to_date":"2026-01-07 23:59:59",)"
                 R"("limit":10,"page":0})"),
            Why::kMalformed, 400, kUnreadable},
        Bad{"a negative amount",
            post("/openapi/v1/transaction/qr/generate",
                 R"({"order_id":"o","va":"v","bincode":"b","amount":-1})"),
            Why::kMalformed, 400, kUnreadable}));

INSTANTIATE_TEST_SUITE_P(
    ByItsHeaders, TconnectRefuses,
    ::testing::Values(
        Bad{"no Partner-Code", without_partner(), Why::kMalformed, 400,
            R"({"error":"invalid_request","error_description":"Partner-Code is required"})"},
        Bad{"an unknown Partner-Code", of_partner("M002"), Why::kForbidden, 403,
            R"({"error":"invalid_client","error_description":"Unknown Partner-Code"})"},
        Bad{"a huge Partner-Code", of_partner(std::string(129, 'M')), Why::kMalformed, 400,
            R"({"error":"invalid_request","error_description":"Partner-Code is required"})"},
        Bad{"no x-service-code", without_service(), Why::kMalformed, 400,
            R"({"error":"invalid_request","error_description":"x-service-code is required"})"},
        Bad{"not a bearer", with_bearer("a-1"), Why::kInvalidToken, 401,
            R"({"error":"invalid_token","error_description":"Invalid access token"})"},
        Bad{"an unknown path", post("/openapi/v1/auth/logout", "{}"), Why::kUnsupported, 404,
            R"({"error":"unsupported","error_description":"There is no such endpoint"})"},
        Bad{"GET",
            {.target = {.path = "/openapi/v1/auth/login"}},
            Why::kUnsupported,
            405,
            R"({"error":"unsupported","error_description":"Use POST"})"}));

TEST(TconnectRefusals, NameTheFieldWhereTheSettingAllowsIt) {
  const auto wire = codec({{"names_missing_field", "true"}});
  const auto read = wire->decode_request(post("/openapi/v1/auth/login", R"({"username":"u"})"));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().say, "password is missing or wrong");
}

TEST(TconnectRefusals, UseTheStatusAndTheStyleOfTheSettings) {
  const auto wire = codec({{"unknown_partner_status", "401"}, {"error_style", "plain"}});
  const auto request = of_partner("M002");
  const auto read = wire->decode_request(request);
  ASSERT_FALSE(read);
  const auto reply = wire->encode_reply({request, nullptr, kNow}, fail(read.error()));
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.body, R"({"code":401,"message":"Unknown Partner-Code"})");
}

// Replies.

engine::TokenSet tokens() {
  return {.access_token = Secret("eyJ.a.b"),
          .access_until = kNow + Seconds{36000},
          .refresh_token = Secret("eyJ.c.d"),
          .refresh_until = kNow + Seconds{86400},
          .scope = "profile email",
          .session = "12be28e4-2e15-44b8-983e-e6c119a1bcac"};
}

constexpr const char* kTokens =
    R"({"access_token":"eyJ.a.b","expires_in":36000,"refresh_token":"eyJ.c.d",)"
    R"("refresh_expires_in":86400,"token_type":"Bearer",)"
    R"("session_state":"12be28e4-2e15-44b8-983e-e6c119a1bcac","scope":"profile email"})";

TEST(TconnectTokens, AreSevenFieldsInTheClear) {
  for (const Operation& asked : {Operation(login()), Operation(refresh())}) {
    const auto request = *codec()->encode_request(asked);
    const auto reply = codec()->encode_reply({request, &asked, kNow}, Outcome(tokens()));
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, kTokens);
    EXPECT_EQ(codec()->decode_reply({asked, kNow}, reply).value(), Outcome(tokens()));
  }
}

TEST(TconnectTokens, AreReadWithoutWhatAnOlderReplyLacks) {
  const auto outcome = codec()->decode_reply(
      {refresh(), kNow},
      {.body = R"({"access_token":"a","expires_in":"60","refresh_expires_in":0})"});
  ASSERT_TRUE(outcome);
  const auto& set = std::get<engine::TokenSet>(*outcome);
  EXPECT_EQ(set.access_until, kNow + Seconds{60});
  EXPECT_TRUE(set.refresh_token.empty());
  EXPECT_EQ(set.refresh_until, std::nullopt);
}

TEST(TconnectTokens, ThatCannotBeReadAreNoAnswer) {
  for (const char* body :
       {"", "{}", "[]", "<html>", R"({"access_token":""})",
        R"({"access_token":"a","refresh_token":1})", R"({"access_token":"a","scope":[]})"}) {
    const auto outcome = codec()->decode_reply({refresh(), kNow}, {.body = body});
    ASSERT_FALSE(outcome) << body;
    EXPECT_EQ(outcome.error().why, Why::kBadResponse) << body;
  }
}

TEST(TconnectTokens, ThatNeverEndSayZero) {
  engine::TokenSet endless{.access_token = Secret("a")};
  const Operation asked = refresh();
  const auto request = *codec()->encode_request(asked);
  const auto reply = codec()->encode_reply({request, &asked, kNow}, Outcome(endless));
  EXPECT_NE(reply.body.find(R"("expires_in":0)"), std::string::npos);
  EXPECT_EQ(codec()->decode_reply({asked, kNow}, reply).value(), Outcome(endless));
}

Outcome round(const Operation& asked, const engine::Used& used) {
  const auto request = *codec()->encode_request(asked);
  const auto reply = codec()->encode_reply({request, &asked, kNow}, Outcome(used));
  EXPECT_EQ(reply.status, 200);
  return codec()->decode_reply({asked, kNow}, reply).value();
}

TEST(TconnectPayments, ShowWhatWasGenerated) {
  engine::Used used;
  used.notes = {{.number = 7, .at = kNow, .text = *generate().note}};
  EXPECT_EQ(round(list(), used), Outcome(used));
  const Use status = use("transaction/qr/order/status", {{"order_id", "o1"}});
  EXPECT_EQ(round(status, used), Outcome(used));
}

TEST(TconnectPayments, AnswerAGeneratedCodeWithItsContent) {
  for (const Use& asked : {generate(), create()}) {
    const auto outcome = round(asked, {});
    const auto& told = std::get<engine::Used>(outcome).who.attributes;
    EXPECT_EQ(engine::attribute(told, "qr_content"), qr_content(payment_asked(asked)));
  }
}

TEST(TconnectPaths, AreTheWholePrefix) {
  EXPECT_TRUE(codec()->owns("/openapi/v1/auth/login"));
  EXPECT_TRUE(codec()->owns("/openapi/v1/whatever"));
  EXPECT_FALSE(codec()->owns("/api/v3/auth/token"));
}

}  // namespace
}  // namespace latchkey::dialects::tconnect
