#include "dialects/oauth2/claims.h"
#include "dialects/oauth2/wire_testing.h"

namespace latchkey::dialects::oauth2 {
namespace {

const Codec kCodec(wire_options(), nullptr);
const http::Pairs kRefreshForm{
    {"grant_type", "refresh_token"}, {"refresh_token", "r"}, {"client_id", "native"}};

http::Response answered(const http::Request& request, const engine::Outcome& outcome) {
  const auto operation = kCodec.decode_request(request);
  EXPECT_TRUE(operation);
  return kCodec.encode_reply({request, operation ? &*operation : nullptr, kNoon}, outcome);
}

// checklist 31
TEST(Replies, TokensAreNotStored) {
  const auto response =
      answered(post(kTokenPath, kRefreshForm), engine::TokenSet{.access_token = Secret("a"),
                                                                .access_until = kNoon + Seconds{60},
                                                                .refresh_token = Secret("r"),
                                                                .scope = "openid"});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header(response, "Cache-Control"), "no-store");
  EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), "*");  // checklist 17
  EXPECT_EQ(response.body, R"({"access_token":"a","token_type":"Bearer","expires_in":60,)"
                           R"("refresh_token":"r","scope":"openid"})");
  const auto bound = answered(post(kTokenPath, kRefreshForm),
                              engine::TokenSet{.access_token = Secret("a"), .thumbprint = "k"});
  EXPECT_EQ(member(bound, "token_type"), "DPoP");
}

// checklist 34
TEST(Replies, OfADeadTokenNothingIsTold) {
  const auto response =
      answered(post(kIntrospectPath, {{"token", "t"}, {"client_id", "c"}, {"client_secret", "s"}}),
               engine::Introspection{.client = ClientId("x"), .scope = "y"});
  EXPECT_EQ(response.body, R"({"active":false})");
  EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), "");
}

// checklist 33
TEST(Replies, ATokenThatIsGoneIsRevoked) {
  const auto request = post(kRevokePath, {{"token", "t"}, {"client_id", "c"}});
  EXPECT_EQ(answered(request, engine::Done{}).status, 200);
  const auto busy = refused(kCodec, request, {.why = Why::kUnavailable});
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(header(busy, "Retry-After"), "1");
}

struct Row {
  Why why;
  int status;
  const char* error;
};

TEST(Refusals, AreThoseOfTheStandard) {
  const Row rows[] = {
      {Why::kMalformed, 400, "invalid_request"},
      {Why::kBadCredentials, 401, "invalid_client"},
      {Why::kInvalidToken, 400, "invalid_grant"},
      {Why::kExpired, 400, "invalid_grant"},
      {Why::kRevoked, 400, "invalid_grant"},
      {Why::kReplayed, 400, "invalid_grant"},
      {Why::kForbidden, 400, "unauthorized_client"},
      {Why::kConflict, 400, "invalid_scope"},
      {Why::kNotFound, 400, "invalid_target"},
      {Why::kOtpWrong, 400, "invalid_dpop_proof"},
      {Why::kTooMany, 429, "temporarily_unavailable"},
      {Why::kUnavailable, 503, "temporarily_unavailable"},
      {Why::kBug, 500, "server_error"},
  };
  for (const Row& row : rows) {
    const auto response =
        refused(kCodec, post(kTokenPath, kRefreshForm), {.why = row.why, .note = "inside"});
    EXPECT_EQ(response.status, row.status) << name_of(row.why);
    EXPECT_EQ(member(response, "error"), row.error) << name_of(row.why);
    EXPECT_EQ(response.body.find("inside"), std::string::npos);
    EXPECT_EQ(header(response, "Cache-Control"), "no-store");
  }
}

// checklist 29
TEST(Refusals, NameTheSchemeThatWasTried) {
  const Error wrong{.why = Why::kBadCredentials};
  const auto tried = refused(
      kCodec, post(kTokenPath, kRefreshForm, {{"Authorization", "Basic bmF0aXZlOnM="}}), wrong);
  EXPECT_EQ(tried.status, 401);
  EXPECT_EQ(header(tried, "WWW-Authenticate"), "Basic realm=\"latchkey\"");
  EXPECT_EQ(header(refused(kCodec, post(kTokenPath, kRefreshForm), wrong), "WWW-Authenticate"), "");
}

