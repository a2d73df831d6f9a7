#include <gtest/gtest.h>

#include "base/json.h"
#include "dialects/tconnect/tconnect.h"
#include "square/world.h"

namespace latchkey::square {
namespace {

constexpr const char* kPartner = "DEMO-PARTNER";  // whose key the demo has
const Secret kAccess("eyJhbGciOiJSUzI1NiJ9.eyJ0eXAiOiJCZWFyZXIifQ.access-token-0123456789");
const Secret kRefresh("eyJhbGciOiJSUzI1NiJ9.eyJ0eXAiOiJSZWZyZXNoIn0.refresh-token-987654321");

engine::Use list(const Secret& bearer) {
  return {.bearer = bearer,
          .partner = kPartner,
          .resource = "transaction/qr",
          .arguments = {{"from_date", "2026-01-01 00:00:00"},
                        {"to_date", "2099-12-31 23:59:59"},
                        {"limit", "10"},
                        {"page", "1"}},
          .notebook = "qr"};
}
engine::Use generate(const Secret& bearer) {
  return {.bearer = bearer,
          .partner = kPartner,
          .resource = "transaction/qr/generate",
          .arguments = {{"req_id", "r-1"},
                        {"order_id", "order-1"},
                        {"va", "970400001"},
                        {"bincode", "970400"},
                        {"amount", "10000"}},
          .notebook = "qr",
          .note = R"({"req_id":"r-1","order_id":"order-1","va":"970400001",)"
                  R"("bincode":"970400","amount":10000})"};
}
engine::Use status(const Secret& bearer) {
  return {.bearer = bearer,
          .partner = kPartner,
          .resource = "transaction/qr/order/status",
          .arguments = {{"order_id", "order-1"}},
          .notebook = "qr"};
}

// The text of a QR code for VND 10 000, closed with its checksum (EMVCo).
constexpr const char* kQr =
    "00020101021238530010A0000007270123000697040001099704000010208QRIBFTTA53037045405100005802VN"
    "62110807order-163046121";

std::vector<Sample> samples() {
  const engine::TokenSet tokens{.access_token = kAccess,
                                .access_until = kNoon + Seconds{36000},
                                .refresh_token = kRefresh,
                                .refresh_until = kNoon + Seconds{86400},
                                .scope = "profile email",
                                .session = "12be28e4-2e15-44b8-983e-e6c119a1bcac"};
  const engine::Used paid{.notes = {{7, kNoon, *generate(kAccess).note}}};
  const engine::Login login{.client = {ClientId("till-1"), Secret("client-secret-\"4711\"")},
                            .user = {SubjectId("demo@yourdomain.vn"), Secret("mật-khẩu+&<>'#1")},
                            .partner = kPartner};
  const engine::Refresh refresh{.refresh_token = kRefresh, .partner = kPartner};
  return {
      {"login", login, {tokens}},
      {"refresh", refresh, {tokens}},
      {"list", list(kAccess), {engine::Used{}, paid}},
      {"generate", generate(kAccess), {engine::Used{.who = {.attributes = {{"qr_content", kQr}}}}}},
      {"status", status(kAccess), {engine::Used{}, paid}},
  };
}

Why heard_as(Why why, const engine::Operation& operation) {
  const bool logs_in = std::holds_alternative<engine::Login>(operation);
  const bool refreshes = std::holds_alternative<engine::Refresh>(operation);
  switch (why) {
    case Why::kMalformed:
    case Why::kUnsupported:
    case Why::kNotFound:
    case Why::kConflict:
    case Why::kForbidden:
    case Why::kTooMany:
    case Why::kUnavailable: return why;
    case Why::kBadCredentials:
      return logs_in || refreshes ? Why::kBadCredentials : Why::kInvalidToken;
    case Why::kOtpRequired:
    case Why::kOtpWrong:
    case Why::kPending:
    case Why::kDeclined: return Why::kForbidden;
    case Why::kInvalidToken:
    case Why::kExpired:
    case Why::kRevoked:
    case Why::kReplayed: return logs_in ? Why::kBadCredentials : why;
    case Why::kPersonNeeded:
    case Why::kUnknownName:
    case Why::kPolicy:
    case Why::kStore:
    case Why::kNoAnswer:
    case Why::kLostRotation:
    case Why::kBadResponse:
    case Why::kUsage:
    case Why::kBug: return refreshes ? Why::kNoAnswer : Why::kUnavailable;
  }
  return Why::kBug;
}

// {"error":"invalid_grant","error_description":"…"}
bool is_refusal(const http::Response& response) {
  const auto body = json::parse(response.body);
  const json::Object* object = body ? body->as_object() : nullptr;
  return object != nullptr && object->size() == 2 && response.status >= 400 &&
         json::string_field(*object, "error").has_value() &&
         json::string_field(*object, "error_description").has_value();
}

// A list tells what was paid, not by whom; a new code shows only itself.
engine::Outcome carried(const engine::Operation& operation, engine::Outcome outcome) {
  if (auto* used = std::get_if<engine::Used>(&outcome)) {
    const bool generated = std::get<engine::Use>(operation).resource.ends_with("generate");
    if (generated) used->notes.clear();
    if (generated) used->who = {.attributes = {{"qr_content", kQr}}};
    if (!generated) used->who = {};
  }
  return outcome;
}

// A till logs in, asks for a code, sees it paid, and goes on the next day.
void story(World& world) {
  engine::Login login{.client = {ClientId("demo-tconnect-client"), Secret("demo-tconnect-secret")},
                      .user = {SubjectId("demo@yourdomain.vn"), Secret("Demo-Password-0")},
                      .partner = kPartner};
  world.refused(login, Why::kBadCredentials);
  login.user.password = Secret("Demo-Password-1");
  const auto first = world.tokens(login);
  EXPECT_TRUE(world.perform(list(first.access_token)));
  EXPECT_TRUE(world.perform(generate(first.access_token)));
  EXPECT_TRUE(world.perform(list(first.access_token)));
  EXPECT_TRUE(world.perform(status(first.access_token)));
  world.refused(list(kAccess), Why::kInvalidToken);

  world.advance(Seconds{36000});
  world.refused(list(first.access_token), Why::kExpired);
  const engine::Refresh refresh{.refresh_token = first.refresh_token, .partner = kPartner};
  const auto second = world.tokens(refresh);
  EXPECT_TRUE(world.perform(list(second.access_token)));
  world.tokens(refresh);  // a new one is given, the old one stays good
  world.refused(engine::Refresh{.refresh_token = kRefresh, .partner = kPartner},
                Why::kInvalidToken);

  world.advance(Seconds{86400});
  world.refused(engine::Refresh{.refresh_token = second.refresh_token, .partner = kPartner},
                Why::kExpired);
  const auto third = world.tokens(login);
  EXPECT_TRUE(world.perform(list(third.access_token)));
  ASSERT_TRUE(world.admin().revoke({.realm = world.realm()}, "by an operator", world.now()));
  world.refused(list(third.access_token), Why::kRevoked);
  world.refused(engine::Refresh{.refresh_token = third.refresh_token, .partner = kPartner},
                Why::kRevoked);
}

}  // namespace

Face tconnect() {
  return {.dialect = dialects::tconnect::dialect(),
          .samples = samples(),
          .heard_as = heard_as,
          .is_refusal = is_refusal,
          .story = story,
          .carried = carried};
}

}  // namespace latchkey::square
