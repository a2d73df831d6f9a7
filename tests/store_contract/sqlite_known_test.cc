#include "contract.h"
#include "store/sqlite/sqlite_store.h"

#include <future>

// What a store knows without looking is what its file says: held against a second store on the
// same file, which has to look.

namespace latchkey::store_contract {
namespace {

using namespace engine;
using store::SqliteStore;
using Step = Store::Work;

/// A refresh: a token is spent, and the family gets two.
Step refresh(const char* spent, const char* access, const char* next) {
  return [=](Tx& tx) -> Result<> {
    const Spend how = TRY(tx.spend_ending_access(kRealm, hash_of(spent), kNoon));
    if (how != Spend::kSpent) return fail(Why::kBug, "", "not spent");
    return tx.put_tokens_of(grant("g"), token_set(access, next, "g"));
  };
}

Step revoke(const char* family) {
  return [=](Tx& tx) -> Result<> {
    TRY(tx.revoke_grant(kRealm, GrantId(family), "test", kNoon));
    return {};
  };
}

Step but_fails(Step step) {
  return [=](Tx& tx) -> Result<> {
    TRY(step(tx));
    return fail(Why::kDeclined);
  };
}

Step both(Step first, Step second) {
  return [=](Tx& tx) -> Result<> {
    TRY(first(tx));
    return second(tx);
  };
}

const Step kLogin = [](Tx& tx) -> Result<> {
  TRY(tx.put_grant(grant("g")));
  return tx.put_tokens_of(grant("g"), token_set("a1", "r1", "g"));
};
const Step kEndRefreshTokens = [](Tx& tx) -> Result<> {
  TRY(tx.end_refresh_tokens(kRealm, grant("g").subject, kNoon));
  return {};
};

struct Case {
  const char* name;
  std::vector<std::vector<Step>> commits;  ///< the works of each are brought in one piece
};

const Case kCases[] = {
    {"login", {{kLogin}}},
    {"refresh", {{kLogin}, {refresh("r1", "a2", "r2")}}},
    {"refreshes_of_one_commit", {{kLogin}, {refresh("r1", "a2", "r2"), refresh("r2", "a3", "r3")}}},
    {"revoked", {{kLogin}, {refresh("r1", "a2", "r2")}, {revoke("g")}}},
    {"revoked_in_its_commit", {{kLogin, revoke("g")}}},
    {"revoked_in_its_transaction", {{both(kLogin, revoke("g"))}}},
    {"refreshed_and_revoked_at_once", {{kLogin}, {refresh("r1", "a2", "r2"), revoke("g")}}},
    {"undone", {{but_fails(kLogin)}}},
    {"undone_among_others", {{kLogin}, {but_fails(refresh("r1", "a2", "r2")), revoke("h")}}},
    {"undone_and_done_again",
     {{kLogin}, {but_fails(refresh("r1", "a2", "r2")), refresh("r1", "a3", "r3")}}},
    {"ended_by_subject", {{kLogin}, {kEndRefreshTokens}}},
    {"ended_by_subject_in_its_commit", {{kLogin, kEndRefreshTokens}}},
    {"a_family_that_was_revoked_before", {{kLogin}, {revoke("g")}, {[](Tx& tx) {
                                            Grant over = grant("g");
                                            over.revoked = kNoon;
                                            return tx.put_tokens_of(over,
                                                                    token_set("a2", "r2", "g"));
                                          }}}},
};

class SqliteKnown : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(After, SqliteKnown, ::testing::ValuesIn(kCases),
                         [](const auto& param) { return std::string(param.param.name); });

TEST_P(SqliteKnown, WhatIsKnownIsWhatTheFileSays) {  // checklist 23, invariant I5
  const TempDir dir;
  const std::string file = dir / "store.db";
  const auto ours = must(SqliteStore::open(file)), another = must(SqliteStore::open(file));
  const auto found_by = [](Store& store, const char* seed) {
    return must(store.read([&](Tx& tx) { return tx.holding(kRealm, hash_of(seed)); }));
  };
  for (const auto& works : GetParam().commits) {
    std::promise<void> ended;
    ours->transact_later(works, [&](auto) { ended.set_value(); });
    ended.get_future().wait();
    for (const char* seed : {"a1", "r1", "a2", "r2", "a3", "r3"})
      EXPECT_EQ(found_by(*ours, seed), found_by(*another, seed)) << seed;
  }
}

}  // namespace
}  // namespace latchkey::store_contract
