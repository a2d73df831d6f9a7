#include "kinds.h"

// Grants and tokens.

namespace latchkey::store_contract {

using namespace engine;

class FamiliesContract : public StoreContract {
 protected:
  void SetUp() override {
    write([&](Tx& tx) { return tx.put_grant(grant("g1")); });
  }
  Shared<Holding> held(std::string_view seed, const Realm& realm = kRealm) {
    return read([&](Tx& tx) { return tx.holding(realm, hash_of(seed)); });
  }
  Spend spend(std::string_view seed, const Realm& realm = kRealm, Instant now = kNoon) {
    return write([&](Tx& tx) { return tx.spend(realm, hash_of(seed), now); });
  }
  bool revoked(const char* id) {
    for (const auto& row : read([&](Tx& tx) { return tx.grants({.only_live = false}, 100); })) {
      if (row.id == GrantId(id)) return row.revoked.has_value();
    }
    throw std::runtime_error("no such family");
  }
};
RUN_ON_EVERY_STORE(FamiliesContract);

TEST_P(FamiliesContract, ATokenComesBackWithItsFamily) {
  Token full = token("t", "g1");
  full.parent = hash_of("parent");
  full.spent = kNoon;
  full.ended = kNoon + Seconds(1);
  Token access = token("a", "g1", TokenKind::kAccess);
  access.until = kEndOfTime;
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_token(full));
    return tx.put_token(access);
  });
  EXPECT_EQ(held("t"), (Holding{full, grant("g1")}));
  EXPECT_EQ(held("a"), (Holding{access, grant("g1")}));
}

TEST_P(FamiliesContract, TokensThatWereIssuedTogetherComeBackEachWithItsOwnFacts) {
  std::array<Token, 2> both = token_set("a", "r", "g1");
  both[0].bound_to.clear();
  both[0].parent = both[1].parent = hash_of("parent");
  both[1].until += Seconds(60);
  write([&](Tx& tx) { return tx.put_tokens_of(grant("g1"), both); });
  EXPECT_EQ(held("a"), (Holding{both[0], grant("g1")}));
  EXPECT_EQ(held("r"), (Holding{both[1], grant("g1")}));
  EXPECT_EQ(read([&](Tx& tx) { return tx.live_tokens(kRealm, GrantId("g1"), 9); }),
            (std::vector{both[0], both[1]}));
  EXPECT_EQ(spend("r"), Spend::kSpent);
  EXPECT_EQ(held("r")->token.spent, kNoon);
  EXPECT_EQ(held("a")->token, both[0]);
  write([&](Tx& tx) { return tx.end_access_tokens(kRealm, GrantId("g1"), kNoon); });
  EXPECT_EQ(held("a")->token.ended, kNoon);
  EXPECT_EQ(held("r")->token.ended, std::nullopt);
  EXPECT_TRUE(read([&](Tx& tx) { return tx.live_tokens(kRealm, GrantId("g1"), 9); }).empty());
}

TEST_P(FamiliesContract, SpendingMayEndEveryAccessTokenOfTheFamilyAndOfNoOther) {
  const Instant later = kNoon + Seconds(1);
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_grant(grant("g2")));
    TRY(tx.put_tokens_of(grant("g1"), token_set("a1", "r1", "g1")));
    TRY(tx.put_token(token("a2", "g1", TokenKind::kAccess)));
    TRY(tx.put_token(token("a3", "g1", TokenKind::kAccess)));
    return tx.put_tokens_of(grant("g2"), token_set("other", "r2", "g2"));
  });
  const auto spend_all = [&](const Realm& realm, Instant now) {
    return write([&](Tx& tx) { return tx.spend_ending_access(realm, hash_of("r1"), now); });
  };
  EXPECT_EQ(spend_all(kOther, kNoon), Spend::kUnknown);
  EXPECT_EQ(held("a1")->token.ended, std::nullopt);
  EXPECT_EQ(spend_all(kRealm, kNoon), Spend::kSpent);
  write([&](Tx& tx) { return tx.put_token(token("a4", "g1", TokenKind::kAccess)); });
  EXPECT_EQ(spend_all(kRealm, later), Spend::kAlreadySpent);
  for (const char* ended : {"a1", "a2", "a3"}) EXPECT_EQ(held(ended)->token.ended, kNoon) << ended;
  for (const char* spared : {"a4", "other", "r2"})
    EXPECT_EQ(held(spared)->token.ended, std::nullopt) << spared;
}