TEST(Refusals, OfACallWithATokenAreChallenges) {
  const http::Request call{.method = "GET",
                           .target = {std::string(kUserInfoPath), {}},
                           .headers = {{"Authorization", "Bearer t"}}};
  const auto dead = refused(kCodec, call, {.why = Why::kRevoked});
  EXPECT_EQ(dead.status, 401);
  EXPECT_EQ(header(dead, "WWW-Authenticate"), "Bearer error=\"invalid_token\"");
  const auto narrow = refused(kCodec, call, {.why = Why::kForbidden});
  EXPECT_EQ(narrow.status, 403);
  EXPECT_EQ(header(narrow, "WWW-Authenticate"),
            "Bearer error=\"insufficient_scope\", scope=\"openid\"");
  const auto bound = refused(kCodec, call, {.why = Why::kOtpWrong});
  EXPECT_TRUE(header(bound, "WWW-Authenticate").starts_with("DPoP error=\"invalid_token\", algs="));
}

http::Response document(const char* method, std::string_view path) {
  dialect::Published published;
  published.keys.push_back({{"kty", "EC"}, {"kid", "k"}});
  const auto response =
      kCodec.document({.method = method, .target = {std::string(path), {}}}, published);
  EXPECT_TRUE(response);
  return response.value_or(http::Response{});
}

// checklist 35
TEST(Documents, DescribeWhatIsThereAndNothingElse) {
  const auto body = body_of(document("GET", kOpenidMetadataPath));
  EXPECT_EQ(json::string_field(body, "issuer").value_or(""), kIssuer);
  EXPECT_EQ(json::string_field(body, "token_endpoint").value_or(""),
            std::string(kIssuer) + "/oauth2/token");
  for (const char* absent : {"device_authorization_endpoint", "registration_endpoint",
                             "pushed_authorization_request_endpoint"})
    EXPECT_EQ(body.find(absent), nullptr) << absent;
  EXPECT_EQ(document("GET", kServerMetadataPath).body, document("GET", kOpenidMetadataPath).body);
}

TEST(Documents, PublicKeysMayBeKeptForAWhile) {
  const auto response = document("GET", kKeysPath);
  EXPECT_EQ(response.body, R"({"keys":[{"kty":"EC","kid":"k"}]})");
  EXPECT_EQ(header(response, "Cache-Control"), "public, max-age=300");
  EXPECT_EQ(document("POST", kKeysPath).status, 405);
}

// checklist 17
TEST(Documents, ScriptsMayAskEverywhereButWhereThereAreCookies) {
  for (const auto path : {kTokenPath, kKeysPath, kOpenidMetadataPath, kUserInfoPath, kRevokePath}) {
    const auto response = document("OPTIONS", path);
    EXPECT_EQ(response.status, 204) << path;
    EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), "*");
  }
  for (const auto path : {kAuthorizePath, kIntrospectPath})
    EXPECT_FALSE(kCodec.document({.method = "OPTIONS", .target = {std::string(path), {}}}, {}));
}

// checklist 36
TEST(Claims, AnAccessTokenIsNoIdToken) {
  const engine::Grant grant{.client = ClientId("app"),
                            .subject = SubjectId("ann"),
                            .scope = "openid",
                            .authenticated = kNoon,
                            .amr = "pwd otp"};
  const engine::Subject subject{.login = SubjectId("ann")};
  const auto access = access_form(kIssuer, "https://api.example", crypto::Alg::kEs256);
  EXPECT_EQ(access.header("k"), R"({"typ":"at+jwt","alg":"ES256","kid":"k"})");
  EXPECT_EQ(access.payload({.grant = grant,
                            .subject = subject,
                            .attributes = {},
                            .kind = engine::TokenKind::kAccess,
                            .issued = kNoon,
                            .until = kNoon + Seconds{60},
                            .id = "j",
                            .scope = "openid"}),
            R"({"iss":"https://id.example/x","sub":"ann","aud":"https://api.example",)"
            R"("client_id":"app","iat":1772366400,"exp":1772366460,"jti":"j","scope":"openid",)"
            R"("auth_time":1772366400})");
  const auto identity = id_form(kIssuer, crypto::Alg::kEs256, Seconds{300});
  EXPECT_EQ(identity.header("k"), R"({"typ":"JWT","alg":"ES256","kid":"k"})");
  const Secret token("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
  EXPECT_EQ(identity.payload({grant, subject, kNoon, kNoon + Seconds{300}, "n", token}),
            R"({"iss":"https://id.example/x","sub":"ann","aud":"app","iat":1772366400,)"
            R"("exp":1772366700,"nonce":"n","auth_time":1772366400,"amr":["pwd","otp"],)"
            R"("at_hash":"77QmUPtjPfzWtF2AnpK9RQ"})");
}

}  // namespace
}  // namespace latchkey::dialects::oauth2
