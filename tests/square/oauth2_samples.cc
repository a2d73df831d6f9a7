#include <gtest/gtest.h>

#include "base/json.h"
#include "dialects/oauth2/oauth2.h"
#include "engine/pkce.h"
#include "square/world.h"

namespace latchkey::square {
namespace {

constexpr const char* kIssuer = "https://auth.example/oidc";
constexpr const char* kCallback = "http://127.0.0.1:8000/cb";
constexpr const char* kResource = "https://api.example/v1";
const Secret kAccess("eyJhbGciOiJFUzI1NiJ9.access-4711.c2lnbmF0dXJl");
const Secret kRefresh("refresh-b9b8f3b6a7d94c1e8f00a1b2c3d4e5f6");
const Secret kCode("code-0123456789abcdef0123456789abcdef");
const Secret kVerifier("verifier-dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1g");
const engine::ClientKey kClient{.id = ClientId("web:app"),
                                .secret = Secret("client-secret-+&=%-4711")};
const engine::ClientKey kNative{.id = ClientId("native")};

engine::Authorize authorize() {
  return {.client = kClient.id,
          .redirect_uri = kCallback,
          .state = "abcd1234",
          .scope = "openid profile",
          .challenge = engine::pkce_challenge(kVerifier),
          .nonce = "n-0S6_WzA2Mj",
          .resources = {kResource, "https://b.example/"},
          .prompt = {"login", "consent"}};
}

std::vector<Sample> samples() {
  const engine::TokenSet tokens{.access_token = kAccess,
                                .access_until = kNoon + Seconds{600},
                                .refresh_token = kRefresh,
                                .scope = "openid profile",
                                .id_token = Secret("eyJhbGciOiJFUzI1NiJ9.identity-4711.c2ln")};
  const engine::TokenSet alone{
      .access_token = kAccess, .access_until = kNoon + Seconds{600}, .scope = "read"};
  const engine::Introspection shown{.active = true,
                                    .kind = "access_token",
                                    .client = kClient.id,
                                    .subject = SubjectId("ann"),
                                    .scope = "openid",
                                    .audiences = {kResource},
                                    .issued = kNoon,
                                    .until = kNoon + Seconds{600}};
  return {
      {"authorize",
       authorize(),
       {engine::Authorized{.code = kCode, .redirect_uri = kCallback, .state = "abcd1234"}}},
      {"exchange",
       engine::Exchange{.client = kClient,
                        .code = kCode,
                        .redirect_uri = kCallback,
                        .verifier = kVerifier,
                        .resources = {kResource}},
       {tokens, alone}},
      {"exchange_by_a_public_client",
       engine::Exchange{.client = kNative, .code = kCode, .verifier = kVerifier},
       {tokens}},
      {"refresh",
       engine::Refresh{
           .refresh_token = kRefresh, .client = kClient, .narrow_to = {"openid", "profile"}},
       {tokens}},
      {"client_credentials",
       engine::ClientCredentials{.client = kClient, .scope = "read"},
       {alone}},
      {"introspect",
       engine::Introspect{.client = kClient, .token = kAccess},
       {shown, engine::Introspection{}}},
      {"revoke", engine::Revoke{.token = kRefresh, .client = kClient}, {engine::Done{}}},
      {"userinfo",
       engine::UserInfo{.bearer = kAccess},
       {engine::Used{.who = {.subject = SubjectId("ann"),
                             .scope = "openid profile",
                             .attributes = {{"email", "ann@example.org"}},
                             .name = "Ann"}}}},
  };
}

Why at_token(Why why) {
  switch (why) {
    case Why::kConflict:
    case Why::kNotFound: return Why::kForbidden;  // the scope, the resource
    case Why::kOtpRequired: return Why::kOtpWrong;
    case Why::kExpired:
    case Why::kRevoked:
    case Why::kReplayed: return Why::kInvalidToken;
    case Why::kMalformed:
    case Why::kUnsupported:
    case Why::kBadCredentials:
    case Why::kOtpWrong:
    case Why::kPending:
    case Why::kDeclined:
    case Why::kForbidden:
    case Why::kInvalidToken:
    case Why::kTooMany: return why;
    case Why::kUnavailable:
    case Why::kPersonNeeded:
    case Why::kUnknownName:
    case Why::kPolicy:
    case Why::kStore:
    case Why::kNoAnswer:
    case Why::kLostRotation:
    case Why::kBadResponse:
    case Why::kUsage:
    case Why::kBug: return Why::kUnavailable;
  }
  return why;
}

// A call with a token: what is wrong with the token is one word.
Why heard_as(Why why, const engine::Operation& operation) {
  const bool use = std::holds_alternative<engine::UserInfo>(operation);
  const bool token =
      why == Why::kBadCredentials || why == Why::kOtpRequired || why == Why::kOtpWrong;
  return use && token ? Why::kInvalidToken : at_token(why);
}

// {"error":"invalid_grant","error_description":"…"}
bool is_refusal(const http::Response& response) {
  const auto body = json::parse(response.body);
  const json::Object* object = body ? body->as_object() : nullptr;
  return object != nullptr && object->size() <= 2 && response.status >= 400 &&
         json::string_field(*object, "error").has_value();
}

// The ends of refresh tokens are not told; a client reads what it can use.
engine::Outcome carried(const engine::Operation&, engine::Outcome outcome) {
  if (const auto* tokens = std::get_if<engine::TokenSet>(&outcome)) {
    return engine::TokenSet{.access_token = tokens->access_token,
                            .access_until = tokens->access_until,
                            .refresh_token = tokens->refresh_token,
                            .scope = tokens->scope,
                            .id_token = tokens->id_token};
  }
  if (const auto* shown = std::get_if<engine::Introspection>(&outcome)) {
    return engine::Introspection{.active = shown->active,
                                 .client = shown->client,
                                 .subject = shown->subject,
                                 .scope = shown->scope,
                                 .until = shown->until};
  }
  if (const auto* used = std::get_if<engine::Used>(&outcome))
    return engine::Used{.who = {.subject = used->who.subject, .name = used->who.name}};
  return outcome;
}

// What a person does in the browser: logs in, says yes.
Secret consent(World& world, const engine::Authorize& asked) {
  auto& page = world.authority();
  EXPECT_TRUE(page.check_authorize(asked));
  EXPECT_TRUE(page.check_request(asked));
  const auto session = page.sign_in({SubjectId("demo"), Secret("demo-password")}, world.now());
  EXPECT_TRUE(session);
  const auto authorized = page.consent(session.value_or(Secret{}), asked, world.now());
  EXPECT_TRUE(authorized);
  return authorized.value_or(engine::Authorized{}).code;
}

// An app gets a code, then tokens; renews them, asks about them, gives them back.
void story(World& world) {
  const engine::ClientKey app{.id = ClientId("demo-web"), .secret = Secret("demo-web-secret")};
  const engine::Authorize asked{.client = app.id,
                                .redirect_uri = kCallback,
                                .scope = "openid profile offline_access",
                                .challenge = engine::pkce_challenge(kVerifier)};
  engine::Exchange exchange{
      .client = app, .code = consent(world, asked), .redirect_uri = kCallback};
  world.refused(exchange, Why::kInvalidToken);  // no verifier: the code is burnt
  exchange.verifier = kVerifier;
  world.refused(exchange, Why::kReplayed);
  exchange.code = consent(world, asked);
  const auto first = world.tokens(exchange);
  EXPECT_FALSE(first.id_token.empty());
  EXPECT_TRUE(world.perform(engine::UserInfo{first.access_token}));
  EXPECT_TRUE(world.perform(engine::Introspect{app, first.access_token}));

  world.advance(Seconds{600});
  world.refused(engine::UserInfo{first.access_token}, Why::kExpired);
  engine::Refresh refresh{.refresh_token = first.refresh_token, .client = app};
  refresh.narrow_to = {"openid", "admin"};
  world.refused(refresh, Why::kConflict);
  refresh.narrow_to = {"openid"};
  const auto second = world.tokens(refresh);
  EXPECT_TRUE(world.perform(engine::UserInfo{second.access_token}));
  world.advance(Seconds{30});
  world.refused(refresh, Why::kReplayed);  // its window is over: the family ends
  world.refused(engine::UserInfo{second.access_token}, Why::kRevoked);

  exchange.code = consent(world, asked);
  const auto third = world.tokens(exchange);
  EXPECT_TRUE(world.perform(engine::Revoke{third.refresh_token, app}));
  EXPECT_TRUE(world.perform(engine::Introspect{app, third.access_token}));
  const engine::ClientKey service{.id = ClientId("demo-service"),
                                  .secret = Secret("demo-service-secret")};
  world.tokens(engine::ClientCredentials{.client = service, .scope = "openid"});
  world.refused(engine::ClientCredentials{.client = app, .scope = "admin"}, Why::kConflict);
  world.refused(engine::ClientCredentials{.client = {.id = ClientId("demo-native")}},
                Why::kForbidden);
}

}  // namespace

Face oauth2() {
  return {.dialect = dialects::oauth2::dialect(),
          .settings = {{"issuer", kIssuer}},
          .samples = samples(),
          .heard_as = heard_as,
          .is_refusal = is_refusal,
          .story = story,
          .carried = carried};
}

}  // namespace latchkey::square