TEST_P(FamiliesContract, AGrantKeepsEveryField) {
  Grant odd = grant("g2");
  odd.operator_id = 1LL << 40;
  odd.revoked = kNoon;
  odd.revoked_why = "reuse";
  odd.session.clear();
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_grant(odd));
    return tx.put_token(token("t", "g2"));
  });
  EXPECT_EQ(held("t")->grant, odd);
}

TEST_P(FamiliesContract, ATokenIsNotSeenFromAnotherRealm) {
  write([&](Tx& tx) { return tx.put_token(token("t", "g1")); });
  EXPECT_EQ(held("t", kOther), std::nullopt);
  EXPECT_EQ(held("unknown"), std::nullopt);
  EXPECT_EQ(read([&](Tx& tx) { return tx.holding(kRealm, {}); }), std::nullopt);
}

TEST_P(FamiliesContract, ATakenHashATakenFamilyAndAnOrphanAreConflicts) {
  Grant elsewhere = grant("g1");
  elsewhere.realm = kOther;
  write([&](Tx& tx) { return tx.put_token(token("t", "g1")); });
  const auto putting_token = [&](const Token& row) {
    return why(store().transact([&](Tx& tx) { return tx.put_token(row); }));
  };
  write([&](Tx& tx) { return tx.put_token(token("a", "g1", TokenKind::kAccess)); });
  EXPECT_EQ(putting_token(token("t", "g1")), Why::kConflict);
  EXPECT_EQ(putting_token(token("a", "g1", TokenKind::kAccess)), Why::kConflict);
  EXPECT_EQ(putting_token(token("u", "g9")), Why::kConflict);
  EXPECT_EQ(why(store().transact([&](Tx& tx) { return tx.put_grant(elsewhere); })), Why::kConflict);
  EXPECT_EQ(held("t")->token, token("t", "g1"));
  EXPECT_EQ(held("u"), std::nullopt);
}

TEST_P(FamiliesContract, ARefreshTokenIsSpentOnce) {
  write([&](Tx& tx) { return tx.put_token(token("t", "g1")); });
  EXPECT_EQ(spend("t"), Spend::kSpent);
  EXPECT_EQ(spend("t", kRealm, kNoon + Seconds(5)), Spend::kAlreadySpent);
  EXPECT_EQ(held("t")->token.spent, kNoon);
}

TEST_P(FamiliesContract, WhatWasEndedOrRevokedCannotBeSpent) {
  Token ended = token("e", "g1");
  ended.ended = kNoon;
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_token(ended));
    TRY(tx.put_token(token("r", "g1")));
    return tx.put_token(token("s", "g1"));
  });
  EXPECT_EQ(spend("e"), Spend::kUnknown);
  EXPECT_EQ(spend("s"), Spend::kSpent);
  write([&](Tx& tx) { return tx.revoke_grant(kRealm, GrantId("g1"), "lost", kNoon); });
  EXPECT_EQ(spend("r"), Spend::kUnknown);
  EXPECT_EQ(spend("s"), Spend::kAlreadySpent);
  EXPECT_EQ(held("r")->token.spent, std::nullopt);
}

// A store may remember where it wrote the first one; the second may stand there now.
TEST_P(FamiliesContract, ATokenThatWasUndoneIsNotSpentInPlaceOfTheNextOne) {
  EXPECT_FALSE(store().transact([&](Tx& tx) -> Result<> {
    TRY(tx.put_token(token("gone", "g1", TokenKind::kRefresh)));
    return fail(Why::kTooMany);
  }));
  write([&](Tx& tx) { return tx.put_token(token("next", "g1", TokenKind::kRefresh)); });
  EXPECT_EQ(spend("gone"), Spend::kUnknown);
  EXPECT_EQ(spend("next"), Spend::kSpent);
}

