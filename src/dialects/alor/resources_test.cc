#include "dialects/alor/resources.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "dialects/alor/codec.h"
#include "dialects/alor/orders.h"

namespace latchkey::dialects::alor {
namespace {

using engine::Use;
using engine::Used;

constexpr Instant kNoon = from_epoch(1772366400);
const Codec kCodec{WireOptions{}};
const Order kOrder{"D39004", "MOEX", "SBER", "buy", 1, json::Value(191.33), ""};

/// A token as the engine would have checked it, for those portfolios.
Secret token_for(std::string_view portfolios) {
  const auto part = [](std::string text) { return to_base64url(bytes_of(text)); };
  return Secret(part(R"({"alg":"ES256"})") + "." +
                part(R"({"portfolios":")" + std::string(portfolios) + R"("})") + ".AA");
}

Use list(std::string what, Secret bearer = token_for("D39004 G39004")) {
  Use use{.bearer = std::move(bearer),
          .resource = what,
          .arguments = {{"exchange", "MOEX"}, {"portfolio", "D39004"}}};
  if (what == "orders") use.notebook = "orders";
  return use;
}

Use limit(Secret bearer = token_for("D39004")) {
  return {.bearer = std::move(bearer),
          .resource = "limit",
          .arguments = {{"exchange", "MOEX"}, {"portfolio", "D39004"}},
          .notebook = "orders",
          .note = to_note(kOrder)};
}

Used used(std::vector<engine::Note> notes = {}) {
  Used out{.notes = std::move(notes)};
  out.who.subject = SubjectId("P039004");
  out.who.attributes = {{"agreements", "39004 39005"},
                        {"portfolios", "D39004 G39004 7500031 D39005 G39005 7500032"}};
  return out;
}

http::Response answer(const Use& use, const Used& outcome) {
  const engine::Operation asked = use;
  const auto request = *kCodec.encode_request(asked);
  return kCodec.encode_reply({request, &asked, kNoon}, engine::Outcome(outcome));
}

TEST(AlorResources, EveryCallComesBackAsItWentOut) {
  for (const Use& use : {list("summary"), list("positions"), list("orders"), limit(),
                         Use{.bearer = token_for("D39004"),
                             .resource = "portfolios",
                             .arguments = {{"login", "P039004"}}}}) {
    const auto request = kCodec.encode_request(use);
    ASSERT_TRUE(request) << use.resource;
    const auto back = kCodec.decode_request(*request);
    ASSERT_TRUE(back) << use.resource << back.error().say;
    EXPECT_EQ(std::get<Use>(*back), use) << use.resource;
  }
}

TEST(AlorResources, ClientsMayBeWrittenInAnyCase) {
  for (const char* path :
       {"/md/v2/Clients/MOEX/D39004/summary", "/md/v2/clients/MOEX/D39004/summary",
        "/MD/V2/CLIENTS/MOEX/D39004/SUMMARY"})
    EXPECT_TRUE(kCodec.decode_request({.target = {path, {}}})) << path;
}

struct PathRow {
  const char* method;
  const char* path;
  int status;
};

class AlorPaths : public ::testing::TestWithParam<PathRow> {};

TEST_P(AlorPaths, ThatAreNotThereSayHow) {
  const http::Request request{.method = GetParam().method, .target = {GetParam().path, {}}};
  const auto asked = kCodec.decode_request(request);
  ASSERT_FALSE(asked);
  EXPECT_EQ(kCodec.encode_reply({request, nullptr, kNoon}, fail(asked.error())).status,
            GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(
    , AlorPaths,
    ::testing::Values(PathRow{"GET", "/md/v2/Clients/MOEX/D39004/trades", 404},
                      PathRow{"GET", "/md/v2/Clients/MOEX/D39004", 404},
                      PathRow{"GET", "/md/v3/Clients/MOEX/D39004/summary", 404},
                      PathRow{"GET", "/md/v2/Clients/MOEX/<b>/summary", 400},
                      PathRow{"POST", "/md/v2/Clients/MOEX/D39004/summary", 405},
                      PathRow{"GET", "/commandapi/warptrans/TRADE/v2/client/orders/actions/limit",
                              405},
                      PathRow{"GET", "/client/v1.0/users/x/full-name", 404}));

TEST(AlorResources, AHeaderThatIsNoBearerIsA401) {
  const http::Request request{.target = {"/md/v2/Clients/MOEX/D39004/summary", {}},
                              .headers = {{"Authorization", "Basic eA=="}}};
  const auto asked = kCodec.decode_request(request);
  ASSERT_FALSE(asked);
  const auto response = kCodec.encode_reply({request, nullptr, kNoon}, fail(asked.error()));
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(*response.headers.find("WWW-Authenticate"), "Bearer");
}

TEST(AlorResources, APortfolioOfTheTokenIsServed) {
  EXPECT_EQ(answer(list("summary"), used()).status, 200);
  EXPECT_EQ(answer(list("positions"), used()).body, "[]");
}

TEST(AlorResources, ATokenThatWasNarrowedDoesNotReachTheRest) {
  EXPECT_EQ(answer(list("summary", token_for("G39004")), used()).status, 403);
  EXPECT_EQ(answer(list("summary", token_for("D3900")), used()).status, 403);
  EXPECT_EQ(answer(list("summary", token_for("")), used()).status, 403);
}

TEST(AlorResources, AnOrderForAForeignPortfolioIsNeitherNotedNorAnswered) {
  const auto request = *kCodec.encode_request(limit(token_for("G39004")));
  const auto asked = std::get<Use>(*kCodec.decode_request(request));
  EXPECT_FALSE(asked.note);
  EXPECT_EQ(answer(limit(token_for("G39004")), used()).status, 403);
}

TEST(AlorResources, AnOrderIsListedUnderItsNumber) {
  const engine::Note note{7, kNoon, to_note(kOrder)};
  EXPECT_EQ(answer(limit(), used({note})).body, R"({"message":"success","orderNumber":"7"})");
  const auto response = answer(list("orders"), used({note}));
  EXPECT_NE(response.body.find(R"("id":"7","symbol":"SBER","brokerSymbol":"MOEX:SBER")"),
            std::string::npos)
      << response.body;
  const engine::Operation asked = list("orders");
  const auto back = std::get<Used>(*kCodec.decode_reply({asked, kNoon}, response));
  EXPECT_EQ(back.notes, std::vector{note});
}

TEST(AlorResources, OnlyThePortfoliosOwnOrdersAreListed) {
  Order other = kOrder;
  other.portfolio = "G39004";
  const auto response = answer(list("orders"), used({{1, kNoon, to_note(other)}}));
  EXPECT_EQ(response.body, "[]");
}

TEST(AlorResources, PortfoliosStandUnderTheirMarketWithTheirAgreement) {
  const Use use{
      .bearer = token_for("D39004"), .resource = "portfolios", .arguments = {{"login", "P039004"}}};
  const auto response = answer(use, used());
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.body.find(R"("Срочный рынок":[{"agreement":"39004","portfolio":"7500031")"),
            std::string::npos)
      << response.body;
  EXPECT_NE(response.body.find(R"({"agreement":"39005","portfolio":"D39005")"), std::string::npos);
  Use other = use;
  other.arguments = {{"login", "SOMEBODY"}};
  EXPECT_EQ(answer(other, used()).status, 403);
}

struct OrderRow {
  const char* name;
  const char* body;
  bool good;
};

class AlorOrdersTable : public ::testing::TestWithParam<OrderRow> {};

TEST_P(AlorOrdersTable, AreReadStrictly) {
  const auto order = parse_order(GetParam().body);
  EXPECT_EQ(order.has_value(), GetParam().good) << GetParam().name;
  if (!order) {
    EXPECT_EQ(order.error().why, Why::kMalformed);
  }
}

INSTANTIATE_TEST_SUITE_P(
    , AlorOrdersTable,
    ::testing::Values(OrderRow{"AlorPy's",
                               R"({"side":"buy","type":"limit","quantity":1,"price":191.33,
        "instrument":{"symbol":"SBER","exchange":"MOEX"},"user":{"portfolio":"D39004"},
        "timeInForce":"OneDay"})",
                               true},
                      OrderRow{"a whole price", R"({"side":"Sell","quantity":1000000000,"price":1,
        "instrument":{"symbol":"SBER","exchange":"MOEX"},"user":{"portfolio":"D39004"}})",
                               true},
                      OrderRow{"too many", R"({"side":"sell","quantity":1000000001,"price":1,
        "instrument":{"symbol":"SBER","exchange":"MOEX"},"user":{"portfolio":"D39004"}})",
                               false},
                      OrderRow{"none", R"({"side":"sell","quantity":0,"price":1,
        "instrument":{"symbol":"SBER","exchange":"MOEX"},"user":{"portfolio":"D39004"}})",
                               false},
                      OrderRow{"no price", R"({"side":"sell","quantity":1,
        "instrument":{"symbol":"SBER","exchange":"MOEX"},"user":{"portfolio":"D39004"}})",
                               false},
                      OrderRow{"a price of nothing", R"({"side":"sell","quantity":1,"price":0,
        "instrument":{"symbol":"SBER","exchange":"MOEX"},"user":{"portfolio":"D39004"}})",
                               false},
                      OrderRow{"a side that is none", R"({"side":"hold","quantity":1,"price":1,
        "instrument":{"symbol":"SBER","exchange":"MOEX"},"user":{"portfolio":"D39004"}})",
                               false},
                      OrderRow{"a symbol that is markup", R"({"side":"buy","quantity":1,"price":1,
        "instrument":{"symbol":"<b>","exchange":"MOEX"},"user":{"portfolio":"D39004"}})",
                               false},
                      OrderRow{"no user", R"({"side":"buy","quantity":1,"price":1,
        "instrument":{"symbol":"SBER","exchange":"MOEX"}})",
                               false},
                      OrderRow{"not an object", "[]", false}));

TEST(AlorOrders, ANoteComesBackAsTheOrder) {
  Order order = kOrder;
  order.comment = "за \"двоих\"";
  const auto back = from_note(to_note(order));
  ASSERT_TRUE(back);
  EXPECT_EQ(to_note(*back), to_note(order));
  EXPECT_FALSE(from_note("nonsense"));
}

}  // namespace
}  // namespace latchkey::dialects::alor
