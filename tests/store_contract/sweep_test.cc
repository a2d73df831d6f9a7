#include "kinds.h"

namespace latchkey::store_contract {

using namespace engine;

class SweepContract : public StoreContract {
 protected:
  int sweep(Instant before, int most = 1000) {
    return write([&](Tx& tx) { return tx.sweep(before, most); }).gone;
  }
  bool there(std::string_view seed) {
    return read([&](Tx& tx) { return tx.holding(kRealm, hash_of(seed)); }).has_value();
  }
  std::size_t families() {
    return read([&](Tx& tx) { return tx.grants({.only_live = false}, 1000); }).size();
  }
  void put_family(const char* id, Instant until) {
    write([&](Tx& tx) -> Result<> {
      TRY(tx.put_grant(grant(id)));
      Token row = token(id, id);
      row.until = until;
      return tx.put_token(row);
    });
  }
};
RUN_ON_EVERY_STORE(SweepContract);

TEST_P(SweepContract, ATokenGoesOnlyAfterItsEndAndItsFamilyWithIt) {
  put_family("f", kNoon + Seconds(60));
  EXPECT_EQ(sweep(kNoon + Seconds(60)), 0);
  EXPECT_TRUE(there("f"));
  EXPECT_EQ(sweep(kNoon + Seconds(61)), 2);
  EXPECT_FALSE(there("f"));
  EXPECT_EQ(families(), 0u);
}

TEST_P(SweepContract, AFamilyStaysAsLongAsOneTokenMayBeAskedFor) {
  put_family("f", kNoon + Seconds(60));
  Token later = token("later", "f", TokenKind::kAccess);
  later.until = kNoon + Seconds(600);
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_token(later));
    TRY(tx.revoke_grant(kRealm, GrantId("f"), "logout", kNoon));
    return {};
  });
  EXPECT_EQ(sweep(kNoon + Seconds(61)), 1);
  EXPECT_FALSE(there("f"));
  EXPECT_TRUE(there("later"));
  EXPECT_EQ(sweep(kNoon + Seconds(601)), 2);
  EXPECT_EQ(families(), 0u);
}

TEST_P(SweepContract, AnAccessTokenGoesBeforeTheRefreshTokenThatWasIssuedWithIt) {
  std::array<Token, 2> both = token_set("a", "r", "f");
  both[0].until = kNoon + Seconds(60);
  both[1].until = kNoon + Seconds(600);
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_grant(grant("f")));
    return tx.put_tokens_of(grant("f"), both);
  });
  EXPECT_EQ(sweep(kNoon + Seconds(60)), 0);
  EXPECT_EQ(sweep(kNoon + Seconds(61)), 1);
  EXPECT_FALSE(there("a"));
  EXPECT_EQ(read([&](Tx& tx) { return tx.holding(kRealm, hash_of("r")); })->token, both[1]);
  EXPECT_EQ(read([&](Tx& tx) { return tx.live_tokens(kRealm, GrantId("f"), 9); }),
            std::vector{both[1]});
  EXPECT_EQ(sweep(kNoon + Seconds(61)), 0);
  EXPECT_EQ(sweep(kNoon + Seconds(601)), 2);
  EXPECT_FALSE(there("r"));
}

TEST_P(SweepContract, ASpentRefreshTokenStaysToBeRecognised) {
  put_family("f", kNoon + Seconds(60));
  write([&](Tx& tx) { return tx.spend(kRealm, hash_of("f"), kNoon); });
  EXPECT_EQ(sweep(kNoon + Seconds(30)), 0);
  EXPECT_EQ(write([&](Tx& tx) { return tx.spend(kRealm, hash_of("f"), kNoon); }),
            Spend::kAlreadySpent);
}

TEST_P(SweepContract, AFamilyWithoutTokensStaysUntilItIsOld) {
  write([&](Tx& tx) { return tx.put_grant(grant("new")); });
  EXPECT_EQ(sweep(kNoon), 0);
  EXPECT_EQ(sweep(kNoon + Seconds(1)), 1);
}

