#include <algorithm>

#include "kinds.h"

// What revocation, suspension and key rotation ask of a store.

namespace latchkey::store_contract {

using namespace engine;

namespace {

class GuardsContract : public StoreContract {
 protected:
  void put(const Grant& row) {
    write([&](Tx& tx) { return tx.put_grant(row); });
  }
  void put(const Token& row) {
    write([&](Tx& tx) { return tx.put_token(row); });
  }
  int counted(std::string_view name, Instant now, const Realm& realm = kRealm) {
    return read([&](Tx& tx) { return tx.counted(realm, name, now); });
  }
  std::vector<Hash> live(const Realm& realm, std::string_view id, int most = 100) {
    const auto rows = read([&](Tx& tx) { return tx.live_tokens(realm, GrantId(id), most); });
    std::vector<Hash> hashes;
    for (const Token& row : rows) hashes.push_back(row.hash);
    std::ranges::sort(hashes);
    return hashes;
  }
  static std::vector<Hash> sorted(std::vector<Hash> hashes) {
    std::ranges::sort(hashes);
    return hashes;
  }
};

}  // namespace

TEST_P(GuardsContract, AFamilyKnowsWhenItWasLastUsed) {
  const auto used = [&] {
    return read([&](Tx& tx) { return tx.grants({.realm = kRealm}, 1); }).at(0).used;
  };
  put(grant("g"));
  EXPECT_EQ(used(), kNoon);
  Token later = token("later", "g");
  later.issued = kNoon + Seconds(60);
  put(later);
  EXPECT_EQ(used(), kNoon + Seconds(60));
  put(token("of an older clock", "g"));
  EXPECT_EQ(used(), kNoon + Seconds(60));
}

TEST_P(GuardsContract, LiveTokensAreThoseNeitherSpentNorEnded) {
  put(grant("g"));
  put(grant("other"));
  put(token("spent", "g"));
  put(token("old access", "g", TokenKind::kAccess));
  write([&](Tx& tx) { return tx.spend(kRealm, hash_of("spent"), kNoon); });
  write([&](Tx& tx) { return tx.end_access_tokens(kRealm, GrantId("g"), kNoon); });
  put(token("refresh", "g"));
  put(token("access", "g", TokenKind::kAccess));
  put(token("else", "other"));
  EXPECT_EQ(live(kRealm, "g"), sorted({hash_of("refresh"), hash_of("access")}));
  EXPECT_EQ(live(kRealm, "g", 1).size(), 1u);
  EXPECT_EQ(live(kOther, "g").size(), 0u);
  EXPECT_EQ(live(kRealm, "nobody").size(), 0u);
}

TEST_P(GuardsContract, ACounterCanBeReadWithoutCounting) {
  EXPECT_EQ(counted("a", kNoon), 0);
  write([&](Tx& tx) { return tx.count(kRealm, "a", kNoon, Seconds(60)); });
  write([&](Tx& tx) { return tx.count(kRealm, "a", kNoon, Seconds(60)); });
  EXPECT_EQ(counted("a", kNoon + Seconds(59)), 2);
  EXPECT_EQ(counted("a", kNoon + Seconds(59)), 2);
  EXPECT_EQ(counted("a", kNoon + Seconds(60)), 0);
  EXPECT_EQ(counted("a", kNoon, kOther), 0);
}

TEST_P(GuardsContract, AMarkCanBeRead) {
  const auto mark = [&](const Realm& realm) {
    return read([&](Tx& tx) { return tx.mark(realm, "epoch"); });
  };
  EXPECT_EQ(mark(kRealm), std::nullopt);
  write([&](Tx& tx) { return tx.raise_mark(kRealm, "epoch", 7); });
  write([&](Tx& tx) { return tx.raise_mark(kRealm, "epoch", 3); });
  EXPECT_EQ(mark(kRealm), 7);
  EXPECT_EQ(mark(kOther), std::nullopt);
}

TEST_P(GuardsContract, WhatIsPendingCanBeDroppedOfOneRealmOrOfAll) {
  const auto fill = [&](const Realm& realm) {
    write([&](Tx& tx) -> Result<> {
      TRY(tx.put_session({.realm = realm, .hash = hash_of("s"), .until = kNoon}));
      TRY(tx.put_challenge({.realm = realm, .id = "c", .until = kNoon}));
      TRY(tx.put_answer(realm, {.spent = hash_of("a"), .tokens = {1}, .until = kNoon}));
      TRY(tx.put_code({.realm = realm, .hash = hash_of("open"), .until = kNoon}));
      TRY(tx.put_code({.realm = realm, .hash = hash_of("used"), .until = kNoon, .spent = kNoon}));
      return {};
    });
  };
  const auto left = [&](const Realm& realm) {
    return read([&](Tx& tx) -> Result<int> {
      const auto session = TRY(tx.session(realm, hash_of("s")));
      const auto challenge = TRY(tx.challenge(realm, "c"));
      const auto kept = TRY(tx.answer(realm, hash_of("a")));
      const auto open = TRY(tx.code(realm, hash_of("open")));
      const auto used = TRY(tx.code(realm, hash_of("used")));
      EXPECT_TRUE(used) << "a spent code stays, so that its second use is known";
      return int(session.has_value()) + challenge.has_value() + kept.has_value() + open.has_value();
    });
  };
  fill(kRealm);
  fill(kOther);
  write([&](Tx& tx) { return tx.drop_pending(kRealm); });
  EXPECT_EQ(left(kRealm), 0);
  EXPECT_EQ(left(kOther), 4);
  write([&](Tx& tx) { return tx.drop_pending(Realm{}); });
  EXPECT_EQ(left(kOther), 0);
}

TEST_P(GuardsContract, AKeyIsRetiredAndSweptWhenNobodyNeedsIt) {
  StoredKey key{.realm = kRealm, .kid = "k", .alg = "ES256", .key = {1}, .created = kNoon};
  write([&](Tx& tx) { return tx.put_key(key); });
  key.use_from = kNoon + Seconds(60);
  key.retired = kNoon + Seconds(120);
  key.until = kNoon + Seconds(180);
  write([&](Tx& tx) -> Result<> {
    TRY(tx.change_key(key));
    StoredKey none = key;
    none.kid = "none";
    return tx.change_key(none);
  });
  const auto keys = [&] { return read([&](Tx& tx) { return tx.keys(kRealm); }); };
  EXPECT_EQ(keys(), std::vector{key});
  write([&](Tx& tx) { return tx.sweep(key.until, 100); });
  EXPECT_EQ(keys(), std::vector{key});
  write([&](Tx& tx) { return tx.sweep(key.until + Seconds(1), 100); });
  EXPECT_TRUE(keys().empty());
}

TEST_P(GuardsContract, AClientKeepsWhyItIsDisabled) {
  Client row = client("app");
  row.disabled = true;
  row.disabled_why = "flood";
  write([&](Tx& tx) { return tx.put_client(row); });
  EXPECT_EQ(read([&](Tx& tx) { return tx.client(kRealm, row.id); })->disabled_why, "flood");
}

RUN_ON_EVERY_STORE(GuardsContract);

}  // namespace latchkey::store_contract
