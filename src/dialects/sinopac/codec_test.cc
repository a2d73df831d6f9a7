#include "dialects/sinopac/testing.h"

namespace latchkey::dialects::sinopac {
namespace {

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
      R"({"access_token":"b9b8","token_type":"Bearer","expires_in":86399,"refresh_token":"c106"})");
  EXPECT_EQ(*response.headers.find("Cache-Control"), "no-store");  // checklist 31
  EXPECT_EQ(*response.headers.find("Pragma"), "no-cache");
  const auto back = std::get<engine::TokenSet>(*kCodec.decode_reply({asked, kNoon}, response));
  EXPECT_EQ(back.access_until, kNoon + 86399s);
  EXPECT_EQ(back.refresh_token, tokens.refresh_token);
  EXPECT_FALSE(back.refresh_until) << "the wire does not say";
}

TEST(SinopacCodec, ARemainderOfALifetimeIsCountedFromTheAnswer) {
  const engine::Operation asked = kRefresh;
  const auto request = *kCodec.encode_request(asked);
  const engine::TokenSet tokens{.access_token = Secret("b9b8"), .access_until = kNoon + 86400s};
  struct Row {
    Seconds after;
    const char* left;
  };
  for (const Row& row : {Row{0s, "86399"}, Row{1s, "86398"}, Row{86398s, "1"}, Row{86399s, "0"},
                         Row{86400s, "0"}, Row{90000s, "0"}}) {
    const auto response =
        kCodec.encode_reply({request, &asked, kNoon + row.after}, engine::Outcome(tokens));
    EXPECT_NE(response.body.find(std::string("\"expires_in\":") + row.left + "}"),
              std::string::npos)
        << response.body;
  }
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

}  // namespace
}  // namespace latchkey::dialects::sinopac