TEST_P(SweepContract, EverythingElseThatEndsGoesToo) {
  const auto fill = [&](Instant end, const char* id) {
    write([&](Tx& tx) -> Result<> {
      TRY(tx.put_descent({.parent = GrantId("p"), .child = GrantId(id), .until = end}));
      TRY(tx.put_answer(kRealm, {.spent = hash_of(id), .until = end}));
      TRY(tx.put_code({.realm = kRealm, .hash = hash_of(id), .until = end}));
      TRY(tx.put_device(
          {.realm = kRealm, .hash = hash_of(id), .user_hash = hash_of(id), .until = end}));
      TRY(tx.put_pushed({.realm = kRealm, .hash = hash_of(id), .until = end}));
      TRY(tx.use_once(kRealm, hash_of(id), end, kNoon));
      TRY(tx.put_challenge({.realm = kRealm, .id = id, .until = end}));
      TRY(tx.put_session({.realm = kRealm, .hash = hash_of(id), .until = end}));
      TRY(tx.count(kRealm, id, end - Seconds(60), Seconds(60)));
      return {};
    });
  };
  fill(kNoon, "over");
  fill(kNoon + Seconds(1), "not yet");
  EXPECT_EQ(sweep(kNoon + Seconds(1)), 9);
  EXPECT_EQ(read([&](Tx& tx) { return tx.answer(kRealm, hash_of("over")); }), std::nullopt);
  EXPECT_TRUE(read([&](Tx& tx) { return tx.answer(kRealm, hash_of("not yet")); }));
  EXPECT_EQ(read([&](Tx& tx) { return tx.code(kRealm, hash_of("over")); }), std::nullopt);
  EXPECT_EQ(read([&](Tx& tx) { return tx.device(kRealm, hash_of("over")); }), std::nullopt);
  EXPECT_EQ(read([&](Tx& tx) { return tx.pushed(kRealm, hash_of("over")); }), std::nullopt);
  EXPECT_EQ(read([&](Tx& tx) { return tx.challenge(kRealm, "over"); }), std::nullopt);
  EXPECT_EQ(read([&](Tx& tx) { return tx.session(kRealm, hash_of("over")); }), std::nullopt);
  EXPECT_TRUE(read([&](Tx& tx) { return tx.code(kRealm, hash_of("not yet")); }));
  EXPECT_TRUE(read([&](Tx& tx) { return tx.device(kRealm, hash_of("not yet")); }));
  EXPECT_TRUE(read([&](Tx& tx) { return tx.pushed(kRealm, hash_of("not yet")); }));
  EXPECT_TRUE(read([&](Tx& tx) { return tx.challenge(kRealm, "not yet"); }));
  EXPECT_TRUE(read([&](Tx& tx) { return tx.session(kRealm, hash_of("not yet")); }));
}

TEST_P(SweepContract, WhatHasNoEndStays) {
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_client(client("app")));
    TRY(tx.put_subject(subject("ann")));
    TRY(tx.add_organization(kRealm, SubjectId("ann"), "shop"));
    TRY(tx.put_key({.realm = kRealm, .kid = "k"}));
    TRY(tx.raise_mark(kRealm, "step", 3));
    TRY(tx.add_note(kRealm, SubjectId("ann"), "orders", "one", kNoon));
    TRY(tx.add_delivery({.realm = kRealm, .at = kNoon}));
    return {};
  });
  EXPECT_EQ(sweep(kEndOfTime), 0);
}

TEST_P(SweepContract, NoMoreRowsGoThanAskedAndTheRestLater) {
  for (const char* id : {"a", "b", "c", "d", "e"}) put_family(id, kNoon);
  put_family("alive", kNoon + Seconds(600));
  const Instant before = kNoon + Seconds(1);
  EXPECT_EQ(sweep(before, 0), 0);
  EXPECT_EQ(families(), 6u);
  int went = 0;
  for (int round = 0; round < 20; ++round) {
    const int some = sweep(before, 3);
    ASSERT_LE(some, 3);
    went += some;
  }
  EXPECT_EQ(went, 10);
  EXPECT_EQ(families(), 1u);
  EXPECT_TRUE(there("alive"));
}

TEST_P(SweepContract, AmongThousandsEveryDeadTokenGoesAndEveryOtherStays) {
  constexpr int kAll = 9000;  // more than one sweep looks at
  const auto name_of = [](int i) { return std::to_string(i); };
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_grant(grant("f")));
    for (int i = 0; i < kAll; ++i) {
      Token row = token(name_of(i), "f");
      row.until = i % 3 == 0 ? kNoon : kNoon + Seconds(600);
      TRY(tx.put_token(row));
    }
    return {};
  });
  int gone = 0;
  for (bool more = true; more;) {
    const Swept swept = write([&](Tx& tx) { return tx.sweep(kNoon + Seconds(1), 500); });
    gone += swept.gone;
    more = swept.more;
  }
  EXPECT_EQ(gone, kAll / 3);
  for (int i = 0; i < kAll; ++i) EXPECT_EQ(there(name_of(i)), i % 3 != 0) << i;
}

TEST_P(SweepContract, WhoeverSweepsLearnsWhetherThereIsMoreToLookAt) {
  for (const char* id : {"a", "b", "c"}) put_family(id, kNoon);
  const auto swept = [&](int most) {
    return write([&](Tx& tx) { return tx.sweep(kNoon + Seconds(1), most); });
  };
  const Swept some = swept(2);
  EXPECT_EQ(some.gone, 2);
  EXPECT_TRUE(some.more);
  while (swept(2).more) {
  }
  EXPECT_EQ(families(), 0u);
  EXPECT_FALSE(swept(2).more);
}

TEST_P(SweepContract, ASweepThatIsUndoneTookNothing) {
  put_family("f", kNoon);
  const auto undone = store().transact([&](Tx& tx) -> Result<> {
    TRY(tx.sweep(kEndOfTime, 100));
    return fail(Why::kDeclined);
  });
  EXPECT_EQ(why(undone), Why::kDeclined);
  EXPECT_TRUE(there("f"));
  EXPECT_EQ(sweep(kEndOfTime), 2);
}

}  // namespace latchkey::store_contract
