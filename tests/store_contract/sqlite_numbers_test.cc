#include "contract.h"
#include "store/sqlite/sqlite_store.h"

// A token whose text says its row's number stands in no index of hashes. What it says is a hint:
// a wrong one finds nothing, and hides nothing.

namespace latchkey::store_contract {
namespace {

using namespace engine;
using store::SqliteStore;

constexpr std::int64_t kWrong = 1'000'000;

Hash said(const char* seed, std::int64_t number) { return Hash(hash_of(seed), number); }

struct SqliteNumbers : ::testing::Test {
  std::unique_ptr<SqliteStore> open() {
    return must(SqliteStore::open((dir_ / "store.db").string()));
  }
  /// As after a restart: nothing is known.
  void open_again() {
    store_.reset();
    store_ = open();
  }
  void SetUp() override {
    must(store_->transact([](Tx& tx) { return tx.put_grant(grant("g")); }));
  }

  /// An access token and its refresh token; 0: it says none.
  Result<> put(SqliteStore& store, const char* access, std::int64_t access_says,
               const char* refresh, std::int64_t refresh_says) {
    auto both = token_set(access, refresh, "g");
    both[0].hash = said(access, access_says);
    both[1].hash = said(refresh, refresh_says);
    return store.transact([&](Tx& tx) { return tx.put_tokens_of(grant("g"), both); });
  }
  /// The token's number as its row has it; nullopt: nobody finds it.
  std::optional<std::int64_t> found(const Hash& hash, SqliteStore* store = nullptr) {
    const auto held = must((store != nullptr ? *store : *store_).read([&](Tx& tx) {
      return tx.holding(kRealm, hash);
    }));
    if (!held) return std::nullopt;
    EXPECT_EQ(held->token.hash, hash);
    return held->token.hash.number();
  }
  Spend spend(const Hash& hash) {
    return must(store_->transact([&](Tx& tx) { return tx.spend(kRealm, hash, kNoon); }));
  }

