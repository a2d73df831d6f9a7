#include <gtest/gtest.h>

#include "dialects/chathub/codec.h"
#include "dialects/chathub/directory.h"

namespace latchkey::dialects::chathub {
namespace {

using engine::Operation;

const Codec kCodec{WireOptions{}};
constexpr Instant kNoon = from_epoch(1767182400);  // 2025-12-31T12:00:00Z

http::Request request(std::string method, std::string target, std::string body = {}) {
  http::Request made{.method = std::move(method), .target = *http::parse_target(target)};
  made.headers.add("Content-Type", "application/json");
  made.headers.add("Authorization", "Bearer company.token");
  made.body = std::move(body);
  return made;
}

struct Read {
  const char* title;
  http::Request request;
  Operation operation;
};

class ChatHubReads : public ::testing::TestWithParam<Read> {};

TEST_P(ChatHubReads, TheRequest) {
  const auto& [title, request, operation] = GetParam();
  const auto decoded = kCodec.decode_request(request);
  ASSERT_TRUE(decoded) << title << ": " << decoded.error().say;
  EXPECT_TRUE(*decoded == operation) << title;
}

Operation delegate(long long until) {
  return engine::Delegate{Secret("company.token"), 123, from_epoch(until)};
}
Read delegate_row(const char* title, const std::string& expires_at, long long until) {
  return {title,
          request("POST", "/api/operator/get-token",
                  R"({"id":123,"expiresAt":")" + expires_at + R"("})"),
          delegate(until)};
}

INSTANTIATE_TEST_SUITE_P(
    Tokens, ChatHubReads,
    ::testing::Values(
        Read{"a login",
             request("POST", "/api/company/get-token", R"({"login":"acme","password":"pässword"})"),
             engine::Login{.user = {SubjectId("acme"), Secret("pässword")}}},
        Read{"names as ASP.NET binds them",
             request("POST", "/API/Company/Get-Token", R"({"Login":"acme","PASSWORD":"p","x":1})"),
             engine::Login{.user = {SubjectId("acme"), Secret("p")}}},
        delegate_row("the documented time", "2025-12-31T23:59:59Z", 1767225599),
        delegate_row("JavaScript's toISOString", "2025-01-20T14:33:34.147Z", 1737383614),
        delegate_row("Python's isoformat + Z", "2025-01-20T14:33:34.147123Z", 1737383614),
        delegate_row("Python's isoformat without Z", "2025-01-20T14:33:34.147123", 1737383614),
        delegate_row("an offset", "2025-01-20T16:33:34+02:00", 1737383614),
        Read{"an id as text",
             request("POST", "/api/operator/get-token",
                     R"({"id":"123","expiresAt":"2025-12-31T12:00:00Z"})"),
             engine::Delegate{Secret("company.token"), 123, kNoon}},
        Read{"a validation",
             request("POST", "/api/operator/validate-token", R"({"token":"any text at all"})"),
             engine::Validate{Secret("company.token"), Secret("any text at all")}}));

INSTANTIATE_TEST_SUITE_P(
    Directory, ChatHubReads,
    ::testing::Values(
        Read{"organizations", request("GET", "/api/company/organization"),
             engine::ListOrganizations{Secret("company.token")}},
        Read{"operators of an organization", request("GET", "/api/operator?organizationId=7"),
             engine::ListOperators{Secret("company.token"), 7}},
        Read{"a query name of another case", request("GET", "/api/operator?organizationid=7"),
             engine::ListOperators{Secret("company.token"), 7}},
        Read{"operators without a query", request("GET", "/api/operator"),
             engine::ListOperators{Secret("company.token"), {}}},
        Read{"an empty query value counts as absent",
             request("GET", "/api/operator?organizationId="),
             engine::ListOperators{Secret("company.token"), {}}},
        Read{"two operators of one name",
             request("POST", "/api/operator/synchronize",
                     R"([{"organizationId":1,"name":"Olena"},)"
                     R"({"organizationId":1,"name":"Olena"}])"),
             engine::SynchronizeOperators{Secret("company.token"), {{1, "Olena"}, {1, "Olena"}}}},
        Read{"no operators", request("POST", "/api/operator/synchronize", "[]"),
             engine::SynchronizeOperators{Secret("company.token"), {}}},
        Read{"a status", request("POST", "/api/operator/status", R"({"id":7,"status":2})"),
             engine::SetOperatorStatus{Secret("company.token"), 7,
                                       engine::OperatorStatus::kDeleted}}));

struct Refused {
  const char* title;
  http::Request request;
  Why why;
};

class ChatHubRefuses : public ::testing::TestWithParam<Refused> {};

TEST_P(ChatHubRefuses, TheRequest) {
  const auto& [title, request, why] = GetParam();
  const auto decoded = kCodec.decode_request(request);
  ASSERT_FALSE(decoded) << title;
  EXPECT_EQ(decoded.error().why, why) << title << ": " << decoded.error().say;
}

Refused bad(const char* title, const char* path, std::string body) {
  return {title, request("POST", path, std::move(body)), Why::kMalformed};
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, ChatHubRefuses,
    ::testing::Values(
        bad("no body", "/api/company/get-token", ""),
        bad("no JSON", "/api/company/get-token", "login=acme&password=p"),
        bad("a list", "/api/company/get-token", "[]"),
        bad("no password", "/api/company/get-token", R"({"login":"acme"})"),
        bad("an empty login", "/api/company/get-token", R"({"login":"","password":"p"})"),
        bad("a null password", "/api/company/get-token", R"({"login":"a","password":null})"),
        bad("a number for a password", "/api/company/get-token", R"({"login":"a","password":1})"),
        bad("a member twice", "/api/company/get-token",
            R"({"login":"a","password":"p","password":"q"})"),
        bad("a login of 257 bytes", "/api/company/get-token",
            R"({"login":")" + std::string(257, 'a') + R"(","password":"p"})"),
        bad("no end", "/api/operator/get-token", R"({"id":1})"),
        bad("an end that is no time", "/api/operator/get-token",
            R"({"id":1,"expiresAt":"tomorrow"})"),
        bad("a day that is not there", "/api/operator/get-token",
            R"({"id":1,"expiresAt":"2025-02-30T00:00:00Z"})"),
        bad("an id with a fraction", "/api/operator/get-token",
            R"({"id":1.5,"expiresAt":"2025-12-31T12:00:00Z"})"),
        bad("operator 0", "/api/operator/get-token",
            R"({"id":0,"expiresAt":"2025-12-31T12:00:00Z"})"),
        bad("no token", "/api/operator/validate-token", "{}"),
        bad("a token of 8193 bytes", "/api/operator/validate-token",
            R"({"token":")" + std::string(8193, 'a') + R"("})"),
        bad("one operator without its list", "/api/operator/synchronize",
            R"({"organizationId":1,"name":"Olena"})"),
        bad("an operator without a name", "/api/operator/synchronize", R"([{"organizationId":1}])"),
        bad("a name with a line break", "/api/operator/synchronize",
            R"([{"organizationId":1,"name":"a\nb"}])"),
        bad("a status of 3", "/api/operator/status", R"({"id":7,"status":3})"),
        bad("a status of -1", "/api/operator/status", R"({"id":7,"status":-1})"),
        Refused{"an organization that is no number",
                request("GET", "/api/operator?organizationId=x"), Why::kMalformed},
        Refused{"an unknown path", request("GET", "/api/operator/profile"), Why::kUnsupported},
        Refused{"another method", request("GET", "/api/company/get-token"), Why::kUnsupported}));

http::Request with_headers(http::Headers headers) {
  http::Request made{.target = {.path = "/api/company/organization"}};
  made.headers = std::move(headers);
  return made;
}

INSTANTIATE_TEST_SUITE_P(
    Headers, ChatHubRefuses,
    ::testing::Values(
        Refused{"no token", with_headers({}), Why::kInvalidToken},
        Refused{"another scheme", with_headers({{"Authorization", "Basic YTpi"}}),
                Why::kInvalidToken},
        Refused{"an empty key", with_headers({{"X-Authorization-Key", ""}}), Why::kInvalidToken},
        Refused{"a scheme word in the key header",
                with_headers({{"X-Authorization-Key", "Bearer a"}}), Why::kInvalidToken},
        Refused{"two Authorization headers",
                with_headers({{"Authorization", "Bearer a"}, {"Authorization", "Bearer a"}}),
                Why::kMalformed},
        Refused{"two key headers",
                with_headers({{"X-Authorization-Key", "a"}, {"X-Authorization-Key", "a"}}),
                Why::kMalformed},
        Refused{"both headers, which disagree",
                with_headers({{"Authorization", "Bearer a"}, {"X-Authorization-Key", "b"}}),
                Why::kMalformed}));

TEST(ChatHub, TakesTheTokenOfEitherHeader) {
  const Operation expected = engine::ListOrganizations{Secret("a.b-c")};
  for (const auto& headers :
       {http::Headers{{"Authorization", "Bearer a.b-c"}},
        http::Headers{{"x-authorization-key", "a.b-c"}},
        http::Headers{{"Authorization", "bearer a.b-c"}, {"X-Authorization-Key", "a.b-c"}}}) {
    const auto decoded = kCodec.decode_request(with_headers(headers));
    ASSERT_TRUE(decoded) << decoded.error().say;
    EXPECT_TRUE(*decoded == expected);
  }
}

TEST(ChatHub, ReadsOnlyJsonThatSaysItIsJson) {
  auto asked = request("POST", "/api/company/get-token", R"({"login":"a","password":"p"})");
  EXPECT_TRUE(kCodec.decode_request(asked));
  asked.headers.set("Content-Type", "application/json; charset=utf-8");
  EXPECT_TRUE(kCodec.decode_request(asked));
  asked.headers.set("Content-Type", "application/x-www-form-urlencoded");
  EXPECT_FALSE(kCodec.decode_request(asked));
  asked.headers.remove("Content-Type");
  EXPECT_FALSE(kCodec.decode_request(asked));
}

TEST(ChatHub, TakesAThousandOperatorsAtOnceAndNoMore) {
  std::string list;
  for (std::size_t i = 0; i < kMostOperators; ++i) list += R"({"organizationId":1,"name":"o"},)";
  const auto most = "[" + list.substr(0, list.size() - 1) + "]";
  EXPECT_TRUE(kCodec.decode_request(request("POST", "/api/operator/synchronize", most)));
  const auto beyond = "[" + list + R"({"organizationId":1,"name":"o"}])";
  EXPECT_FALSE(kCodec.decode_request(request("POST", "/api/operator/synchronize", beyond)));
}

TEST(ChatHub, OwnsItsTwoPrefixesAndNothingBesideThem) {
  for (const char* path : {"/api/company/get-token", "/api/operator", "/api/operator/none",
                           "/API/Operator/status", "/api/company"}) {
    EXPECT_TRUE(kCodec.owns(path)) << path;
  }
  for (const char* path : {"/", "/api", "/api/operators", "/api/v3/auth/token", "/refresh"}) {
    EXPECT_FALSE(kCodec.owns(path)) << path;
  }
}

TEST(ChatHub, WritesTheDocumentedRequest) {
  const auto asked = kCodec.encode_request(engine::Delegate{Secret("c.t"), 123, kNoon});
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->method, "POST");
  EXPECT_EQ(asked->target.path, "/api/operator/get-token");
  EXPECT_EQ(asked->body, R"({"id":123,"expiresAt":"2025-12-31T12:00:00Z"})");
  EXPECT_EQ(*asked->headers.find("Authorization"), "Bearer c.t");
  EXPECT_EQ(*asked->headers.find("Content-Type"), "application/json");
}

TEST(ChatHub, HasNoRefreshAndNoOtp) {
  for (const Operation& asked : {Operation(engine::Refresh{}), Operation(engine::RequestOtp{}),
                                 Operation(engine::Use{}), Operation(engine::Revoke{})}) {
    const auto encoded = kCodec.encode_request(asked);
    ASSERT_FALSE(encoded);
    EXPECT_EQ(encoded.error().why, Why::kUnsupported);
  }
}

}  // namespace
}  // namespace latchkey::dialects::chathub
