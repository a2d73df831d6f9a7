#include <gtest/gtest.h>

#include "base/json.h"
#include "crypto/totp.h"
#include "dialects/fastconnect/fastconnect.h"
#include "square/world.h"

namespace latchkey::square {
namespace {

const Secret kAccess("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJrZXkifQ.access-token-0123456789");
const Secret kRefresh("refresh-token-abcdefghijklmnopqrstuvwxyz-0");
const engine::ClientKey kKey{ClientId("api-key-0815"), Secret("api-secret-\"4711\"-xyz")};
constexpr Instant kEvening = kNoon + Seconds{8 * 3600};
constexpr Instant kNextEvening = kEvening + Seconds{86400};

engine::Use account_info(const Secret& bearer) {
  return {.bearer = bearer, .resource = "account/info", .tiers = {"trade"}};
}
engine::Use securities(const Secret& bearer) {
  return {.bearer = bearer, .resource = "data/securitiesByBoard", .arguments = {{"board", "HOSE"}}};
}
engine::Use balance(const Secret& bearer) {
  return {.bearer = bearer,
          .resource = "trading/accountBalance",
          .tiers = {"trade"},
          .arguments = {{"clientId", "001122"}}};
}

std::vector<Sample> samples() {
  const engine::TokenSet tokens{.access_token = kAccess,
                                .access_until = kEvening,
                                .refresh_token = kRefresh,
                                .refresh_until = kNextEvening};
  const engine::Used owner{.who = {.subject = SubjectId("001122"),
                                   .tier = "trade",
                                   .attributes = {{"accounts", "0011221:Cash 0011226:Margin"}}}};
  return {
      {"login", engine::Login{.client = kKey}, {tokens}},
      {"login_with_otp", engine::Login{.client = kKey, .otp = Secret("otp-839201")}, {tokens}},
      {"login_by_push", engine::Login{.client = kKey, .transaction_id = "tx-1"}, {tokens}},
      {"request_otp",
       engine::RequestOtp{.client = kKey},
       {engine::OtpSent{}, engine::OtpSent{.transaction_id = "tx-1"}}},
      {"refresh", engine::Refresh{.refresh_token = kRefresh}, {tokens}},
      {"account_info", account_info(kAccess), {owner, engine::Used{}}},
      {"securities", securities(kAccess), {owner}},
      {"balance", balance(kAccess), {owner}},
  };
}

/// What is folded together depends on the endpoint: a code has one meaning there.
enum class At { kToken, kPush, kRequestOtp, kRefresh, kResource };

At at(const engine::Operation& operation) {
  if (std::holds_alternative<engine::RequestOtp>(operation)) return At::kRequestOtp;
  if (std::holds_alternative<engine::Refresh>(operation)) return At::kRefresh;
  const auto* login = std::get_if<engine::Login>(&operation);
  if (login == nullptr) return At::kResource;
  return login->transaction_id.empty() ? At::kToken : At::kPush;
}

Why heard_as(Why why, const engine::Operation& operation) {
  const At place = at(operation);
  const bool logs_in = place == At::kToken || place == At::kRequestOtp;
  switch (why) {
    case Why::kMalformed:
    case Why::kPending:
    case Why::kDeclined:
    case Why::kOtpRequired:
    case Why::kTooMany:
    case Why::kUnavailable: return why;
    case Why::kUnsupported: return place == At::kResource ? Why::kNotFound : Why::kUnsupported;
    case Why::kConflict: return place == At::kRequestOtp ? Why::kUnavailable : Why::kConflict;
    case Why::kOtpWrong:  // 400102 where an OTP is asked for: none is sent to this account
      return place == At::kRequestOtp ? Why::kUnsupported : Why::kOtpWrong;
    case Why::kNotFound:
      if (place == At::kRefresh) return Why::kRevoked;  // 401102: its client is gone
      return logs_in ? Why::kForbidden : Why::kNotFound;
    case Why::kBadCredentials:
      if (place == At::kRefresh) return Why::kRevoked;  // 401104: its apiKey is gone
      return place == At::kResource ? Why::kInvalidToken : Why::kBadCredentials;
    case Why::kForbidden: return place == At::kRefresh ? Why::kRevoked : Why::kForbidden;
    case Why::kInvalidToken:
    case Why::kExpired:
    case Why::kRevoked:
    case Why::kReplayed:
      switch (place) {
        case At::kToken: return why == Why::kExpired ? Why::kOtpWrong : Why::kBadCredentials;
        case At::kPush: return why == Why::kExpired ? Why::kDeclined : Why::kNotFound;
        case At::kRequestOtp: return Why::kBadCredentials;
        case At::kRefresh: return why == Why::kInvalidToken ? why : Why::kRevoked;
        case At::kResource: return Why::kInvalidToken;
      }
      return Why::kBug;
    case Why::kPersonNeeded:
    case Why::kUnknownName:
    case Why::kPolicy:
    case Why::kStore:
    case Why::kNoAnswer:
    case Why::kLostRotation:
    case Why::kBadResponse:
    case Why::kUsage:
    case Why::kBug: return place == At::kRefresh ? Why::kNoAnswer : Why::kUnavailable;
  }
  return Why::kBug;
}

// {"code":401103,"msg":"…"}; a push that waits is a 202
bool is_refusal(const http::Response& response) {
  const auto body = json::parse(response.body);
  const json::Object* object = body ? body->as_object() : nullptr;
  if (object == nullptr || object->size() != 2) return false;
  const auto code = json::int_field(*object, "code");
  const auto text = json::string_field(*object, "msg");
  if (!code || !text || text->empty()) return false;
  return response.status >= 400 || (response.status == 202 && *code == 401114);
}

// A call shows the owner's accounts, and only account/info does.
engine::Outcome carried(const engine::Operation& operation, engine::Outcome outcome) {
  if (auto* used = std::get_if<engine::Used>(&outcome)) {
    engine::Used told;
    const bool tells = std::get<engine::Use>(operation).resource == "account/info";
    const std::string accounts = engine::attribute(used->who.attributes, "accounts");
    if (tells && !accounts.empty()) told.who.attributes = {{"accounts", accounts}};
    return told;
  }
  if (auto* tokens = std::get_if<engine::TokenSet>(&outcome)) {
    tokens->scope.clear();
    tokens->session.clear();
  }
  return outcome;
}

Secret code_in_the_outbox(World& world) {
  const auto shown = world.admin().outbox(world.realm(), 1);
  EXPECT_TRUE(shown && !shown->empty());
  if (!shown || shown->empty()) return {};
  const std::string_view text = shown->front().text.reveal();
  return Secret(text.substr(text.size() - 6));
}

// A bot reads data, gets the right to trade with an OTP, keeps it by refreshing,
// and loses it when somebody uses an old refresh token.
void trade(World& world) {
  const engine::ClientKey key{ClientId("demo-sms-key"), Secret("demo-sms-secret")};
  world.refused(engine::Login{.client = {key.id, Secret("wrong-secret")}}, Why::kBadCredentials);
  const auto data = world.tokens(engine::Login{.client = key});
  EXPECT_TRUE(world.perform(securities(data.access_token)));
  world.refused(account_info(data.access_token), Why::kForbidden);

  EXPECT_TRUE(world.perform(engine::RequestOtp{key}));
  world.refused(engine::Login{.client = key, .otp = Secret("not-it")}, Why::kOtpWrong);
  const auto first = world.tokens(engine::Login{.client = key, .otp = code_in_the_outbox(world)});
  EXPECT_TRUE(world.perform(account_info(first.access_token)));
  EXPECT_TRUE(world.perform(balance(first.access_token)));
  world.refused(securities(data.access_token), Why::kRevoked);  // one session

  world.advance(Seconds{8 * 3600});
  world.refused(account_info(first.access_token), Why::kExpired);
  const auto second = world.tokens(engine::Refresh{.refresh_token = first.refresh_token});
  EXPECT_TRUE(world.perform(account_info(second.access_token)));  // still the right to trade
  world.refused(engine::Refresh{.refresh_token = first.refresh_token}, Why::kReplayed);
  world.refused(account_info(second.access_token), Why::kRevoked);
  world.refused(engine::Refresh{.refresh_token = second.refresh_token}, Why::kRevoked);
  world.refused(engine::Refresh{.refresh_token = kRefresh}, Why::kInvalidToken);
}

void approve_by_push(World& world) {
  const engine::ClientKey key{ClientId("demo-push-key"), Secret("demo-push-secret")};
  const auto asked = world.perform(engine::RequestOtp{key});
  ASSERT_TRUE(asked);
  const auto transaction = std::get<engine::OtpSent>(*asked).transaction_id;
  const engine::Login login{.client = key, .transaction_id = transaction};
  world.refused(login, Why::kPending);
  ASSERT_TRUE(world.admin().answer_push(world.realm(), key.id, transaction, true, world.now()));
  EXPECT_TRUE(world.perform(account_info(world.tokens(login).access_token)));
  world.refused(login, Why::kNotFound);

  const auto again = world.perform(engine::RequestOtp{key});
  ASSERT_TRUE(again);
  const auto other = std::get<engine::OtpSent>(*again).transaction_id;
  ASSERT_TRUE(world.admin().answer_push(world.realm(), key.id, other, false, world.now()));
  world.refused(engine::Login{.client = key, .transaction_id = other}, Why::kDeclined);
}

void type_a_code(World& world) {
  const engine::ClientKey key{ClientId("demo-smart-key"), Secret("demo-smart-secret")};
  Secret seed;
  for (const auto& client : dialects::fastconnect::dialect().demo().clients) {
    if (client.client.id == key.id) seed = client.totp_seed;
  }
  const engine::Login login{.client = key,
                            .otp = crypto::totp(bytes_of(seed.reveal()), world.now())};
  EXPECT_TRUE(world.perform(account_info(world.tokens(login).access_token)));
  world.refused(login, Why::kOtpWrong);  // good once
}

void story(World& world) {
  trade(world);
  approve_by_push(world);
  type_a_code(world);
}

}  // namespace

Face fastconnect() {
  return {.dialect = dialects::fastconnect::dialect(),
          .samples = samples(),
          .heard_as = heard_as,
          .is_refusal = is_refusal,
          .story = story,
          .carried = carried};
}

}  // namespace latchkey::square
