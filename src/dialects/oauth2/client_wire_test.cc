#include "dialects/oauth2/client_wire.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"

namespace latchkey::dialects::oauth2 {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNoon = from_epoch(1772366400);

engine::ClientKey me(const char* secret = "s3cret & more") {
  engine::ClientKey client;
  client.id = ClientId("me");
  client.secret = Secret(secret);
  return client;
}

engine::Refresh a_refresh() {
  engine::Refresh refresh;
  refresh.refresh_token = Secret("r/1");
  refresh.client = me();
  return refresh;
}

struct Request {
  const char* name;
  engine::Operation asked;
  const char* line;
  const char* body;
};
class ClientRequestRow : public ::testing::TestWithParam<Request> {};

TEST_P(ClientRequestRow, IsWrittenAsTheStandardHasIt) {
  const auto request = encode_client_request(GetParam().asked);
  ASSERT_TRUE(request) << request.error().say;
  EXPECT_EQ(request->method + " " + http::write_target(request->target), GetParam().line);
  EXPECT_EQ(request->body, GetParam().body);
}

INSTANTIATE_TEST_SUITE_P(
    , ClientRequestRow,
    ::testing::Values(
        Request{"authorize",
                engine::Authorize{.client = ClientId("me"),
                                  .redirect_uri = "http://127.0.0.1:8000/cb",
                                  .state = "s",
                                  .scope = "openid offline_access",
                                  .challenge = "c",
                                  .nonce = "n",
                                  .resources = {"https://a.example", "https://b.example"},
                                  .prompt = {"login", "consent"}},
                "GET /oauth2/authorize?response_type=code&client_id=me"
                "&redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Fcb&scope=openid%20offline_access"
                "&state=s&nonce=n&code_challenge=c&code_challenge_method=S256"
                "&prompt=login%20consent&resource=https%3A%2F%2Fa.example"
                "&resource=https%3A%2F%2Fb.example",
                ""},
        Request{"authorize_what_was_pushed",
                engine::Authorize{.client = ClientId("me"), .request_uri = "urn:x:1"},
                "GET /oauth2/authorize?client_id=me&request_uri=urn%3Ax%3A1", ""},
        Request{"push",
                engine::PushAuthorization{.client = me(""),
                                          .asked = {.client = ClientId("me"),
                                                    .redirect_uri = "http://127.0.0.1/cb",
                                                    .state = "s",
                                                    .challenge = "c"}},
                "POST /oauth2/par",
                "response_type=code&client_id=me&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcb&state=s"
                "&code_challenge=c&code_challenge_method=S256"},
        Request{"push_with_a_secret", engine::PushAuthorization{.client = me(), .asked = {}},
                "POST /oauth2/par", "response_type=code&client_id=me"},
        Request{"exchange",
                engine::Exchange{.client = me(),
                                 .code = Secret("c"),
                                 .redirect_uri = "http://127.0.0.1:8000/cb",
                                 .verifier = Secret("v")},
                "POST /oauth2/token",
                "grant_type=authorization_code&code=c"
                "&redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Fcb&code_verifier=v"},
        Request{"refresh", a_refresh(), "POST /oauth2/token",
                "grant_type=refresh_token&refresh_token=r%2F1"},
        Request{"client_credentials", engine::ClientCredentials{.client = me(), .scope = "a b"},
                "POST /oauth2/token", "grant_type=client_credentials&scope=a%20b"},
        Request{"authorize_device", engine::AuthorizeDevice{.client = me(""), .scope = "a"},
                "POST /oauth2/device_authorization", "scope=a&client_id=me"},
        Request{"poll_device", engine::PollDevice{.client = me(""), .device_code = Secret("d")},
                "POST /oauth2/token",
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=d"
                "&client_id=me"},
        Request{"introspect", engine::Introspect{me(), Secret("t")}, "POST /oauth2/introspect",
                "token=t"},
        Request{"revoke", engine::Revoke{Secret("t"), me("")}, "POST /oauth2/revoke",
                "token=t&client_id=me"},
        Request{"userinfo", engine::UserInfo{.bearer = Secret("t")}, "GET /oauth2/userinfo", ""}),
    [](const auto& info) { return info.param.name; });

TEST(ClientRequest, ShowsASecretInTheHeaderAlone) {
  const auto request = encode_client_request(a_refresh());
  ASSERT_TRUE(request);
  EXPECT_EQ(*request->headers.find("Authorization"),
            "Basic " + to_base64(bytes_of("me:s3cret%20%26%20more")));
  EXPECT_EQ(request->body.find("client_"), std::string::npos);
}

TEST(ClientRequest, SendsWhatTheClientSignedAndNoSecret) {
  auto refresh = a_refresh();
  refresh.client.assertion = engine::ClientAssertion{.text = Secret("a.b.c")};
  const auto request = encode_client_request(refresh);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->headers.find("Authorization"), nullptr);
  EXPECT_EQ(request->body,
            "grant_type=refresh_token&refresh_token=r%2F1&client_id=me&client_assertion_type="
            "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion="
            "a.b.c");
}