TEST_P(FamiliesContract, OnlyARefreshTokenOfTheRealmCanBeSpent) {
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_token(token("t", "g1")));
    return tx.put_token(token("a", "g1", TokenKind::kAccess));
  });
  EXPECT_EQ(spend("a"), Spend::kUnknown);
  EXPECT_EQ(spend("t", kOther), Spend::kUnknown);
  EXPECT_EQ(spend("unknown"), Spend::kUnknown);
  EXPECT_EQ(held("t")->token.spent, std::nullopt);
  EXPECT_EQ(held("a")->token.spent, std::nullopt);
}

TEST_P(FamiliesContract, RevokingOneFamilyHappensOnceAndInItsRealm) {
  const auto revoke = [&](const Realm& realm, const char* id) {
    return write([&](Tx& tx) { return tx.revoke_grant(realm, GrantId(id), "logout", kNoon); });
  };
  write([&](Tx& tx) { return tx.put_token(token("t", "g1")); });
  EXPECT_FALSE(revoke(kOther, "g1"));
  EXPECT_FALSE(revoke(kRealm, "g9"));
  EXPECT_TRUE(revoke(kRealm, "g1"));
  EXPECT_FALSE(revoke(kRealm, "g1"));
  EXPECT_EQ(held("t")->grant.revoked, kNoon);
  EXPECT_EQ(held("t")->grant.revoked_why, "logout");
}

// b was made from a, c from b; d from a and from e.
class DescentContract : public FamiliesContract {
 protected:
  void SetUp() override {
    write([&](Tx& tx) -> Result<> {
      for (const char* id : {"a", "b", "c", "d", "e", "alone"}) TRY(tx.put_grant(grant(id)));
      for (const auto& [parent, child] :
           {std::pair("a", "b"), {"b", "c"}, {"a", "d"}, {"e", "d"}, {"a", "b"}}) {
        TRY(tx.put_descent({.parent = GrantId(parent), .child = GrantId(child), .until = kNoon}));
      }
      return {};
    });
  }
  std::string living() {
    std::string ids;
    for (const char* id : {"a", "b", "c", "d", "e", "alone"}) ids += revoked(id) ? "" : id;
    return ids;
  }
  bool revoke(const char* id, Instant now = kNoon) {
    return write([&](Tx& tx) { return tx.revoke_grant(kRealm, GrantId(id), "logout", now); });
  }
};
RUN_ON_EVERY_STORE(DescentContract);

TEST_P(DescentContract, TheEndOfAFamilyIsTheEndOfAllThatDescendFromIt) {
  EXPECT_TRUE(revoke("a"));
  EXPECT_EQ(living(), "ealone");
  for (const auto& row : read([&](Tx& tx) { return tx.grants({.only_live = false}, 100); })) {
    if (row.revoked) EXPECT_EQ(row.revoked_why, "logout") << row.id.text;
  }
}

TEST_P(DescentContract, AnEndGoesDownAndNeverUp) {
  EXPECT_TRUE(revoke("b"));
  EXPECT_EQ(living(), "adealone");
  EXPECT_TRUE(revoke("e"));
  EXPECT_EQ(living(), "aalone");
  EXPECT_TRUE(revoke("a", kNoon + Seconds(1)));
  EXPECT_EQ(read([&](Tx& tx) { return tx.grants({.only_live = false}, 100); }).back().revoked,
            kNoon + Seconds(1))
      << "a, which was put first";
  EXPECT_FALSE(revoke("c")) << "it ended with b";
}

TEST_P(DescentContract, AFilterEndsWhatDescendsFromWhatItNames) {
  Grant bobs = grant("bobs"), anns = grant("anns");
  bobs.subject = SubjectId("bob");
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_grant(bobs));
    TRY(tx.put_grant(anns));
    return tx.put_descent({.parent = bobs.id, .child = anns.id, .until = kNoon});
  });
  const auto revoke_bobs = [&] {
    return write([&](Tx& tx) {
      return tx.revoke_grants({.realm = kRealm, .subject = SubjectId("bob")}, "left", kNoon);
    });
  };
  EXPECT_EQ(revoke_bobs(), 2);
  EXPECT_TRUE(revoked("anns"));
  EXPECT_EQ(living(), "abcdealone");
  EXPECT_EQ(revoke_bobs(), 0);
  EXPECT_EQ(write([&](Tx& tx) { return tx.revoke_grants({}, "all", kNoon); }), 6);
}

