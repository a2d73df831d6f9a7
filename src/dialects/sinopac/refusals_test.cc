#include "dialects/sinopac/testing.h"

namespace latchkey::dialects::sinopac {
namespace {

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
        Row{"unknown grant type", token_request(form({{"grant_type", "telepathy"}})),
            Why::kInvalidToken, 400, "unsupported_grant_type",
            "Unsupported grant type: `grant_type` is invalid"},
        Row{"unknown grant type that is a URI", token_request(form({{"grant_type", "urn:x:y"}})),
            Why::kInvalidToken, 400, "unsupported_grant_type",
            "Unsupported grant type: `grant_type` is invalid"},
        Row{"no word and no URI for a grant type", token_request(form({{"grant_type", "a b"}})),
            Why::kInvalidToken, 400, "invalid_request", "Invalid parameter: `grant_type`"},
        Row{"grant type password, which no client has",
            token_request(form({{"grant_type", "password"}})), Why::kInvalidToken, 400,
            "unauthorized_client", "Unauthorized client: `grant_type` is invalid"},
        Row{"grant type client_credentials, which no client has",
            token_request(form({{"grant_type", "client_credentials"}})), Why::kInvalidToken, 400,
            "unauthorized_client", "Unauthorized client: `grant_type` is invalid"},
        Row{"grant not allowed", token_request(kRefreshForm), Why::kForbidden, 400,
            "unauthorized_client", "Unauthorized client: `grant_type` is invalid"},
        Row{"no code", token_request(form({{"grant_type", "authorization_code"}})),
            Why::kInvalidToken, 400, "invalid_request", "Missing parameter: `code`"},
        Row{"an empty code is no code",
            token_request(form({{"grant_type", "authorization_code"}, {"code", ""}})),
            Why::kInvalidToken, 400, "invalid_request", "Missing parameter: `code`"},
        Row{"a code that cannot be one",
            token_request(form({{"grant_type", "authorization_code"}, {"code", "a\nb"}})),
            Why::kInvalidToken, 400, "invalid_request", "Invalid parameter: `code`"},
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
        Row{"a refresh token that cannot be one",
            token_request(form({{"grant_type", "refresh_token"}, {"refresh_token", "a\nb"}})),
            Why::kInvalidToken, 400, "invalid_request", "Invalid parameter: `refresh_token`"},
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

TEST(SinopacAuthorize, ARefusalDoesNotRepeatAStateThatItRefuses) {
  for (const std::string& state : {std::string("a\nb"), std::string(kLongestState + 1, 'a')}) {
    const auto request = login_request(query_with("state", state));
    const engine::Operation checked = Authorize{kAuthorize.client, kAuthorize.redirect_uri, state};
    const auto response = kCodec.encode_reply({request, &checked, kNoon, true},
                                              fail(Why::kMalformed, "Invalid parameter: `state`"));
    EXPECT_EQ(response.headers.find("Location")->find("&state="), std::string::npos);
  }
}

TEST(SinopacClient, BasicComesBeforeTheBodyAsInTheLibrary) {
  const auto request = with(token_request(kRefreshForm), "Authorization", "Basic YTpiOmM=");
  const auto asked = kCodec.decode_request(request);
  ASSERT_TRUE(asked);
  EXPECT_EQ(std::get<Refresh>(*asked).client.id.text, "a");
  EXPECT_EQ(std::get<Refresh>(*asked).client.secret.reveal(), "b:c");
}

TEST(SinopacRefusals, AnotherGrantTypeCarriesNoCodeToTheEngine) {
  for (const char* grant : {"", "password", "telepathy"}) {
    const auto asked = kCodec.decode_request(token_request(form(
        {{"grant_type", grant}, {"code", "c0de"}, {"redirect_uri", "http://127.0.0.1:8000/cb"}})));
    ASSERT_TRUE(asked);
    EXPECT_TRUE(std::get<Exchange>(*asked).code.empty()) << grant;
  }
}

}  // namespace
}  // namespace latchkey::dialects::sinopac
