#include "dialects/sinopac/codec.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/json.h"

namespace latchkey::dialects::sinopac {
namespace {

using engine::Authorize;
using engine::Exchange;
using engine::Refresh;
using engine::Use;
using namespace std::chrono_literals;

constexpr Instant kNoon = from_epoch(1772366400);
const Codec kCodec{WireOptions{}};

const Authorize kAuthorize{ClientId("oauthtestclient"), "http://127.0.0.1:8000/cb", "abcd1234"};
const Exchange kExchange{
    {ClientId("oauthtestclient"), Secret("abcd")}, Secret("c0de"), "http://127.0.0.1:8000/cb"};
const Refresh kRefresh{.refresh_token = Secret("c106731f869b05dced9972c6274f9890e1c49dd0"),
                       .client = {ClientId("oauthtestclient"), Secret("abcd")}};
const Use kUse{.bearer = Secret("b9b8944cf349372d595f8a8152914fddcdfb84da"),
               .resource = std::string(kTestToken)};

http::Request login_request(http::Pairs query) {
  return {.method = "GET", .target = {std::string(kLoginPath), std::move(query)}};
}

http::Pairs good_query() { return kCodec.encode_request(kAuthorize)->target.query; }

http::Pairs query_with(std::string_view name, std::string_view value) {
  auto query = good_query();
  std::erase_if(query, [&](const auto& pair) { return pair.first == name; });
  if (!value.empty()) query.emplace_back(name, value);
  return query;
}

http::Request token_request(http::Pairs form) {
  return {.method = "POST",
          .target = {std::string(kTokenPath), {}},
          .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
          .body = http::write_form(form)};
}

/// The answer to a request as a server gives it: `why` is the engine's refusal.
http::Response refused(const http::Request& request, Why why) {
  auto operation = kCodec.decode_request(request);
  if (!operation) return kCodec.encode_reply({request, nullptr, kNoon}, fail(operation.error()));
  return kCodec.encode_reply({request, &*operation, kNoon}, fail(why));
}

std::string member(const http::Response& response, std::string_view name) {
  const auto body = json::parse(response.body);
  if (!body || !body->as_object()) return "not an object";
  return json::string_field(*body->as_object(), name).value_or("absent");
}

TEST(SinopacCodec, EveryOperationOfTheWireComesBackAsItWentOut) {
  for (const engine::Operation& asked :
       {engine::Operation(kAuthorize), engine::Operation(kExchange), engine::Operation(kRefresh),
        engine::Operation(kUse)}) {
    const auto request = kCodec.encode_request(asked);
    ASSERT_TRUE(request) << name_of(asked);
    const auto back = kCodec.decode_request(*request);
    ASSERT_TRUE(back) << name_of(asked);
    EXPECT_EQ(*back, asked) << name_of(asked);
  }
}

TEST(SinopacCodec, TheAuthorizeUrlIsTheDocumentedOne) {
  EXPECT_EQ(http::write_target(kCodec.encode_request(kAuthorize)->target),
            "/oauth2/login?response_type=code&grant_type=authorization_code"
            "&client_id=oauthtestclient&redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Fcb"
            "&state=abcd1234");
}

TEST(SinopacCodec, AnOperationOfAnotherWireIsUnsupported) {
  EXPECT_EQ(kCodec.encode_request(engine::Login{}).error().why, Why::kUnsupported);
}

TEST(SinopacCodec, TheConsentEndsInA302WithCodeAndState) {
  const engine::Operation asked = kAuthorize;
  const auto request = *kCodec.encode_request(asked);
  const engine::Authorized outcome{Secret("c0de"), kAuthorize.redirect_uri, kAuthorize.state};
  const auto response = kCodec.encode_reply({request, &asked, kNoon}, engine::Outcome(outcome));
  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(*response.headers.find("Location"),
            "http://127.0.0.1:8000/cb?code=c0de&state=abcd1234");
  const auto back = kCodec.decode_reply({asked, kNoon}, response);
  ASSERT_TRUE(back);
  EXPECT_EQ(std::get<engine::Authorized>(*back), outcome);
}

TEST(SinopacCodec, ARedirectUriKeepsItsOwnQuery) {
  EXPECT_EQ(with_query("http://a/cb", {{"code", "1"}}), "http://a/cb?code=1");
  EXPECT_EQ(with_query("http://a/cb?x=y", {{"code", "1"}}), "http://a/cb?x=y&code=1");
  EXPECT_EQ(with_query("http://a/cb?", {{"code", "a b&c"}}), "http://a/cb?code=a%20b%26c");
}

TEST(SinopacCodec, ACallbackIsReadForItsShapeOnly) {
  const engine::Operation asked = kAuthorize;
  const auto read = [&](std::string location) {
    return kCodec.decode_reply({asked, kNoon},
                               {.status = 302, .headers = {{"Location", location}}});
  };
  EXPECT_EQ(std::get<engine::Authorized>(*read("http://x/cb?code=1&state=other")).state, "other");
  EXPECT_EQ(read("http://x/cb").error().why, Why::kBadResponse);
  EXPECT_EQ(read("http://x/cb?state=abcd1234").error().why, Why::kBadResponse);
  EXPECT_EQ(read("http://x/cb?code=1&code=2&state=a").error().why, Why::kBadResponse);
  EXPECT_EQ(read("http://x/cb?code=a%0d%0ab&state=a").error().why, Why::kBadResponse);
  EXPECT_EQ(read("http://x/cb?error=access_denied&state=a").error().why, Why::kDeclined);
  EXPECT_EQ(read("http://x/cb?error=invalid_request&error_description=x").error().why,
            Why::kMalformed);
}

TEST(SinopacCodec, TokensHaveTheSamplesFieldsInItsOrder) {
  const engine::Operation asked = kExchange;
  const auto request = *kCodec.encode_request(asked);
  const engine::TokenSet tokens{.access_token = Secret("b9b8"),
                                .access_until = kNoon + 86400s,
                                .refresh_token = Secret("c106"),
                                .refresh_until = kNoon + 172800s};
  const auto response = kCodec.encode_reply({request, &asked, kNoon}, engine::Outcome(tokens));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(
      response.body,
      R"({"access_token":"b9b8","token_type":"Bearer","expires_in":86400,"refresh_token":"c106"})");
  EXPECT_EQ(*response.headers.find("Cache-Control"), "no-store");  // checklist 31
  EXPECT_EQ(*response.headers.find("Pragma"), "no-cache");
  const auto back = std::get<engine::TokenSet>(*kCodec.decode_reply({asked, kNoon}, response));
  EXPECT_EQ(back.access_until, kNoon + 86400s);
  EXPECT_EQ(back.refresh_token, tokens.refresh_token);
  EXPECT_FALSE(back.refresh_until) << "the wire does not say";
}

TEST(SinopacCodec, ARemainderOfALifetimeIsCountedFromTheAnswer) {
  const engine::Operation asked = kRefresh;
  const auto request = *kCodec.encode_request(asked);
  const engine::TokenSet tokens{.access_token = Secret("b9b8"), .access_until = kNoon + 86400s};
  const auto late = kCodec.encode_reply({request, &asked, kNoon + 1s}, engine::Outcome(tokens));
  EXPECT_NE(late.body.find("\"expires_in\":86399"), std::string::npos);
  const auto dead = kCodec.encode_reply({request, &asked, kNoon + 90000s}, engine::Outcome(tokens));
  EXPECT_NE(dead.body.find("\"expires_in\":0"), std::string::npos);
}

TEST(SinopacCodec, ATokenReplyOfAnotherShapeIsABadResponse) {
  const engine::Operation asked = kExchange;
  for (const char* body :
       {"", "[]", "{}", R"({"access_token":"a"})", R"({"access_token":"a","token_type":"MAC"})",
        R"({"access_token":"a\r\nb","token_type":"Bearer"})",
        R"({"access_token":"a","token_type":"Bearer","expires_in":"86399"})",
        R"({"access_token":"a","token_type":"Bearer","expires_in":-1})",
        R"({"access_token":"a","access_token":"b","token_type":"Bearer"})",
        R"({"access_token":"a","token_type":"Bearer","refresh_token":7})"}) {
    const auto back = kCodec.decode_reply({asked, kNoon}, {.status = 200, .body = body});
    ASSERT_FALSE(back) << body;
    EXPECT_EQ(back.error().why, Why::kBadResponse) << body;
  }
}

TEST(SinopacCodec, TheTestTokenIsStableForAnAccessTokenAndTellsNothingOfIt) {
  const engine::Operation asked = kUse;
  const auto request = *kCodec.encode_request(asked);
  const auto one = kCodec.encode_reply({request, &asked, kNoon}, engine::Outcome(engine::Used{}));
  const auto two = kCodec.encode_reply({request, &asked, kNoon}, engine::Outcome(engine::Used{}));
  EXPECT_EQ(one.body, two.body);
  EXPECT_TRUE(one.body.starts_with(R"({"success":true,"result":{"token":")")) << one.body;
  EXPECT_EQ(one.body.find(kUse.bearer.reveal()), std::string::npos);
  EXPECT_TRUE(kCodec.decode_reply({asked, kNoon}, one));
}

struct Row {
  const char* name;
  http::Request request;
  Why why;
  int status;
  const char* error;
  const char* description;
};

http::Request with(http::Request request, std::string_view name, std::string value) {
  request.headers.add(std::string(name), std::move(value));
  return request;
}

const http::Pairs kClient{{"client_id", "c"}, {"client_secret", "s"}};
http::Pairs form(http::Pairs first, const http::Pairs& client = kClient) {
  first.insert(first.end(), client.begin(), client.end());
  return first;
}
const http::Pairs kCodeForm =
    form({{"grant_type", "authorization_code"}, {"code", "x"}, {"redirect_uri", "http://a/cb"}});
const http::Pairs kRefreshForm = form({{"grant_type", "refresh_token"}, {"refresh_token", "x"}});

class SinopacRefusalsTable : public ::testing::TestWithParam<Row> {};

TEST_P(SinopacRefusalsTable, HaveTheLibrarysStatusErrorAndDescription) {
  const Row& row = GetParam();
  const auto response = refused(row.request, row.why);
  EXPECT_EQ(response.status, row.status);
  EXPECT_EQ(member(response, "error"), row.error);
  EXPECT_EQ(member(response, "error_description"), row.description);
  EXPECT_EQ(*response.headers.find("Cache-Control"), "no-store");
}

INSTANTIATE_TEST_SUITE_P(
    , SinopacRefusalsTable,
    ::testing::Values(
        Row{"not POST",
            {.method = "GET", .target = {std::string(kTokenPath), {}}},
            Why::kBug,
            400,
            "invalid_request",
            "Invalid request: method must be POST"},
        Row{"content type",
            {.method = "POST",
             .target = {std::string(kTokenPath), {}},
             .headers = {{"Content-Type", "application/json"}},
             .body = "{}"},
            Why::kBug,
            400,
            "invalid_request",
            "Invalid request: content must be application/x-www-form-urlencoded"},
        Row{"no client", token_request({{"grant_type", "refresh_token"}}), Why::kBug, 400,
            "invalid_client", "Invalid client: cannot retrieve client credentials"},
        Row{"no secret", token_request({{"client_id", "c"}}), Why::kBug, 400, "invalid_client",
            "Invalid client: cannot retrieve client credentials"},
        Row{"wrong client", token_request(kCodeForm), Why::kBadCredentials, 400, "invalid_client",
            "Invalid client: client is invalid"},
        Row{"the client is judged before the grant type", token_request(kClient),
            Why::kBadCredentials, 400, "invalid_client", "Invalid client: client is invalid"},
        Row{"wrong client with a header",
            with(token_request(kCodeForm), "Authorization", "Basic eDp5"), Why::kBadCredentials,
            401, "invalid_client", "Invalid client: client is invalid"},
        Row{"no grant type", token_request(kClient), Why::kInvalidToken, 400, "invalid_request",
            "Missing parameter: `grant_type`"},
        Row{"unknown grant type", token_request(form({{"grant_type", "password"}})),
            Why::kInvalidToken, 400, "unsupported_grant_type",
            "Unsupported grant type: `grant_type` is invalid"},
        Row{"grant not allowed", token_request(kRefreshForm), Why::kForbidden, 400,
            "unauthorized_client", "Unauthorized client: `grant_type` is invalid"},
        Row{"no code", token_request(form({{"grant_type", "authorization_code"}})),
            Why::kInvalidToken, 400, "invalid_request", "Missing parameter: `code`"},
        Row{"an empty code is no code",
            token_request(form({{"grant_type", "authorization_code"}, {"code", ""}})),
            Why::kInvalidToken, 400, "invalid_request", "Missing parameter: `code`"},
        Row{"unknown code", token_request(kCodeForm), Why::kInvalidToken, 400, "invalid_grant",
            "Invalid grant: authorization code is invalid"},
        Row{"used code", token_request(kCodeForm), Why::kReplayed, 400, "invalid_grant",
            "Invalid grant: authorization code is invalid"},
        Row{"old code", token_request(kCodeForm), Why::kExpired, 400, "invalid_grant",
            "Invalid grant: authorization code has expired"},
        Row{"redirect_uri missing",
            token_request(form({{"grant_type", "authorization_code"}, {"code", "x"}})),
            Why::kMalformed, 400, "invalid_request",
            "Invalid request: `redirect_uri` is not a valid URI"},
        Row{"redirect_uri not a URI",
            token_request(form(
                {{"grant_type", "authorization_code"}, {"code", "x"}, {"redirect_uri", "cb"}})),
            Why::kMalformed, 400, "invalid_request",
            "Invalid request: `redirect_uri` is not a valid URI"},
        Row{"redirect_uri differs", token_request(kCodeForm), Why::kMalformed, 400,
            "invalid_request", "Invalid request: `redirect_uri` is invalid"},
        Row{"no refresh token", token_request(form({{"grant_type", "refresh_token"}})),
            Why::kInvalidToken, 400, "invalid_request", "Missing parameter: `refresh_token`"},
        Row{"spent refresh token", token_request(kRefreshForm), Why::kReplayed, 400,
            "invalid_grant", "Invalid grant: refresh token is invalid"},
        Row{"revoked refresh token", token_request(kRefreshForm), Why::kRevoked, 400,
            "invalid_grant", "Invalid grant: refresh token is invalid"},
        Row{"old refresh token", token_request(kRefreshForm), Why::kExpired, 400, "invalid_grant",
            "Invalid grant: refresh token has expired"},
        Row{"no bearer",
            {.method = "POST", .target = {std::string(kTestTokenPath), {}}},
            Why::kInvalidToken,
            401,
            "unauthorized_request",
            "Unauthorized request: no authentication given"},
        Row{"bad bearer", *kCodec.encode_request(kUse), Why::kInvalidToken, 401, "invalid_token",
            "Invalid token: access token is invalid"},
        Row{"old bearer", *kCodec.encode_request(kUse), Why::kExpired, 401, "invalid_token",
            "Invalid token: access token has expired"},
        Row{"not a bearer",
            with({.method = "POST", .target = {std::string(kTestTokenPath), {}}}, "Authorization",
                 "Token x"),
            Why::kBug, 400, "invalid_request", "Invalid request: malformed authorization header"},
        Row{"unknown client at the login", login_request(good_query()), Why::kBadCredentials, 400,
            "invalid_client", "Invalid client: client credentials are invalid"},
        Row{"redirect_uri not registered", login_request(good_query()), Why::kMalformed, 400,
            "invalid_client", "Invalid client: `redirect_uri` does not match client value"},
        Row{"denied", login_request(good_query()), Why::kDeclined, 400, "access_denied",
            "Access denied: user denied access to application"},
        Row{"a doubled parameter", token_request(form(kCodeForm)), Why::kBug, 400,
            "invalid_request", "parameter client_id comes twice"},
        Row{"internal", token_request(kRefreshForm), Why::kBug, 503, "server_error",
            "Server error"},
        Row{"busy", token_request(kRefreshForm), Why::kUnavailable, 503, "server_error",
            "Server error: try again later"}),
    [](const auto& info) {
      std::string name = info.param.name;
      std::ranges::replace_if(
          name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
      return name;
    });

TEST(SinopacRefusals, NameTheSchemeThatWasTried) {
  const auto basic =
      refused(with(token_request(kCodeForm), "Authorization", "Basic eDp5"), Why::kBadCredentials);
  EXPECT_EQ(*basic.headers.find("WWW-Authenticate"), "Basic realm=\"Service\"");
  const auto body = refused(token_request(kCodeForm), Why::kBadCredentials);
  EXPECT_EQ(body.headers.find("WWW-Authenticate"), nullptr);
  const auto none =
      refused({.method = "POST", .target = {std::string(kTestTokenPath), {}}}, Why::kInvalidToken);
  EXPECT_EQ(*none.headers.find("WWW-Authenticate"), "Bearer realm=\"Service\"");
}

TEST(SinopacRefusals, CarryRetryAfterWhenTheAuthorityIsBusy) {
  const auto request = token_request(kRefreshForm);
  const auto operation = *kCodec.decode_request(request);
  const auto response = kCodec.encode_reply({request, &operation, kNoon},
                                            fail(Error{Why::kTooMany, "", "", Seconds{7}}));
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(*response.headers.find("Retry-After"), "7");
  const auto error = kCodec.decode_reply({operation, kNoon}, response).error();
  EXPECT_EQ(error.why, Why::kTooMany);
  EXPECT_EQ(error.retry_after, 7s);
}

TEST(SinopacRefusals, EveryReasonHasAnAnswerOnEveryCall) {
  for (const engine::Operation& asked :
       {engine::Operation(kAuthorize), engine::Operation(kExchange), engine::Operation(kRefresh),
        engine::Operation(kUse)}) {
    const auto request = *kCodec.encode_request(asked);
    for (const Why why : kEveryWhy) {
      const auto response = kCodec.encode_reply({request, &asked, kNoon}, fail(why, "", "inside"));
      EXPECT_GE(response.status, 400) << name_of(why);
      EXPECT_EQ(response.body.find("inside"), std::string::npos);
      EXPECT_FALSE(kCodec.decode_reply({asked, kNoon}, response));
    }
  }
}

struct AuthorizeRow {
  const char* name;
  http::Pairs query;
  const char* error;  ///< nullptr: it is good
  const char* description;
};

class SinopacAuthorizeTable : public ::testing::TestWithParam<AuthorizeRow> {};

TEST_P(SinopacAuthorizeTable, IsJudgedInTheLibrarysOrder) {
  const auto& row = GetParam();
  const auto request = login_request(row.query);
  const auto asked = kCodec.decode_request(request);
  if (row.error == nullptr) {
    EXPECT_TRUE(asked) << asked.error().say;
    return;
  }
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().say, row.description);
  const engine::Operation checked = kAuthorize;
  const auto safe = kCodec.encode_reply({request, &checked, kNoon, true}, fail(asked.error()));
  ASSERT_EQ(safe.status, 302);
  EXPECT_TRUE(safe.headers.find("Location")
                  ->starts_with(std::string("http://127.0.0.1:8000/cb?error=") + row.error +
                                "&error_description="));
  // checklist 7: unchecked, it stays where it is.
  const auto unsafe = kCodec.encode_reply({request, nullptr, kNoon}, fail(asked.error()));
  EXPECT_EQ(unsafe.status, 400);
  EXPECT_EQ(unsafe.headers.find("Location"), nullptr);
}

INSTANTIATE_TEST_SUITE_P(
    , SinopacAuthorizeTable,
    ::testing::Values(
        AuthorizeRow{"good", good_query(), nullptr, nullptr},
        AuthorizeRow{"grant_type may be absent", query_with("grant_type", ""), nullptr, nullptr},
        AuthorizeRow{"another grant_type", query_with("grant_type", "password"), "invalid_request",
                     "Invalid parameter: `grant_type`"},
        AuthorizeRow{"no state", query_with("state", ""), "invalid_request",
                     "Missing parameter: `state`"},
        AuthorizeRow{"a state with punctuation is lax", query_with("state", "a-b_c~"), nullptr,
                     nullptr},
        AuthorizeRow{"a state with a line break", query_with("state", "a\nb"), "invalid_request",
                     "Invalid parameter: `state`"},
        AuthorizeRow{"the longest state", query_with("state", std::string(kLongestState, 'a')),
                     nullptr, nullptr},
        AuthorizeRow{"a longer state", query_with("state", std::string(kLongestState + 1, 'a')),
                     "invalid_request", "Invalid parameter: `state`"},
        AuthorizeRow{"no response_type", query_with("response_type", ""), "invalid_request",
                     "Missing parameter: `response_type`"},
        AuthorizeRow{"implicit", query_with("response_type", "token"), "unsupported_response_type",
                     "Unsupported response type: `response_type` is not supported"}));

TEST(SinopacAuthorize, SettingsMakeItStricter) {
  const Codec strict{WireOptions{.strict_state = true, .needs_grant_type = true}};
  EXPECT_TRUE(strict.decode_request(login_request(good_query())));
  EXPECT_EQ(strict.decode_request(login_request(query_with("state", "a-b"))).error().why,
            Why::kMalformed);
  EXPECT_EQ(strict.decode_request(login_request(query_with("grant_type", ""))).error().say,
            "Missing parameter: `grant_type`");
}

TEST(SinopacAuthorize, ARefusalRepeatsOnlyAStateThatWasSaidOnce) {
  auto query = query_with("response_type", "token");
  const engine::Operation checked = kAuthorize;
  const auto request = login_request(query);
  const auto once = kCodec.encode_reply({request, &checked, kNoon, true}, fail(Why::kUnsupported));
  EXPECT_NE(once.headers.find("Location")->find("&state=abcd1234"), std::string::npos);
  query.emplace_back("state", "another");
  const auto twice = login_request(query);
  const auto none = kCodec.encode_reply({twice, &checked, kNoon, true}, fail(Why::kUnsupported));
  EXPECT_EQ(none.headers.find("Location")->find("state="), std::string::npos);
}

TEST(SinopacClient, BasicComesBeforeTheBodyAsInTheLibrary) {
  const auto request = with(token_request(kRefreshForm), "Authorization", "Basic YTpiOmM=");
  const auto asked = kCodec.decode_request(request);
  ASSERT_TRUE(asked);
  EXPECT_EQ(std::get<Refresh>(*asked).client.id.text, "a");
  EXPECT_EQ(std::get<Refresh>(*asked).client.secret.reveal(), "b:c");
}

}  // namespace
}  // namespace latchkey::dialects::sinopac
