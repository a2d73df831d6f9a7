#include <gtest/gtest.h>

#include "base/text.h"
#include "dialects/chathub/codec.h"

namespace latchkey::dialects::chathub {
namespace {

using engine::Operation;
using engine::Outcome;
using engine::Validation;

const Codec kCodec{WireOptions{}};
constexpr Instant kNoon = from_epoch(1767182400);  // 2025-12-31T12:00:00Z
const http::Request kRequest;

const Operation kLogin = engine::Login{.user = {SubjectId("acme"), Secret("hunter2!")}};
const Operation kDelegate = engine::Delegate{Secret("c.t"), 123, kNoon};
const Operation kValidate = engine::Validate{Secret("c.t"), Secret("o.t")};

http::Response encode(const Operation& asked, const Result<Outcome>& outcome,
                      const Codec& codec = kCodec) {
  return codec.encode_reply({kRequest, &asked, kNoon}, outcome);
}
Result<Outcome> decode(const Operation& sent, int status, std::string body,
                       http::Headers headers = {}) {
  const http::Response response{status, std::move(headers), std::move(body)};
  return kCodec.decode_reply({sent, kNoon}, response);
}
std::string jwt(std::string_view claims) {
  return "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + to_base64url(bytes_of(claims)) + ".c2ln";
}

TEST(ChatHubReply, IsTheBareTokenAsAJsonString) {
  const auto reply = encode(kLogin, Outcome(engine::TokenSet{.access_token = Secret("a.b.c")}));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"("a.b.c")");
  EXPECT_EQ(http::media_type(reply.headers), "application/json");
}

TEST(ChatHubReply, OfAStatusIsEmpty) {
  const auto reply = encode(engine::SetOperatorStatus{}, Outcome(engine::Done{}));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "");
}

TEST(ChatHubReply, OfAValidationIsTheDocumentedOne) {
  const Validation valid{.valid = true, .operator_id = 123, .client_number = 5, .until = kNoon};
  EXPECT_EQ(encode(kValidate, Outcome(valid)).body,
            R"({"isValid":true,"operatorId":123,"clientId":5,)"
            R"("expiresAt":"2025-12-31T12:00:00Z","error":null})");
  for (const Why why : {Why::kInvalidToken, Why::kExpired, Why::kRevoked}) {
    const auto reply = encode(kValidate, Outcome(Validation{.why_not = why}));
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, R"({"isValid":false,"error":"Invalid token"})");
  }
}

TEST(ChatHubReply, OfAValidationFollowsTheSettings) {
  const Codec codec{{.legacy_valid_field = true, .expired_text = "Token expired"}};
  EXPECT_EQ(encode(kValidate, Outcome(Validation{.why_not = Why::kExpired}), codec).body,
            R"({"isValid":false,"valid":false,"error":"Token expired"})");
  EXPECT_EQ(encode(kValidate, Outcome(Validation{.why_not = Why::kRevoked}), codec).body,
            R"({"isValid":false,"valid":false,"error":"Invalid token"})");
}

TEST(ChatHubReply, ListsOperatorsWithTheirOrganizationAndAddedOnesWithout) {
  const engine::Operators found{{{7, "Olena", engine::OperatorStatus::kInactive, {1, "Support"}}}};
  EXPECT_EQ(encode(engine::ListOperators{}, Outcome(found)).body,
            R"([{"id":7,"name":"Olena","status":1,"organization":{"id":1,"name":"Support"}}])");
  EXPECT_EQ(encode(engine::SynchronizeOperators{}, Outcome(found)).body,
            R"([{"id":7,"name":"Olena","status":1}])");
}

struct Spelled {
  Error error;
  int status;
  const char* body;
};

class ChatHubSpells : public ::testing::TestWithParam<Spelled> {};

TEST_P(ChatHubSpells, TheRefusal) {
  const auto& [error, status, body] = GetParam();
  const auto reply = encode(kDelegate, fail(error));
  EXPECT_EQ(reply.status, status);
  EXPECT_EQ(reply.body, body);
}

INSTANTIATE_TEST_SUITE_P(
    , ChatHubSpells,
    ::testing::Values(
        Spelled{{.why = Why::kMalformed, .say = "at most 24 hours ahead"},
                400,
                R"({"status":400,"error":"Bad Request","message":"at most 24 hours ahead",)"
                R"("code":1001})"},
        Spelled{{.why = Why::kBadCredentials},
                401,
                R"({"status":401,"error":"Unauthorized","message":"Invalid credentials"})"},
        Spelled{{.why = Why::kExpired},
                401,
                R"({"status":401,"error":"Unauthorized","message":"Invalid token"})"},
        Spelled{{.why = Why::kRevoked},
                403,
                R"({"status":403,"error":"Forbidden","message":"This token may not do that"})"},
        Spelled{{.why = Why::kNotFound, .say = "no such operator"},
                404,
                R"({"status":404,"error":"Not Found","message":"no such operator"})"},
        Spelled{{.why = Why::kTooMany, .say = "not shown"},
                429,
                R"({"error":"Too Many Requests","message":"Rate limit exceeded. )"
                R"(Please wait before sending more requests.","status":429})"},
        Spelled{{.why = Why::kBug, .say = "not shown"},
                500,
                R"({"status":500,"error":"Internal Server Error","message":"Internal error"})"}));

TEST(ChatHubReply, SaysHowLongToWait) {
  Error error{.why = Why::kTooMany};
  EXPECT_EQ(encode(kLogin, fail(error)).headers.find("Retry-After"), nullptr);
  error.retry_after = Seconds{3};
  const auto reply = encode(kLogin, fail(error));
  ASSERT_NE(reply.headers.find("Retry-After"), nullptr);
  EXPECT_EQ(*reply.headers.find("Retry-After"), "3");
}

