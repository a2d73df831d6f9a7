#include <limits>

#include "kinds.h"

// Deliveries, notes, counters, marks and signing keys.

namespace latchkey::store_contract {

using namespace engine;

class BookContract : public StoreContract {
 protected:
  int count(std::string_view counter, Instant now, Seconds window, const Realm& realm = kRealm) {
    return write([&](Tx& tx) { return tx.count(realm, counter, now, window); });
  }
  bool raise(std::string_view mark, std::int64_t value, const Realm& realm = kRealm) {
    return write([&](Tx& tx) { return tx.raise_mark(realm, mark, value); });
  }
  std::vector<std::string> notes(std::string_view notebook, int most = 100) {
    std::vector<std::string> texts;
    for (const auto& note :
         read([&](Tx& tx) { return tx.notes(kRealm, SubjectId("ann"), notebook, most); })) {
      texts.push_back(note.text);
    }
    return texts;
  }
};
RUN_ON_EVERY_STORE(BookContract);

TEST_P(BookContract, DeliveriesComeNewestFirstWithRisingNumbers) {
  Delivery first{.realm = kRealm,
                 .client = ClientId("app"),
                 .address = "ann@example.org",
                 .text = {0, 1, 2},
                 .transaction_id = "tx-1",
                 .at = kNoon,
                 .subject = SubjectId("ann")};
  Delivery second = first, elsewhere = first;
  second.transaction_id.clear();
  elsewhere.realm = kOther;
  first.number = write([&](Tx& tx) { return tx.add_delivery(first); });
  second.number = write([&](Tx& tx) { return tx.add_delivery(second); });
  elsewhere.number = write([&](Tx& tx) { return tx.add_delivery(elsewhere); });
  const auto list = [&](int most) {
    return read([&](Tx& tx) { return tx.deliveries(kRealm, most); });
  };
  EXPECT_LT(first.number, second.number);
  EXPECT_LT(second.number, elsewhere.number);
  EXPECT_EQ(list(9), (std::vector{second, first}));
  EXPECT_EQ(list(1), std::vector{second});
  EXPECT_TRUE(list(0).empty());
}

TEST_P(BookContract, AnOutboxKeepsOnlyItsNewestRows) {
  write([&](Tx& tx) -> Result<> {
    TRY(tx.add_delivery({.realm = kOther, .address = "other"}));
    for (int i = 0; i <= kMostDeliveries; ++i) {
      TRY(tx.add_delivery({.realm = kRealm, .address = std::to_string(i)}));
    }
    return {};
  });
  const auto kept = read([&](Tx& tx) { return tx.deliveries(kRealm, kMostDeliveries + 9); });
  ASSERT_EQ(std::ssize(kept), kMostDeliveries);
  EXPECT_EQ(kept.front().address, std::to_string(kMostDeliveries));
  EXPECT_EQ(kept.back().address, "1");
  EXPECT_EQ(read([&](Tx& tx) { return tx.deliveries(kOther, 9); }).size(), 1u);
}

TEST_P(BookContract, NotesBelongToRealmSubjectAndNotebook) {
  const SubjectId ann("ann");
  const auto add = [&](const Realm& realm, const SubjectId& subject, const char* notebook,
                       const char* text) {
    return write([&](Tx& tx) { return tx.add_note(realm, subject, notebook, text, kNoon); });
  };
  const Note one = add(kRealm, ann, "orders", "one");
  const Note two = add(kRealm, ann, "orders", "two");
  add(kRealm, ann, "codes", "three");
  add(kRealm, SubjectId("bob"), "orders", "four");
  add(kOther, ann, "orders", "five");
  EXPECT_EQ(one, (Note{.number = one.number, .at = kNoon, .text = "one"}));
  EXPECT_LT(one.number, two.number);
  EXPECT_EQ(read([&](Tx& tx) { return tx.notes(kRealm, ann, "orders", 9); }),
            (std::vector{two, one}));
  EXPECT_EQ(notes("orders", 1), std::vector<std::string>{"two"});
  EXPECT_EQ(notes("codes"), std::vector<std::string>{"three"});

  EXPECT_EQ(write([&](Tx& tx) { return tx.drop_notes(kRealm); }), 4);
  EXPECT_TRUE(notes("orders").empty());
  EXPECT_EQ(read([&](Tx& tx) { return tx.notes(kOther, ann, "orders", 9); }).size(), 1u);
  EXPECT_GT(add(kRealm, ann, "orders", "six").number, two.number);
}

TEST_P(BookContract, ACounterStartsAgainWhenItsWindowIsOver) {
  const Seconds window(60);
  EXPECT_EQ(count("otp", kNoon, window), 1);
  EXPECT_EQ(count("otp", kNoon, window), 2);
  EXPECT_EQ(count("otp", kNoon + Seconds(59), window), 3);
  EXPECT_EQ(count("otp", kNoon + Seconds(60), window), 1);
  EXPECT_EQ(count("otp", kNoon + Seconds(119), window), 2);
  EXPECT_EQ(count("otp", kNoon + Seconds(119), Seconds(59)), 1);
}

TEST_P(BookContract, ACounterSurvivesAClockThatStepsBackAndAnEndlessWindow) {
  EXPECT_EQ(count("otp", kNoon, Seconds(60)), 1);
  EXPECT_EQ(count("otp", kNoon - Seconds(3600), Seconds(60)), 2);
  EXPECT_EQ(count("long", kNoon, Seconds::max()), 1);
  EXPECT_EQ(count("long", kNoon + Seconds(1), Seconds::max()), 2);
}

TEST_P(BookContract, CountersAreApartAndCanBeReset) {
  EXPECT_EQ(count("a", kNoon, Seconds(60)), 1);
  EXPECT_EQ(count("b", kNoon, Seconds(60)), 1);
  EXPECT_EQ(count("a", kNoon, Seconds(60), kOther), 1);
  EXPECT_EQ(count("a", kNoon, Seconds(60)), 2);
  write([&](Tx& tx) { return tx.reset_count(kRealm, "a"); });
  EXPECT_EQ(count("a", kNoon, Seconds(60)), 1);
  EXPECT_EQ(count("b", kNoon, Seconds(60)), 2);
  EXPECT_EQ(count("a", kNoon, Seconds(60), kOther), 2);
}

TEST_P(BookContract, AMarkOnlyRises) {
  EXPECT_TRUE(raise("step", 0));
  EXPECT_FALSE(raise("step", 0));
  EXPECT_TRUE(raise("step", 5));
  EXPECT_FALSE(raise("step", 5));
  EXPECT_FALSE(raise("step", 4));
  EXPECT_TRUE(raise("step", 6));
  EXPECT_TRUE(raise("step", 1, kOther));
  EXPECT_TRUE(raise("other", -1));
  EXPECT_TRUE(raise("other", std::numeric_limits<std::int64_t>::max()));
}

TEST_P(BookContract, KeysComeNewestFirstAndAKidIsTakenOnce) {
  StoredKey old{.realm = kRealm, .kid = "z", .alg = "ES256", .key = {1, 2}, .created = kNoon};
  StoredKey fresh = old, same = old, elsewhere = old;
  fresh.kid = "a";
  fresh.created += Seconds(1);
  same.kid = "b";
  elsewhere.realm = kOther;
  write([&](Tx& tx) -> Result<> {
    for (const auto& row : {fresh, old, same, elsewhere}) TRY(tx.put_key(row));
    return {};
  });
  EXPECT_EQ(read([&](Tx& tx) { return tx.keys(kRealm); }), (std::vector{fresh, same, old}));
  EXPECT_EQ(read([&](Tx& tx) { return tx.keys(kOther); }), std::vector{elsewhere});
  EXPECT_EQ(why(store().transact([&](Tx& tx) { return tx.put_key(old); })), Why::kConflict);
}

}  // namespace latchkey::store_contract
