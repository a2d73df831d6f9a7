#include <gtest/gtest.h>

#include "base/json.h"
#include "dialects/sinopac/sinopac.h"
#include "square/world.h"

namespace latchkey::square {
namespace {

constexpr const char* kCallback = "http://127.0.0.1:8000/cb";
const Secret kAccess("b9b8f3b6a7d94c1e8f00a1b2c3d4e5f60718293a");
const Secret kRefresh("c106d2e4f5061728394a5b6c7d8e9f0a1b2c3d4e");
const Secret kCode("0123456789abcdef0123456789abcdef01234567");
const engine::ClientKey kClient{ClientId("oauth-client"), Secret("client-secret-+&=%-4711")};
const engine::Authorize kAuthorize{ClientId("oauth-client"), kCallback, "abcd1234"};

engine::Use test_token(const Secret& bearer) {
  return {.bearer = bearer, .resource = "getTestToken"};
}

std::vector<Sample> samples() {
  const engine::TokenSet tokens{
      .access_token = kAccess, .access_until = kNoon + Seconds{86400}, .refresh_token = kRefresh};
  const engine::Authorize elsewhere{ClientId("oauth-client"), "https://app.example/cb?a=b", "s"};
  return {
      {"authorize", kAuthorize, {engine::Authorized{kCode, kCallback, "abcd1234"}}},
      {"authorize_with_a_query",
       elsewhere,
       {engine::Authorized{kCode, "https://app.example/cb?a=b", "s"}}},
      {"exchange", engine::Exchange{kClient, kCode, kCallback}, {tokens}},
      {"refresh", engine::Refresh{.refresh_token = kRefresh, .client = kClient}, {tokens}},
      {"test_token", test_token(kAccess), {engine::Used{}}},
  };
}

// At the login page nothing may be redirected: "invalid_client".
Why at_login(Why why) {
  return why == Why::kDeclined || why == Why::kForbidden ? why : Why::kBadCredentials;
}

Why at_token(Why why, bool refreshes) {
  const bool told = why == Why::kBadCredentials || why == Why::kForbidden || why == Why::kExpired ||
                    (why == Why::kMalformed && !refreshes);
  return told ? why : Why::kInvalidToken;
}

Why heard_as(Why why, const engine::Operation& operation) {
  switch (why) {
    case Why::kMalformed:
    case Why::kUnsupported:
    case Why::kNotFound:
    case Why::kConflict:
    case Why::kBadCredentials:
    case Why::kOtpRequired:
    case Why::kOtpWrong:
    case Why::kPending:
    case Why::kDeclined:
    case Why::kForbidden:
    case Why::kInvalidToken:
    case Why::kExpired:
    case Why::kRevoked:
    case Why::kReplayed: break;
    case Why::kTooMany: return Why::kTooMany;
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
  if (std::holds_alternative<engine::Authorize>(operation)) return at_login(why);
  if (std::holds_alternative<engine::Exchange>(operation)) return at_token(why, false);
  if (std::holds_alternative<engine::Refresh>(operation)) return at_token(why, true);
  return why == Why::kForbidden || why == Why::kExpired ? why : Why::kInvalidToken;
}

// {"error":"invalid_grant","error_description":"Invalid grant: …"}
bool is_refusal(const http::Response& response) {
  const auto body = json::parse(response.body);
  const json::Object* object = body ? body->as_object() : nullptr;
  return object != nullptr && object->size() == 2 && response.status >= 400 &&
         json::string_field(*object, "error").has_value() &&
         json::string_field(*object, "error_description").has_value();
}

// Of a lifetime its first second has begun. The refresh token's end is not told, and
// getTestToken's token opens nothing.
engine::Outcome carried(const engine::Operation&, engine::Outcome outcome) {
  if (auto* tokens = std::get_if<engine::TokenSet>(&outcome)) {
    if (tokens->access_until) *tokens->access_until -= Seconds{1};
    return engine::TokenSet{.access_token = tokens->access_token,
                            .access_until = tokens->access_until,
                            .refresh_token = tokens->refresh_token};
  }
  if (std::holds_alternative<engine::Used>(outcome)) return engine::Used{};
  return outcome;
}

// What a person does in the browser: logs in, says yes.
engine::Authorized consent(World& world) {
  const engine::Authorize asked{ClientId("latchkey-demo"), kCallback, "abcd1234"};
  auto& page = world.authority();
  EXPECT_TRUE(page.check_authorize(asked));
  EXPECT_FALSE(page.check_authorize({asked.client, "http://127.0.0.1:8000/", asked.state}));
  const auto session =
      page.sign_in({SubjectId("DEMOUSER01"), Secret("demo-password")}, world.now());
  EXPECT_TRUE(session);
  if (!session) return {};
  const auto authorized = page.consent(*session, asked, world.now());
  EXPECT_TRUE(authorized);
  return authorized.value_or(engine::Authorized{});
}

// An app gets a code, then tokens, renews them until a day past their end.
void story(World& world) {
  const engine::ClientKey app{ClientId("latchkey-demo"), Secret("demo-client-secret")};
  engine::Exchange exchange{app, consent(world).code, "http://127.0.0.1:8000/other"};
  world.refused(exchange, Why::kMalformed);  // and the code stays good
  exchange.redirect_uri = kCallback;
  world.refused(engine::Exchange{{app.id, Secret("wrong-secret")}, exchange.code, kCallback},
                Why::kBadCredentials);
  const auto first = world.tokens(exchange);
  EXPECT_TRUE(world.perform(test_token(first.access_token)));

  world.advance(Seconds{86400});
  world.refused(test_token(first.access_token), Why::kExpired);
  const engine::Refresh refresh{.refresh_token = first.refresh_token, .client = app};
  world.refused(engine::Refresh{.refresh_token = first.refresh_token,
                                .client = {app.id, Secret("wrong-secret")}},
                Why::kBadCredentials);
  const auto second = world.tokens(refresh);
  EXPECT_TRUE(world.perform(test_token(second.access_token)));
  world.refused(refresh, Why::kReplayed);
  EXPECT_TRUE(world.perform(test_token(second.access_token)));  // refused, and no more than that

  world.advance(Seconds{2 * 86400});
  world.refused(engine::Refresh{.refresh_token = second.refresh_token, .client = app},
                Why::kExpired);
  world.refused(engine::Refresh{.refresh_token = kRefresh, .client = app}, Why::kInvalidToken);

  exchange.code = consent(world).code;
  world.advance(Seconds{300});
  world.refused(exchange, Why::kExpired);
  exchange.code = consent(world).code;
  const auto third = world.tokens(exchange);
  EXPECT_TRUE(world.perform(test_token(third.access_token)));
  world.refused(exchange, Why::kReplayed);  // a code is good once
  world.refused(test_token(kAccess), Why::kInvalidToken);
}

}  // namespace

Face sinopac() {
  return {.dialect = dialects::sinopac::dialect(),
          .samples = samples(),
          .heard_as = heard_as,
          .is_refusal = is_refusal,
          .story = story,
          .carried = carried};
}

}  // namespace latchkey::square
