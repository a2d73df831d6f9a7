#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "dialects/alor/alor.h"
#include "dialects/alor/codec.h"
#include "dialects/alor/orders.h"
#include "square/world.h"

namespace latchkey::square {
namespace {

constexpr Instant kHalfPast = kNoon + Seconds{1800};
constexpr const char* kPortfolios = "D39004 G39004";
constexpr Seconds kYear{365 * 86400};
const Secret kRefresh("12be28e4-2e15-44b8-983e-e6c119a1bcac");

Secret access_token() {
  return Secret("eyJhbGciOiJFUzI1NiJ9." +
                to_base64url(bytes_of(R"({"portfolios":"D39004 G39004","exp":1772368200,)"
                                      R"("iat":1772366400})")) +
                ".c2lnbmF0dXJlLW9mLW9uZS1zYW1wbGU");
}

engine::Use list(const Secret& bearer, const char* what) {
  engine::Use use{.bearer = bearer,
                  .resource = what,
                  .arguments = {{"exchange", "MOEX"}, {"portfolio", "D39004"}}};
  if (use.resource == "orders") use.notebook = "orders";
  return use;
}
engine::Use portfolios(const Secret& bearer) {
  return {.bearer = bearer, .resource = "portfolios", .arguments = {{"login", "P039004"}}};
}
engine::Use buy(const Secret& bearer) {
  engine::Use use = list(bearer, "limit");
  use.notebook = "orders";
  use.note = dialects::alor::to_note({.portfolio = "D39004",
                                      .exchange = "MOEX",
                                      .symbol = "SBER",
                                      .side = "buy",
                                      .quantity = 10,
                                      .price = 250,
                                      .comment = "первый"});
  return use;
}

std::vector<Sample> samples() {
  const Secret access = access_token();
  const engine::TokenSet tokens{.access_token = access, .access_until = kHalfPast};
  const engine::Used owner{
      .who = {.subject = SubjectId("P039004"),
              .attributes = {{"agreements", "39004"}, {"portfolios", kPortfolios}}}};
  engine::Used with_order = owner;
  with_order.notes = {{7, kNoon, *buy(access).note}};
  return {
      {"refresh", engine::Refresh{.refresh_token = kRefresh}, {tokens}},
      {"refresh_narrowed",
       engine::Refresh{.refresh_token = kRefresh, .narrow_to = {"D39004", "G39004"}},
       {tokens}},
      {"summary", list(access, "summary"), {owner}},
      {"positions", list(access, "positions"), {owner}},
      {"orders", list(access, "orders"), {owner, with_order}},
      {"portfolios", portfolios(access), {owner}},
      {"limit", buy(access), {with_order}},
  };
}

// The wire has statuses and no words: a dead refresh token is 403, a dead access
// token 401.
Why heard_as(Why why, const engine::Operation& operation) {
  const bool refreshes = std::holds_alternative<engine::Refresh>(operation);
  switch (why) {
    case Why::kMalformed:
    case Why::kConflict: return Why::kMalformed;
    case Why::kUnsupported: return Why::kUnsupported;
    case Why::kNotFound:
    case Why::kForbidden: return refreshes ? Why::kInvalidToken : why;
    case Why::kBadCredentials:
    case Why::kOtpRequired:
    case Why::kOtpWrong:
    case Why::kPending:
    case Why::kDeclined:
    case Why::kInvalidToken:
    case Why::kExpired:
    case Why::kRevoked:
    case Why::kReplayed: return Why::kInvalidToken;
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
  return Why::kBug;
}

bool is_refusal(const http::Response& response) {
  return response.status >= 400 && response.body.empty();
}

// AccessToken and nothing else; of an account only its orders are read.
engine::Outcome carried(const engine::Operation& operation, engine::Outcome outcome) {
  if (auto* tokens = std::get_if<engine::TokenSet>(&outcome)) {
    return engine::TokenSet{.access_token = tokens->access_token,
                            .access_until = tokens->access_until};
  }
  auto* used = std::get_if<engine::Used>(&outcome);
  if (used == nullptr) return outcome;
  used->who = {};
  const auto& asked = std::get<engine::Use>(operation);
  if (asked.resource == "limit") {  // the answer is the new order's number
    const auto newest = std::ranges::max_element(used->notes, {}, &engine::Note::number);
    used->notes = {{.number = newest->number, .text = *asked.note}};
  }
  return *used;
}

// A person gets the tokens on a page; a program trades with them for a year.
void story(World& world) {
  auto& page = world.authority();
  const ClientId client(dialects::alor::kTokensClient);
  const engine::UserKey person{SubjectId("P039004"), Secret("demo-password")};
  EXPECT_FALSE(page.sign_in({person.login, Secret("demo-passwort")}, world.now()));
  const auto session = page.sign_in(person, world.now());
  ASSERT_TRUE(session);
  const auto shown = page.issue(*session, client, world.now());
  ASSERT_TRUE(shown);
  EXPECT_TRUE(world.perform(list(shown->access_token, "summary")));
  EXPECT_TRUE(world.perform(portfolios(shown->access_token)));
  EXPECT_TRUE(world.perform(buy(shown->access_token)));
  EXPECT_TRUE(world.perform(list(shown->access_token, "orders")));

  world.advance(Seconds{1800});
  world.refused(list(shown->access_token, "summary"), Why::kExpired);
  const engine::Refresh refresh{.refresh_token = shown->refresh_token};
  const auto second = world.tokens(refresh);
  EXPECT_TRUE(world.perform(list(second.access_token, "summary")));
  const auto third = world.tokens(refresh);  // the same one again, and again
  EXPECT_TRUE(world.perform(list(third.access_token, "orders")));
  engine::Refresh narrowed = refresh;
  narrowed.narrow_to = {"D39004"};
  EXPECT_TRUE(world.perform(list(world.tokens(narrowed).access_token, "positions")));
  narrowed.narrow_to = {"D00000"};
  world.refused(narrowed, Why::kForbidden);

  const auto somebody_elses = page.issue(*session, client, world.now() - Seconds{1});
  ASSERT_TRUE(somebody_elses);  // one refresh token at a time: ours is dead
  world.refused(refresh, Why::kRevoked);
  EXPECT_TRUE(world.perform(list(third.access_token, "summary")));
  const engine::Refresh last{.refresh_token = somebody_elses->refresh_token};
  world.tokens(last);
  world.advance(kYear);
  world.refused(last, Why::kExpired);
}

// The authority ends it early.
void revoked_early(World& world) {
  auto& page = world.authority();
  const auto session = page.sign_in({SubjectId("P039004"), Secret("demo-password")}, world.now());
  ASSERT_TRUE(session);
  const auto shown = page.issue(*session, ClientId(dialects::alor::kTokensClient), world.now());
  ASSERT_TRUE(shown);
  ASSERT_TRUE(world.admin().revoke({.realm = world.realm()}, "forced", world.now()));
  world.refused(engine::Refresh{.refresh_token = shown->refresh_token}, Why::kRevoked);
  world.refused(engine::Refresh{.refresh_token = kRefresh}, Why::kInvalidToken);
}

}  // namespace

Face alor() {
  return {.dialect = dialects::alor::dialect(),
          .samples = samples(),
          .heard_as = heard_as,
          .is_refusal = is_refusal,
          .story =
              [](World& world) {
                story(world);
                revoked_early(world);
              },
          .carried = carried};
}

}  // namespace latchkey::square