TEST_P(FamiliesContract, EndingASubjectsRefreshTokensSparesAllOthers) {
  Grant bobs = grant("bob"), elsewhere = grant("elsewhere");
  bobs.subject = SubjectId("bob");
  elsewhere.realm = kOther;
  write([&](Tx& tx) -> Result<> {
    for (const auto& row : {grant("g2"), bobs, elsewhere}) TRY(tx.put_grant(row));
    for (const auto& row : {token("r1", "g1"), token("r2", "g2"), token("spent", "g1"),
                            token("a", "g1", TokenKind::kAccess), token("bob", "bob"),
                            token("elsewhere", "elsewhere")}) {
      TRY(tx.put_token(row));
    }
    TRY(tx.spend(kRealm, hash_of("spent"), kNoon));
    return {};
  });
  const auto end = [&](Instant now) {
    return write([&](Tx& tx) { return tx.end_refresh_tokens(kRealm, SubjectId("ann"), now); });
  };
  EXPECT_EQ(end(kNoon), 2);
  EXPECT_EQ(end(kNoon + Seconds(1)), 0);
  EXPECT_EQ(held("r1")->token.ended, kNoon);
  EXPECT_EQ(held("r2")->token.ended, kNoon);
  for (const char* spared : {"spent", "a", "bob"}) {
    EXPECT_EQ(held(spared)->token.ended, std::nullopt) << spared;
  }
  EXPECT_EQ(held("elsewhere", kOther)->token.ended, std::nullopt);
  EXPECT_FALSE(revoked("g1"));
}

TEST_P(FamiliesContract, EndingAFamilysAccessTokensSparesAllOthers) {
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_grant(grant("g2")));
    for (const auto& row :
         {token("a1", "g1", TokenKind::kAccess), token("a2", "g1", TokenKind::kAccess),
          token("r", "g1"), token("other", "g2", TokenKind::kAccess)}) {
      TRY(tx.put_token(row));
    }
    return {};
  });
  const auto end = [&](const Realm& realm, const char* id, Instant now) {
    return write([&](Tx& tx) { return tx.end_access_tokens(realm, GrantId(id), now); });
  };
  EXPECT_EQ(end(kOther, "g1", kNoon), 0);
  EXPECT_EQ(end(kRealm, "nobody", kNoon), 0);
  EXPECT_EQ(end(kRealm, "g1", kNoon), 2);
  write([&](Tx& tx) { return tx.put_token(token("a3", "g1", TokenKind::kAccess)); });
  EXPECT_EQ(end(kRealm, "g1", kNoon + Seconds(1)), 1);
  EXPECT_EQ(held("a1")->token.ended, kNoon);
  EXPECT_EQ(held("a2")->token.ended, kNoon);
  EXPECT_EQ(held("a3")->token.ended, kNoon + Seconds(1));
  for (const char* spared : {"r", "other"}) {
    EXPECT_EQ(held(spared)->token.ended, std::nullopt) << spared;
  }
  EXPECT_FALSE(revoked("g1"));
}

TEST_P(FamiliesContract, ASpentTokenHasOneAnswerUntilItIsDropped) {
  const KeptAnswer kept{hash_of("t"), Bytes{1, 2, 3}, kNoon};
  const auto found = [&](const Realm& realm) {
    return read([&](Tx& tx) { return tx.answer(realm, kept.spent); });
  };
  write([&](Tx& tx) { return tx.put_answer(kRealm, kept); });
  EXPECT_EQ(found(kRealm), kept);
  EXPECT_EQ(found(kOther), std::nullopt);
  const KeptAnswer second{kept.spent, Bytes{4}, kNoon + Seconds(1)};
  EXPECT_EQ(why(store().transact([&](Tx& tx) { return tx.put_answer(kRealm, second); })),
            Why::kConflict);
  EXPECT_EQ(found(kRealm), kept);
  write([&](Tx& tx) { return tx.drop_answer(kOther, kept.spent); });
  EXPECT_EQ(found(kRealm), kept);
  write([&](Tx& tx) { return tx.drop_answer(kRealm, kept.spent); });
  EXPECT_EQ(found(kRealm), std::nullopt);
  write([&](Tx& tx) { return tx.drop_answer(kRealm, kept.spent); });
}

}  // namespace latchkey::store_contract