  TempDir dir_;
  std::unique_ptr<SqliteStore> store_ = open();
};

TEST_F(SqliteNumbers, AreFoundByWhatTheTextSaysAndStandInNoIndex) {
  const std::int64_t number = store_->next_number();
  must(put(*store_, "a", number, "r", number));
  open_again();
  for (const char* seed : {"a", "r"}) {
    EXPECT_EQ(found(hash_of(seed)), std::nullopt) << seed;
    EXPECT_EQ(found(said(seed, kWrong)), std::nullopt) << seed;
    EXPECT_EQ(found(said(seed, number)), number) << seed;
  }
  EXPECT_EQ(found(said("other", number)), std::nullopt) << "the right row of the wrong text";
}

TEST_F(SqliteNumbers, MayBeSaidByOneOfTheTwo) {
  const std::int64_t first = store_->next_number(), second = store_->next_number();
  must(put(*store_, "a1", first, "r1", 0));
  must(put(*store_, "a2", 0, "r2", second));
  open_again();
  EXPECT_EQ(found(said("a1", first)), first);
  EXPECT_EQ(found(hash_of("r1")), 0);
  EXPECT_EQ(found(hash_of("a2")), 0);
  EXPECT_EQ(found(said("r2", second)), second);
}

TEST_F(SqliteNumbers, AreNotTakenByTokensThatSayNone) {
  const std::int64_t under_way = store_->next_number();
  must(put(*store_, "a", 0, "r", 0));
  must(put(*store_, "b", under_way, "s", under_way));
  const std::int64_t next = store_->next_number();
  must(put(*store_, "c", next, "t", next));
  open_again();
  EXPECT_EQ(found(hash_of("r")), 0);
  EXPECT_EQ(found(said("s", under_way)), under_way);
  EXPECT_EQ(found(said("t", next)), next);
}

TEST_F(SqliteNumbers, OfATextThatMeansNoneDoNotHideItsToken) {
  const std::int64_t own = store_->next_number() + 1;
  must(put(*store_, "a", 0, "r", 0));
  const std::int64_t another = store_->next_number();
  must(put(*store_, "b", another, "s", another));
  open_again();
  ASSERT_EQ(found(said("b", another)), another);
  for (const std::int64_t number : {another, own, kWrong}) {
    EXPECT_EQ(found(said("a", number)), 0);
    EXPECT_EQ(found(said("r", number)), 0);
  }
  EXPECT_EQ(spend(said("r", another)), Spend::kSpent);
  EXPECT_EQ(spend(said("r", kWrong)), Spend::kAlreadySpent);
}

TEST_F(SqliteNumbers, ServeASpendThatHasToLook) {
  const std::int64_t number = store_->next_number();
  must(put(*store_, "a", number, "r", number));
  open_again();
  EXPECT_EQ(spend(said("a", number)), Spend::kUnknown);
  EXPECT_EQ(must(store_->transact(
                [&](Tx& tx) { return tx.spend_ending_access(kRealm, said("r", number), kNoon); })),
            Spend::kSpent);
  EXPECT_EQ(spend(said("r", number)), Spend::kAlreadySpent);
  open_again();
  const auto held =
      must(store_->read([&](Tx& tx) { return tx.holding(kRealm, said("a", number)); }));
  EXPECT_EQ(held->token.ended, kNoon);
}

TEST_F(SqliteNumbers, AreOtherOnesEachTimeAlsoAfterARestart) {
  const std::int64_t first = store_->next_number(), second = store_->next_number();
  EXPECT_LT(first, second);
  must(put(*store_, "a", second, "r", second));
  open_again();
  EXPECT_LT(second, store_->next_number());
}

TEST_F(SqliteNumbers, ThatAreTakenCostNoOtherTokenItsOwn) {
  const std::int64_t number = store_->next_number(), under_way = store_->next_number();
  must(put(*store_, "a", number, "r", number));
  must(put(*store_, "b", number, "s", number));
  must(put(*store_, "c", under_way, "t", under_way));
  open_again();
  EXPECT_EQ(found(said("t", under_way)), under_way);
}

TEST_F(SqliteNumbers, ThatAreTakenLeaveTheTokenToTheIndex) {
  const std::int64_t number = store_->next_number();
  must(put(*store_, "a", number, "r", number));
  must(put(*store_, "b", number, "s", number));
  EXPECT_LT(number + 1, store_->next_number()) << "the row that it got instead is taken";
  const auto check = [&](const char* when) {
    EXPECT_EQ(found(said("r", number)), number) << when;
    EXPECT_TRUE(found(said("b", number))) << when;
    EXPECT_TRUE(found(said("s", number))) << when;
  };
  check("known");
  open_again();
  check("looked up");
  EXPECT_EQ(spend(said("s", number)), Spend::kSpent);
  EXPECT_EQ(spend(said("r", number)), Spend::kSpent);
}

TEST_F(SqliteNumbers, DoNotLetATokenStandTwice) {
  const std::int64_t number = store_->next_number();
  must(put(*store_, "a", number, "r", number));
  EXPECT_EQ(why(put(*store_, "a", number, "r", number)), Why::kConflict);
  EXPECT_EQ(why(put(*store_, "a", number, "s", number)), Why::kConflict);
  EXPECT_EQ(why(put(*store_, "b", number, "r", number)), Why::kConflict);
  EXPECT_EQ(found(said("s", number)), std::nullopt);
  EXPECT_EQ(found(said("b", number)), std::nullopt);
  must(put(*store_, "c", 0, "t", 0));
  EXPECT_EQ(why(put(*store_, "c", 0, "u", 0)), Why::kConflict);
  EXPECT_EQ(why(put(*store_, "d", 0, "t", 0)), Why::kConflict);
}

TEST_F(SqliteNumbers, OfTwoProgramsWithOneFileDoNotHideAnything) {
  const auto other = open();
  std::vector<Hash> tokens;
  for (int i = 0; i < 20; ++i) {
    SqliteStore& store = i % 3 == 0 ? *other : *store_;
    const std::int64_t number = store.next_number();
    const std::string access = "a" + std::to_string(i), refresh = "r" + std::to_string(i);
    must(put(store, access.c_str(), number, refresh.c_str(), number));
    tokens.push_back(said(access.c_str(), number));
    tokens.push_back(said(refresh.c_str(), number));
  }
  for (const Hash& hash : tokens) {
    EXPECT_TRUE(found(hash));
    EXPECT_TRUE(found(hash, other.get()));
  }
}

}  // namespace
}  // namespace latchkey::store_contract
