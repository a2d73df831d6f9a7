#include "dialects/alor/codec.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "crypto/jws.h"

namespace latchkey::dialects::alor {
namespace {

using engine::Refresh;
using engine::TokenSet;
using namespace std::chrono_literals;

constexpr Instant kNoon = from_epoch(1772366400);
constexpr const char* kUuid = "12be28e4-2e15-44b8-983e-e6c119a1bcac";
const Codec kCodec{WireOptions{}};

struct Row {
  const char* name;
  http::Pairs query;
  const char* type;  ///< of the content; nullptr: none
  const char* body;
  std::optional<Why> why;  ///< nullopt: the token is kUuid
  std::vector<std::string> narrow_to = {};
};

class AlorRefreshTable : public ::testing::TestWithParam<Row> {};

TEST_P(AlorRefreshTable, IsReadAsTheClientsInTheFieldWriteIt) {
  const Row& row = GetParam();
  http::Request request{.method = "POST", .target = {"/refresh", row.query}, .body = row.body};
  if (row.type) request.headers.add("Content-Type", row.type);
  const auto asked = kCodec.decode_request(request);
  if (row.why) {
    ASSERT_FALSE(asked);
    EXPECT_EQ(asked.error().why, *row.why);
    return;
  }
  ASSERT_TRUE(asked) << asked.error().say;
  EXPECT_EQ(std::get<Refresh>(*asked),
            (Refresh{.refresh_token = Secret(kUuid), .narrow_to = row.narrow_to}));
}

constexpr const char* kForm = "application/x-www-form-urlencoded";
constexpr const char* kJson = "application/json";
constexpr const char* kBody = R"({"token":"12be28e4-2e15-44b8-983e-e6c119a1bcac"})";

INSTANTIATE_TEST_SUITE_P(
    , AlorRefreshTable,
    ::testing::Values(
        Row{"query", {{"token", kUuid}}, nullptr, "", {}},
        Row{"query with an empty form, as axios sends", {{"token", kUuid}}, kForm, "", {}},
        Row{"query in capitals", {{"TOKEN", kUuid}}, nullptr, "", {}},
        Row{"query with portfolios",
            {{"token", kUuid}, {"allowedPortfolios", R"(["P1","P2"])"}},
            nullptr,
            "",
            {},
            {"P1", "P2"}},
        Row{"query with no portfolios",
            {{"token", kUuid}, {"allowedPortfolios", "[]"}},
            nullptr,
            "",
            {}},
        Row{"query with portfolios that are not JSON",
            {{"token", kUuid}, {"allowedPortfolios", "P1"}},
            nullptr,
            "",
            Why::kMalformed},
        Row{"query with a portfolio that is no name",
            {{"token", kUuid}, {"allowedPortfolios", R"(["a b"])"}},
            nullptr,
            "",
            Why::kMalformed},
        Row{"body", {}, kJson, kBody, {}},
        Row{"body with a charset", {}, "application/json; charset=utf-8", kBody, {}},
        Row{"body without a type", {}, nullptr, kBody, {}},
        Row{"body in capitals beside an empty query, as .NET sends",
            {{"token", ""}},
            kJson,
            R"({"Token":"12be28e4-2e15-44b8-983e-e6c119a1bcac"})",
            {}},
        Row{"body with portfolios",
            {},
            kJson,
            R"({"token":"12be28e4-2e15-44b8-983e-e6c119a1bcac","AllowedPortfolios":["P1"]})",
            {},
            {"P1"}},
        Row{"body with null portfolios",
            {},
            kJson,
            R"({"token":"12be28e4-2e15-44b8-983e-e6c119a1bcac","allowedPortfolios":null})",
            {}},
        Row{"the body wins",
            {{"token", "ffffffff-2e15-44b8-983e-e6c119a1bcac"}, {"allowedPortfolios", R"(["P9"])"}},
            kJson,
            kBody,
            {}},
        Row{"an empty body object leaves the query", {{"token", kUuid}}, kJson, "{}", {}},
        Row{"an empty body token leaves the query",
            {{"token", kUuid}},
            kJson,
            R"({"token":""})",
            {}},
        Row{"nothing at all", {}, nullptr, "", Why::kInvalidToken},
        Row{"an empty query value is absent", {{"token", ""}}, kForm, "", Why::kInvalidToken},
        Row{"a body that is not JSON", {}, kJson, "{", Why::kMalformed},
        Row{"a body that is a list", {}, kJson, "[]", Why::kMalformed},
        Row{"a token that is a number", {}, kJson, R"({"token":1})", Why::kMalformed},
        Row{"a doubled token", {}, kJson, R"({"token":"a","token":"b"})", Why::kMalformed},
        Row{"a form body", {}, kForm, "token=12be28e4", Why::kMalformed}),
    [](const auto& info) {
      std::string name = info.param.name;
      std::ranges::replace_if(
          name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
      return name;
    });

TEST(AlorRefresh, OurOwnRequestCarriesTheTokenInTheBody) {
  const Refresh asked{.refresh_token = Secret(kUuid), .narrow_to = {"D39004"}};
  const auto request = *kCodec.encode_request(asked);
  EXPECT_EQ(http::write_target(request.target), "/refresh");
  EXPECT_EQ(request.body,
            R"({"token":"12be28e4-2e15-44b8-983e-e6c119a1bcac","allowedPortfolios":["D39004"]})");
  EXPECT_EQ(std::get<Refresh>(*kCodec.decode_request(request)), asked);
}

// checklist 30
TEST(AlorRefresh, TheQueryFormCanBeSwitchedOff) {
  const Codec body_only{WireOptions{.token_in_query = false}};
  EXPECT_EQ(body_only.decode_request({.method = "POST", .target = {"/refresh", {{"token", kUuid}}}})
                .error()
                .why,
            Why::kInvalidToken);
  EXPECT_TRUE(
      body_only.decode_request({.method = "POST", .target = {"/refresh", {}}, .body = kBody}));
}

// checklist 30, 32
TEST(AlorRefresh, IsPostOnly) {
  for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "TRACE", "OPTIONS"}) {
    const http::Request request{.method = method, .target = {"/refresh", {{"token", kUuid}}}};
    const auto asked = kCodec.decode_request(request);
    ASSERT_FALSE(asked) << method;
    const auto response = kCodec.encode_reply({request, nullptr, kNoon}, fail(asked.error()));
    EXPECT_EQ(response.status, 405) << method;
    EXPECT_EQ(*response.headers.find("Allow"), "POST");
    EXPECT_EQ(response.body, "");
  }
}

TEST(AlorReply, HasExactlyOneField) {
  const engine::Operation asked = Refresh{.refresh_token = Secret(kUuid)};
  const auto request = *kCodec.encode_request(asked);
  const TokenSet tokens{.access_token = Secret("ey.a.b"), .access_until = kNoon + 1800s};
  const auto response = kCodec.encode_reply({request, &asked, kNoon}, engine::Outcome(tokens));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"AccessToken":"ey.a.b"})");
  EXPECT_EQ(*response.headers.find("Cache-Control"), "no-store");
  EXPECT_EQ(*response.headers.find("Referrer-Policy"), "no-referrer");
  const auto back = std::get<TokenSet>(*kCodec.decode_reply({asked, kNoon}, response));
  EXPECT_EQ(back.access_token, tokens.access_token);
  EXPECT_TRUE(back.refresh_token.empty()) << "keep using the one you have";
  EXPECT_FALSE(back.access_until) << "no JWT: the wire does not say";
}