TEST(ClientRequest, ShowsItsProofInAHeader) {
  const engine::DpopProof proof{.text = Secret("p.r.f")};
  auto refresh = a_refresh();
  refresh.dpop = proof;
  const auto request = encode_client_request(refresh);
  ASSERT_TRUE(request);
  EXPECT_EQ(*request->headers.find("DPoP"), "p.r.f");
  const auto asked = encode_client_request(engine::UserInfo{.bearer = Secret("t"), .dpop = proof});
  ASSERT_TRUE(asked);
  EXPECT_EQ(*asked->headers.find("DPoP"), "p.r.f");
  EXPECT_EQ(*asked->headers.find("Authorization"), "DPoP t");
}

TEST(ClientRequest, HasNoneForWhatIsNotInTheStandard) {
  for (const engine::Operation& asked :
       {engine::Operation(engine::Login{}), engine::Operation(engine::Delegate{}),
        engine::Operation(engine::RequestOtp{}), engine::Operation(engine::Use{})})
    EXPECT_EQ(encode_client_request(asked).error().why, Why::kUnsupported);
}

Result<engine::Outcome> reply(const engine::Operation& asked, int status, std::string body,
                              http::Headers headers = {}) {
  return decode_client_reply({asked, kNoon}, {status, std::move(headers), std::move(body)});
}

struct Refusal {
  int status;
  const char* error;
  Why why;
};
class ClientRefusalRow : public ::testing::TestWithParam<Refusal> {};

