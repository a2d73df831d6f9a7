#include "contract.h"
#include "store/sqlite/sqlite_store.h"

// Where a reader found a refresh token, a writer of the same program looks first when it is spent.
// In between, another program with the same file may have changed everything: held against a store
// that never looked, on a file of the same history.

namespace latchkey::store_contract {
namespace {

using namespace engine;
using store::SqliteStore;
using Step = Store::Work;

constexpr Instant kLater = kNoon + Seconds(7200);

/// One token of the family outlives the others.
const Step kLogin = [](Tx& tx) -> Result<> {
  TRY(tx.put_grant(grant("g")));
  Token longest = token("longest", "g", TokenKind::kAccess);
  longest.until = kLater + Seconds(1);
  TRY(tx.put_token(longest));
  return tx.put_tokens_of(grant("g"), token_set("a", "r", "g"));
};
const Step kAnotherAccessToken = [](Tx& tx) {
  return tx.put_token(token("more", "g", TokenKind::kAccess));
};
const Step kSpend = [](Tx& tx) -> Result<> {
  TRY(tx.spend(kRealm, hash_of("r"), kNoon));
  return {};
};
const Step kEnd = [](Tx& tx) -> Result<> {
  TRY(tx.end_refresh_tokens(kRealm, grant("g").subject, kNoon));
  return {};
};
const Step kEndAccess = [](Tx& tx) -> Result<> {
  TRY(tx.end_access_tokens(kRealm, GrantId("g"), kNoon - Seconds(1)));
  return {};
};
const Step kRevoke = [](Tx& tx) -> Result<> {
  TRY(tx.revoke_grant(kRealm, GrantId("g"), "test", kNoon));
  return {};
};
const Step kSweep = [](Tx& tx) -> Result<> {
  TRY(tx.sweep(kLater, 100));
  return {};
};
const Step kWithoutItsAccessToken = [](Tx& tx) -> Result<> {
  std::array<Token, 2> both = token_set("a", "r", "g");
  both[0].until = kNoon - Seconds(1);
  TRY(tx.put_tokens_of(grant("g"), both));
  TRY(tx.sweep(kNoon, 100));
  return {};
};
const Step kOthersInTheSameRow = [](Tx& tx) {
  return tx.put_tokens_of(grant("g"), token_set("b", "s", "g"));
};
const Step kTheSameOfAnotherFamily = [](Tx& tx) -> Result<> {
  TRY(tx.put_grant(grant("h")));
  return tx.put_tokens_of(grant("h"), token_set("a", "r", "h"));
};

struct Case {
  const char* name;
  std::vector<Step> between;
  Spend then;
};

const Case kCases[] = {
    {"nothing", {}, Spend::kSpent},
    {"another_access_token", {kAnotherAccessToken}, Spend::kSpent},
    {"spent", {kSpend}, Spend::kAlreadySpent},
    {"ended", {kEnd}, Spend::kUnknown},
    {"its_access_token_ended", {kEndAccess}, Spend::kSpent},
    {"revoked", {kRevoke}, Spend::kUnknown},
    {"swept", {kSweep}, Spend::kUnknown},
    {"swept_and_its_row_taken", {kSweep, kOthersInTheSameRow}, Spend::kUnknown},
    {"swept_and_put_again_of_another_family", {kSweep, kTheSameOfAnotherFamily}, Spend::kSpent},
    {"swept_and_put_again_without_its_access_token",
     {kSweep, kWithoutItsAccessToken},
     Spend::kSpent},
};

struct Program {
  explicit Program(const TempDir& dir) : file(dir / "store.db") {}

  /// By a program that was just started: of rows that are gone it gives the numbers again.
  void change_by_another(const Step& step) { must(must(SqliteStore::open(file))->transact(step)); }
  Shared<Holding> look_at(const char* seed) {
    return must(store->read([&](Tx& tx) { return tx.holding(kRealm, hash_of(seed)); }));
  }
  Spend spend() {
    return must(store->transact(
        [](Tx& tx) { return tx.spend_ending_access(kRealm, hash_of("r"), kNoon); }));
  }

  const std::string file;
  const std::unique_ptr<SqliteStore> store = must(SqliteStore::open(file));
};

class SqlitePlaces : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(After, SqlitePlaces, ::testing::ValuesIn(kCases),
                         [](const auto& param) { return std::string(param.param.name); });

TEST_P(SqlitePlaces, WhatWasFoundIsSpentAsIfNobodyHadLooked) {  // checklist 23
  const TempDir one, two;
  Program looks(one), does_not(two);
  for (Program* const each : {&looks, &does_not}) each->change_by_another(kLogin);
  ASSERT_TRUE(looks.look_at("r"));
  for (Program* const each : {&looks, &does_not})
    for (const Step& step : GetParam().between) each->change_by_another(step);
  EXPECT_EQ(looks.spend(), GetParam().then);
  EXPECT_EQ(does_not.spend(), GetParam().then);
  for (const char* seed : {"a", "r", "longest", "more", "b", "s"})
    EXPECT_EQ(looks.look_at(seed), does_not.look_at(seed)) << seed;
}

// The family's ends were found too; what came since is not in them.
TEST(SqlitePlace, OfAFamilyThatLivesLongerNowDoesNotShortenIt) {
  const TempDir dir;
  Program ours(dir);
  ours.change_by_another(kLogin);
  ASSERT_TRUE(ours.look_at("r"));
  Token longer = token("longer", "g", TokenKind::kAccess);
  longer.issued = kNoon + Seconds(60);
  longer.until = kLater + Seconds(3600);
  ours.change_by_another([&](Tx& tx) { return tx.put_token(longer); });
  Token next = token("next", "g");
  next.issued = kNoon + Seconds(30);
  next.until = kNoon + Seconds(3600);
  must(ours.store->transact([&](Tx& tx) -> Result<> {
    const Spend spent = TRY(tx.spend(kRealm, hash_of("r"), kNoon));
    EXPECT_EQ(spent, Spend::kSpent);
    return tx.put_token(next);
  }));
  EXPECT_EQ(ours.look_at("next")->grant.used, kNoon + Seconds(60));
  must(ours.store->transact([](Tx& tx) { return tx.sweep(kLater + Seconds(3599), 100); }));
  EXPECT_FALSE(ours.look_at("next"));
  EXPECT_TRUE(ours.look_at("longer")) << "its family was swept before it";
}

}  // namespace
}  // namespace latchkey::store_contract