std::string reply_with_claims(std::string_view claims) {
  const std::string header = to_base64url(bytes_of(R"({"alg":"ES256"})"));
  return R"({"AccessToken":")" + header + "." + to_base64url(bytes_of(claims)) + R"(.AA"})";
}

TEST(AlorReply, TheEndOfATokenCountsFromWhenWeAsked) {
  const engine::Operation asked = Refresh{.refresh_token = Secret(kUuid)};
  const auto until = [&](std::string_view claims) {
    const http::Response response{.status = 200, .body = reply_with_claims(claims)};
    return std::get<TokenSet>(*kCodec.decode_reply({asked, kNoon}, response)).access_until;
  };
  EXPECT_EQ(until(R"({"iat":1000,"exp":2800})"), kNoon + 1800s) << "their clock is far behind";
  EXPECT_EQ(until(R"({"iat":0,"exp":2871763199})"), from_epoch(2871763199))
      << "the sample's placeholder";
  EXPECT_EQ(until(R"({"exp":2871763199})"), from_epoch(2871763199));
  EXPECT_EQ(until(R"({"sub":"x"})"), std::nullopt);
}

TEST(AlorReply, OfAnotherShapeIsABadResponse) {
  const engine::Operation asked = Refresh{.refresh_token = Secret(kUuid)};
  for (const char* body : {"", "[]", "{}", "\"ey\"", R"({"AccessToken":""})",
                           R"({"AccessToken":1})", R"({"AccessToken":"a\r\nb"})", "<html>"}) {
    const auto back = kCodec.decode_reply({asked, kNoon}, {.status = 200, .body = body});
    ASSERT_FALSE(back) << body;
    EXPECT_EQ(back.error().why, Why::kBadResponse) << body;
  }
}