TEST(ChatHubBroker, ReadsATokenInEveryFormThatWasSeen) {
  const std::string token = jwt("{}");
  for (const std::string& body :
       {"\"" + token + "\"", R"({"token":")" + token + R"(","expiration":"2025-12-31"})",
        R"({"Token":")" + token + R"("})", token, token + "\n"}) {
    const auto outcome = decode(kLogin, 200, body);
    ASSERT_TRUE(outcome) << body;
    EXPECT_TRUE(*outcome == Outcome(engine::TokenSet{.access_token = Secret(token)})) << body;
  }
}

TEST(ChatHubBroker, CallsAnythingElseABadResponse) {
  for (const char* body : {"", "null", "true", "[]", "{}", R"("")", R"("a b")", R"("a\r\nb")",
                           "<html></html>", "OK", R"({"token":7})"}) {
    const auto outcome = decode(kLogin, 200, body);
    ASSERT_FALSE(outcome) << body;
    EXPECT_EQ(outcome.error().why, Why::kBadResponse) << body;
  }
  EXPECT_TRUE(decode(kLogin, 200, "\"" + std::string(8192, 'a') + "\""));
  EXPECT_FALSE(decode(kLogin, 200, "\"" + std::string(8193, 'a') + "\""));
}

struct End {
  const char* title;
  Operation sent;
  std::string claims;
  std::optional<Instant> until;
};

class ChatHubEnds : public ::testing::TestWithParam<End> {};

TEST_P(ChatHubEnds, TheToken) {
  const auto& [title, sent, claims, until] = GetParam();
  const auto outcome = decode(sent, 200, "\"" + jwt(claims) + "\"");
  ASSERT_TRUE(outcome) << title;
  EXPECT_EQ(std::get<engine::TokenSet>(*outcome).access_until, until) << title;
}

INSTANTIATE_TEST_SUITE_P(
    , ChatHubEnds,
    ::testing::Values(
        End{"a company's token without an end", kLogin, R"({"client_id":1})", std::nullopt},
        End{"a company's token with one", kLogin, R"({"exp":1767182460})", kNoon + Seconds{60}},
        End{"an operator's, as asked", kDelegate, R"({"operator_id":1})", kNoon},
        End{"an operator's that was cut", kDelegate, R"({"exp":1767182399})", kNoon - Seconds{1}},
        End{"an operator's that claims more than we asked", kDelegate, R"({"exp":1767182401})",
            kNoon},
        End{"an absurd end is no end", kLogin, R"({"exp":-1})", std::nullopt}));

TEST(ChatHubBroker, ReadsIsValidOrValid) {
  const auto until = kNoon + Seconds{1};
  const Validation valid{.valid = true, .operator_id = 1, .client_number = 2, .until = until};
  for (const char* body :
       {R"({"isValid":true,"operatorId":1,"clientId":2,"expiresAt":"2025-12-31T12:00:01Z"})",
        R"({"valid":true,"operatorId":1,"clientId":2,"expiresAt":"2025-12-31T12:00:01.5Z"})",
        R"({"IsValid":true,"OperatorId":1,"ClientId":2,"ExpiresAt":"2025-12-31T12:00:01"})"}) {
    const auto outcome = decode(kValidate, 200, body);
    ASSERT_TRUE(outcome) << body;
    EXPECT_TRUE(*outcome == Outcome(valid)) << body;
  }
  for (const char* body :
       {R"({"isValid":"yes"})", "{}", "true", "", R"({"isValid":true,"expiresAt":"soon"})"}) {
    const auto outcome = decode(kValidate, 200, body);
    ASSERT_FALSE(outcome) << body;
    EXPECT_EQ(outcome.error().why, Why::kBadResponse) << body;
  }
}

struct Heard {
  Operation sent;
  int status;
  Why why;
};

class ChatHubHears : public ::testing::TestWithParam<Heard> {};

TEST_P(ChatHubHears, TheStatus) {
  const auto& [sent, status, why] = GetParam();
  for (const char* body : {"", "<html>", R"({"message":"m"})"}) {
    const auto outcome = decode(sent, status, body);
    ASSERT_FALSE(outcome) << status;
    EXPECT_EQ(outcome.error().why, why) << status;
  }
}

INSTANTIATE_TEST_SUITE_P(
    , ChatHubHears,
    ::testing::Values(Heard{kLogin, 400, Why::kMalformed}, Heard{kLogin, 422, Why::kMalformed},
                      Heard{kLogin, 401, Why::kBadCredentials},
                      Heard{kDelegate, 401, Why::kInvalidToken},
                      Heard{kDelegate, 403, Why::kRevoked}, Heard{kValidate, 403, Why::kForbidden},
                      Heard{kDelegate, 404, Why::kNotFound}, Heard{kLogin, 429, Why::kTooMany},
                      Heard{kLogin, 500, Why::kUnavailable}, Heard{kLogin, 599, Why::kUnavailable},
                      Heard{kLogin, 600, Why::kBadResponse}, Heard{kLogin, 302, Why::kBadResponse},
                      Heard{kLogin, 199, Why::kBadResponse}));

TEST(ChatHubBroker, HearsRetryAfter) {
  const auto outcome = decode(kLogin, 429, "", {{"Retry-After", "7"}});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().retry_after, Seconds{7});
}

TEST(ChatHubBroker, DoesNotRepeatASecretThatTheAuthorityEchoes) {
  const auto outcome = decode(kLogin, 400, R"({"message":"bad password hunter2!"})");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().say, "HTTP 400");
}

}  // namespace
}  // namespace latchkey::dialects::chathub