TEST_P(ClientRefusalRow, MeansOneThingToDo) {
  const auto& row = GetParam();
  const auto refused = reply(
      a_refresh(), row.status,
      json::write(json::Object{{"error", row.error}, {"error_description", "in words\x1b[2J"}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().why, row.why) << row.error;
  EXPECT_EQ(refused.error().say.find('\x1b'), std::string::npos);
  EXPECT_TRUE(refused.error().say.starts_with(row.error));
}

INSTANTIATE_TEST_SUITE_P(
    , ClientRefusalRow,
    ::testing::Values(Refusal{401, "invalid_client", Why::kBadCredentials},
                      Refusal{400, "invalid_grant", Why::kInvalidToken},
                      Refusal{400, "invalid_request", Why::kMalformed},
                      Refusal{400, "unauthorized_client", Why::kForbidden},
                      Refusal{400, "unsupported_grant_type", Why::kUnsupported},
                      Refusal{400, "invalid_scope", Why::kForbidden},
                      Refusal{400, "invalid_target", Why::kForbidden},
                      Refusal{400, "authorization_pending", Why::kPending},
                      Refusal{400, "slow_down", Why::kTooMany},
                      Refusal{400, "expired_token", Why::kExpired},
                      Refusal{400, "use_dpop_nonce", Why::kMalformed},  // there was no proof
                      Refusal{400, "invalid_dpop_proof", Why::kOtpWrong},
                      Refusal{400, "access_denied", Why::kDeclined},
                      Refusal{400, "login_required", Why::kPersonNeeded},
                      Refusal{400, "temporarily_unavailable", Why::kUnavailable},
                      Refusal{400, "something_new", Why::kMalformed},
                      Refusal{401, "something_new", Why::kBadCredentials},
                      Refusal{403, "something_new", Why::kForbidden},
                      // The status says more than the word: a commit may have come first.
                      Refusal{500, "invalid_grant", Why::kUnavailable},
                      Refusal{503, "server_error", Why::kUnavailable},
                      Refusal{429, "invalid_grant", Why::kTooMany}));

// A page of whoever stands before the issuer must not cost a refresh token.
TEST(ClientRefusal, OfAGatewaySaysNothingOfTheToken) {
  for (const auto& [status, why] : {std::pair(401, Why::kBadCredentials),
                                    {403, Why::kForbidden},
                                    {404, Why::kNotFound},
                                    {405, Why::kNotFound},
                                    {413, Why::kMalformed},
                                    {302, Why::kBadResponse},
                                    {502, Why::kUnavailable}})
    EXPECT_EQ(reply(a_refresh(), status, "<html>").error().why, why) << status;
}

TEST(ClientRefusal, WithoutABodyIsReadFromTheChallenge) {
  const engine::Operation asked = engine::UserInfo{.bearer = Secret("t")};
  const auto said = [&](int status, const char* challenge) {
    return reply(asked, status, "", {{"WWW-Authenticate", challenge}}).error().why;
  };
  EXPECT_EQ(said(401, R"(Bearer realm="x", error="invalid_token")"), Why::kInvalidToken);
  EXPECT_EQ(said(403, R"(Bearer error="insufficient_scope", scope="openid")"), Why::kForbidden);
  EXPECT_EQ(said(401, "Bearer"), Why::kInvalidToken);
  EXPECT_EQ(said(401, R"(Bearer error=")"), Why::kInvalidToken);
}

TEST(ClientRefusal, OfAProofIsReadWhereverItStands) {
  const engine::DpopProof proof{.text = Secret("p.r.f")};
  auto refresh = a_refresh();
  refresh.dpop = proof;
  EXPECT_EQ(reply(refresh, 400, R"({"error":"use_dpop_nonce"})").error().why, Why::kOtpRequired);
  const engine::Operation asked = engine::UserInfo{.bearer = Secret("t"), .dpop = proof};
  const auto said = [&](const char* error) {
    const auto challenge = R"(DPoP algs="ES256", error=")" + std::string(error) + "\"";
    const http::Headers both = {{"WWW-Authenticate", "Bearer"}, {"www-authenticate", challenge}};
    return reply(asked, 401, "", both).error().why;
  };
  EXPECT_EQ(said("use_dpop_nonce"), Why::kOtpRequired);
  EXPECT_EQ(said("invalid_dpop_proof"), Why::kOtpWrong);
  EXPECT_EQ(said("invalid_token"), Why::kInvalidToken);
}

TEST(ClientReply, HasTheTokensAndTheirEnd) {
  const auto outcome =
      reply(a_refresh(), 200,
            R"({"access_token":"a","token_type":"bearer","expires_in":"60",)"
            R"("refresh_token":"r","refresh_expires_in":90,"scope":"x","id_token":"i"})");
  ASSERT_TRUE(outcome) << outcome.error().say;
  const auto& tokens = std::get<engine::TokenSet>(*outcome);
  EXPECT_EQ(tokens.access_token, Secret("a"));
  EXPECT_EQ(tokens.access_until, kNoon + 60s);
  EXPECT_EQ(tokens.refresh_token, Secret("r"));
  EXPECT_EQ(tokens.refresh_until, kNoon + 90s);
  EXPECT_EQ(tokens.id_token, Secret("i"));
  EXPECT_EQ(tokens.scope, "x");
}

TEST(ClientReply, WithoutAnEndHasNone) {
  const auto outcome = reply(a_refresh(), 200, R"({"access_token":"a","token_type":"Bearer"})");
  ASSERT_TRUE(outcome);
  EXPECT_EQ(std::get<engine::TokenSet>(*outcome).access_until, std::nullopt);
  EXPECT_TRUE(std::get<engine::TokenSet>(*outcome).refresh_token.empty());
}

TEST(ClientReply, ToAProofIsABoundTokenOrNone) {
  auto refresh = a_refresh();
  refresh.dpop = engine::DpopProof{.text = Secret("p.r.f")};
  EXPECT_TRUE(reply(refresh, 200, R"({"access_token":"a","token_type":"DPoP"})"));
  EXPECT_EQ(reply(refresh, 200, R"({"access_token":"a","token_type":"Bearer"})").error().why,
            Why::kBadResponse);
}

struct Nonsense {
  const char* name;
  engine::Operation asked;
  const char* body;
};
class ClientNonsense : public ::testing::TestWithParam<Nonsense> {};

TEST_P(ClientNonsense, IsRefused) {
  const auto outcome = reply(GetParam().asked, 200, GetParam().body);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().why, Why::kBadResponse);
}

const engine::Operation kDevice = engine::AuthorizeDevice{.client = me("")};
const engine::Operation kPush = engine::PushAuthorization{.client = me("")};
const engine::Operation kIntrospect = engine::Introspect{me(), Secret("t")};

INSTANTIATE_TEST_SUITE_P(
    , ClientNonsense,
    ::testing::Values(
        Nonsense{"a_page", a_refresh(), "<html>"}, Nonsense{"a_list", a_refresh(), "[]"},
        Nonsense{"no_token", a_refresh(), R"({"token_type":"Bearer"})"},
        Nonsense{"no_type", a_refresh(), R"({"access_token":"a"})"},
        Nonsense{"another_type", a_refresh(), R"({"access_token":"a","token_type":"DPoP"})"},
        Nonsense{"a_token_twice", a_refresh(),
                 R"({"access_token":"a","access_token":"b","token_type":"Bearer"})"},
        Nonsense{"an_end_in_words", a_refresh(),
                 R"({"access_token":"a","token_type":"Bearer","expires_in":"soon"})"},
        Nonsense{"an_end_in_the_past", a_refresh(),
                 R"({"access_token":"a","token_type":"Bearer","expires_in":-1})"},
        Nonsense{"a_refresh_token_that_is_a_number", a_refresh(),
                 R"({"access_token":"a","token_type":"Bearer","refresh_token":7})"},
        Nonsense{"no_device_code", kDevice,
                 R"({"user_code":"A","verification_uri":"https://a.example","expires_in":9})"},
        Nonsense{
            "a_page_that_is_none", kDevice,
            R"({"device_code":"d","user_code":"A","verification_uri":"javascript:x","expires_in":9})"},
        Nonsense{
            "a_code_that_moves_the_cursor", kDevice,
            "{\"device_code\":\"d\",\"user_code\":\"A\\u001b[2J\",\"verification_uri\":\"https://"
            "a.example\",\"expires_in\":9}"},
        Nonsense{"a_code_without_an_end", kDevice,
                 R"({"device_code":"d","user_code":"A","verification_uri":"https://a.example"})"},
        Nonsense{"active_in_words", kIntrospect, R"({"active":"true"})"},
        Nonsense{"not_active_at_all", kIntrospect, "{}"},
        Nonsense{"nobody", engine::UserInfo{.bearer = Secret("t")}, "{}"}),
    [](const auto& info) { return info.param.name; });

TEST(ClientReply, BeginsADeviceLoginWithTheUsualPause) {
  const auto outcome = reply(
      kDevice, 200,
      R"({"device_code":"d","user_code":"A B","verification_uri":"https://a.example","expires_in":9})");
  ASSERT_TRUE(outcome) << outcome.error().say;
  const auto& started = std::get<engine::DeviceStarted>(*outcome);
  EXPECT_EQ(started.interval, 5s);
  EXPECT_EQ(started.until, kNoon + 9s);
  EXPECT_TRUE(started.complete_uri.empty());
}

TEST(ClientReply, NamesWhatWasPushed) {
  const auto outcome = reply(kPush, 201, R"({"request_uri":"urn:x:1","expires_in":60})");
  ASSERT_TRUE(outcome) << outcome.error().say;
  EXPECT_EQ(std::get<engine::Pushed>(*outcome), (engine::Pushed{"urn:x:1", kNoon + 60s}));
  for (const char* body : {"{}", R"({"request_uri":""})", R"({"request_uri":7,"expires_in":60})",
                           R"({"request_uri":"urn:x\u001b[2J","expires_in":60})"})
    EXPECT_EQ(reply(kPush, 201, body).error().why, Why::kBadResponse) << body;
  EXPECT_EQ(reply(kPush, 200, R"({"request_uri":"urn:x:1","expires_in":60})").error().why,
            Why::kBadResponse);
}

TEST(ClientReply, OfAnInactiveTokenSaysNothingElse) {
  const auto outcome = reply(kIntrospect, 200, R"({"active":false,"sub":"x"})");
  ASSERT_TRUE(outcome);
  EXPECT_EQ(std::get<engine::Introspection>(*outcome), engine::Introspection{});
}

TEST(ClientReply, InTheBrowserIsACodeOrARefusal) {
  const engine::Operation asked = engine::Authorize{};
  const auto back = [&](const char* query) {
    return reply(asked, 302, "", {{"Location", std::string("http://127.0.0.1/cb") + query}});
  };
  ASSERT_TRUE(back("?code=c&state=s"));
  EXPECT_EQ(std::get<engine::Authorized>(*back("?code=c&state=s")).code, Secret("c"));
  EXPECT_EQ(back("?error=access_denied&state=s").error().why, Why::kDeclined);
  EXPECT_EQ(back("?code=c&error=access_denied").error().why, Why::kDeclined);
  for (const char* query : {"", "?", "?state=s", "?code=c&code=d", "?code=%zz"})
    EXPECT_EQ(back(query).error().why, Why::kBadResponse) << query;
}

}  // namespace
}  // namespace latchkey::dialects::oauth2
