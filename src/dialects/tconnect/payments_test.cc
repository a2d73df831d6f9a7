#include "dialects/tconnect/payments.h"

#include <gtest/gtest.h>

namespace latchkey::dialects::tconnect {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

const Instant kTen = *parse_rfc3339("2026-01-07T03:00:00Z");  // ten o'clock in Vietnam

Payment payment(std::string order, std::int64_t amount = 10000) {
  return {"req-" + order, order, "VA1", "970454", amount};
}

engine::Note note(std::int64_t number, Instant at, const Payment& made) {
  return {.number = number, .at = at, .text = note_of(made)};
}

engine::Use ask(Pairs arguments) { return {.arguments = std::move(arguments)}; }

engine::Use period(std::string from, std::string to, std::string limit = "10",
                   std::string page = "1") {
  return ask({{"from_date", from}, {"to_date", to}, {"limit", limit}, {"page", page}});
}

std::vector<std::string> orders(const json::Value& body) {
  std::vector<std::string> found;
  for (const engine::Note& entry : notes_in(body)) {
    found.push_back(payment_of(entry.text)->order_id);
  }
  return found;
}

TEST(TconnectTimes, AreVietnamese) {
  EXPECT_EQ(to_local(kTen), "2026-01-07 10:00:00");
  EXPECT_EQ(parse_local("2026-01-07 10:00:00"), kTen);
  EXPECT_EQ(to_local(*parse_rfc3339("2026-01-06T17:00:00Z")), "2026-01-07 00:00:00");
}

TEST(TconnectTimes, AreStrict) {
  for (const char* text :
       {"", "2026-01-07", "2026-01-07T10:00:00", "2026-01-07 10:00:0", "2026-13-07 10:00:00",
        "2026-02-30 10:00:00", "2026-01-07 10:00:00Z", "2026-01-07 10-00-00"}) {
    EXPECT_EQ(parse_local(text), std::nullopt) << text;
  }
}

TEST(TconnectNotes, KeepThePayment) {
  EXPECT_EQ(payment_of(note_of(payment("o1"))), payment("o1"));
  EXPECT_EQ(payment_of("not ours"), std::nullopt);
}

// Computed with an independent implementation.
TEST(TconnectQrContent, IsAnEmvCoCodeWithItsChecksum) {
  EXPECT_EQ(qr_content({"", "o1", "VA1", "970454", 10000}),
            "00020101021238470010A000000727011700069704540103VA10208QRIBF"
            "TTA53037045405100005802VN62060802o16304B0B0");
  EXPECT_EQ(qr_content({"", "o1", "VA1", "970454", 0}),
            "00020101021138470010A000000727011700069704540103VA10208QRIBF"
            "TTA53037045802VN62060802o163047E12");
}

struct Slice {
  const char* title;
  engine::Use asked;
  std::vector<std::string> orders;
};

class TconnectListOf : public ::testing::TestWithParam<Slice> {};

TEST_P(TconnectListOf, ShowsThePeriodAndThePage) {
  const std::vector<engine::Note> notes = {note(4, kTen + Seconds{3600}, payment("d")),
                                           note(3, kTen + Seconds{1}, payment("c")),
                                           note(2, kTen, payment("b")),
                                           note(1, kTen - Seconds{1}, payment("a")),
                                           {.number = 5, .at = kTen, .text = "not a payment"},
                                           note(6, kTen, payment("unpaid", 0))};
  EXPECT_EQ(orders(list_body(GetParam().asked, notes)), GetParam().orders) << GetParam().title;
}

INSTANTIATE_TEST_SUITE_P(
    , TconnectListOf,
    ::testing::Values(
        Slice{"all", period("2026-01-01 00:00:00", "2026-12-31 00:00:00"), {"d", "c", "b", "a"}},
        Slice{"from and to are within",
              period("2026-01-07 10:00:00", "2026-01-07 10:00:01"),
              {"c", "b"}},
        Slice{"the first page",
              period("2026-01-01 00:00:00", "2026-12-31 00:00:00", "3", "1"),
              {"d", "c", "b"}},
        Slice{
            "the last page", period("2026-01-01 00:00:00", "2026-12-31 00:00:00", "3", "2"), {"a"}},
        Slice{
            "beyond the last", period("2026-01-01 00:00:00", "2026-12-31 00:00:00", "3", "3"), {}},
        Slice{"an absurd page",
              period("2026-01-01 00:00:00", "2026-12-31 00:00:00", "3", "1000000000000"),
              {}}));

TEST(TconnectList, GoesRoundTheWire) {
  const std::vector<engine::Note> notes = {note(7, kTen, payment("o1"))};
  const auto body = list_body(period("2026-01-07 00:00:00", "2026-01-07 23:59:59"), notes);
  EXPECT_EQ(json::write(body),
            R"({"message":"SUCCESS","page":1,"limit":10,"total":1,"transactions":[)"
            R"({"request_id":"req-o1","order_id":"o1","acc_no":"VA1","bincode":"970454",)"
            R"("status":"SUCCESS","amount":10000,"trn_ref_no":"LK7","narrative":"Thanh toan o1",)"
            R"("txn_init_dt":"2026-01-07 10:00:00"}]})");
  EXPECT_EQ(notes_in(body), notes);
}

TEST(TconnectStatus, AddsUpWhatTheOrderWasPaid) {
  const std::vector<engine::Note> notes = {note(3, kTen, payment("o1", 5)),
                                           note(2, kTen, payment("o2", 7)),
                                           note(1, kTen, payment("o1", 6))};
  const auto body = status_body(ask({{"order_id", "o1"}}), notes);
  EXPECT_TRUE(json::write(body).starts_with(
      R"({"message":"SUCCESS","tx_data":{"order_id":"o1","acc_no":"VA1","total_amount_paid":11,)"));
  EXPECT_EQ(notes_in(body).size(), 2u);
}

TEST(TconnectStatus, OfAnUnknownOrderHasNoTransactions) {
  EXPECT_EQ(json::write(status_body(ask({{"order_id", "o9"}, {"acc_no", "VA9"}}), {})),
            R"({"message":"SUCCESS","tx_data":{"order_id":"o9","acc_no":"VA9",)"
            R"("total_amount_paid":0,"transactions":[]}})");
}

TEST(TconnectNotes, LeaveOutItemsThatAreNotOfThisWire) {
  for (const char* text : {"{}", "[]", R"({"transactions":[1,{"txn_init_dt":"yesterday"}]})",
                           R"({"tx_data":null})", R"({"transactions":{}})"}) {
    EXPECT_TRUE(notes_in(*json::parse(text)).empty()) << text;
  }
}

}  // namespace
}  // namespace latchkey::dialects::tconnect