struct StatusRow {
  Why why;
  int status;
};

class AlorDeadRefresh : public ::testing::TestWithParam<StatusRow> {};

TEST_P(AlorDeadRefresh, IsAStatusWithoutWords) {
  const engine::Operation asked = Refresh{.refresh_token = Secret(kUuid)};
  const auto request = *kCodec.encode_request(asked);
  const auto response =
      kCodec.encode_reply({request, &asked, kNoon}, fail(GetParam().why, "say", "note"));
  EXPECT_EQ(response.status, GetParam().status);
  EXPECT_EQ(response.body, "");
}

INSTANTIATE_TEST_SUITE_P(
    , AlorDeadRefresh,
    ::testing::Values(StatusRow{Why::kInvalidToken, 403}, StatusRow{Why::kExpired, 403},
                      StatusRow{Why::kRevoked, 403}, StatusRow{Why::kReplayed, 403},
                      StatusRow{Why::kForbidden, 403}, StatusRow{Why::kMalformed, 400},
                      StatusRow{Why::kTooMany, 429}, StatusRow{Why::kUnavailable, 503},
                      StatusRow{Why::kBug, 500}));

TEST(AlorReply, EveryReasonHasAnAnswer) {
  const engine::Operation asked = Refresh{.refresh_token = Secret(kUuid)};
  const auto request = *kCodec.encode_request(asked);
  for (const Why why : kEveryWhy) {
    const auto response = kCodec.encode_reply({request, &asked, kNoon}, fail(why));
    EXPECT_GE(response.status, 400);
    EXPECT_FALSE(kCodec.decode_reply({asked, kNoon}, response)) << name_of(why);
  }
}

TEST(AlorReply, A403AtTheRefreshMeansThatTheTokenIsDead) {
  const engine::Operation refresh = Refresh{.refresh_token = Secret(kUuid)};
  const engine::Operation use = engine::Use{.bearer = Secret("a"), .resource = "summary"};
  EXPECT_EQ(kCodec.decode_reply({refresh, kNoon}, {.status = 403}).error().why, Why::kInvalidToken);
  EXPECT_EQ(kCodec.decode_reply({use, kNoon}, {.status = 403}).error().why, Why::kForbidden);
  EXPECT_EQ(kCodec.decode_reply({use, kNoon}, {.status = 401}).error().why, Why::kInvalidToken);
}

TEST(AlorCodec, SendsAPersonToTheTokensPage) {
  const auto request = *kCodec.encode_request(engine::Authorize{});
  EXPECT_EQ(http::write_target(request.target), "/tokens");
  EXPECT_EQ(std::get<engine::Authorize>(*kCodec.decode_request(request)), engine::Authorize{});
}

TEST(AlorCodec, OwnsItsPathsWhateverTheirCase) {
  for (const char* path : {"/refresh", "/tokens", "/tokens/login", "/md/v2/Clients/MOEX/D1/summary",
                           "/MD/v2/clients/x", "/client/v1.0/users/x/portfolios", "/commandapi/x"})
    EXPECT_TRUE(kCodec.owns(path)) << path;
  for (const char* path : {"/", "/refreshing", "/tokensx", "/oauth2/token", "/mdx"})
    EXPECT_FALSE(kCodec.owns(path)) << path;
}

}  // namespace
}  // namespace latchkey::dialects::alor
