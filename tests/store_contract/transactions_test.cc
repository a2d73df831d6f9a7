#include <atomic>
#include <future>
#include <thread>

#include "kinds.h"

// What a transaction is: all or nothing, one at a time, never in a reader's way.

namespace latchkey::store_contract {

using namespace engine;

class TransactionContract : public StoreContract {
 protected:
  static constexpr int kThreads = 8;
  static constexpr Seconds kLong{20};  // a healthy machine needs milliseconds

  /// Runs `work(i)` on eight threads that start together.
  template <class Work>
  static void together(Work work) {
    std::atomic<bool> go = false;
    std::vector<std::future<void>> all;
    for (int i = 0; i < kThreads; ++i) {
      all.push_back(std::async(std::launch::async, [&, i] {
        go.wait(false);
        work(i);
      }));
    }
    go = true;
    go.notify_all();
    for (auto& each : all) each.get();
  }
};
RUN_ON_EVERY_STORE(TransactionContract);

TEST_P(TransactionContract, TheDirectorysVersionIsTheSameOnlyWhileItIs) {
  using Version = std::optional<std::uint64_t>;
  const auto version = [&] {
    return read([](Tx& tx) -> Result<Version> { return tx.directory_version(); });
  };
  const Version first = version();
  if (!first) return;  // a store may always say that it cannot tell
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_grant(grant("g")));
    TRY(tx.put_token(token("t", "g")));
    TRY(tx.spend(kRealm, hash_of("t"), kNoon));
    TRY(tx.revoke_grant(kRealm, GrantId("g"), "reuse", kNoon));
    EXPECT_EQ(tx.directory_version(), first);
    return {};
  });
  EXPECT_EQ(version(), first);
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_subject(subject("ann")));
    EXPECT_NE(tx.directory_version(), first);
    return {};
  });
  EXPECT_NE(version(), first);
}

TEST_P(TransactionContract, AFailedTransactionLeavesNothing) {
  const auto undone = store().transact([&](Tx& tx) -> Result<> {
    TRY(tx.put_client(client("app")));
    TRY(tx.put_subject(subject("ann")));
    TRY(tx.add_organization(kRealm, SubjectId("ann"), "shop"));
    TRY(tx.add_operator(kRealm, 1, "Minh"));
    TRY(tx.put_grant(grant("g")));
    TRY(tx.put_token(token("t", "g")));
    TRY(tx.put_code({.realm = kRealm, .hash = hash_of("c")}));
    TRY(tx.put_challenge({.realm = kRealm, .id = "ch"}));
    TRY(tx.add_delivery({.realm = kRealm}));
    TRY(tx.put_session({.realm = kRealm, .hash = hash_of("s")}));
    TRY(tx.add_note(kRealm, SubjectId("ann"), "orders", "one", kNoon));
    TRY(tx.count(kRealm, "otp", kNoon, Seconds(60)));
    TRY(tx.raise_mark(kRealm, "step", 4));
    TRY(tx.put_key({.realm = kRealm, .kid = "k"}));
    return Result<>(fail(Why::kDeclined, "changed my mind"));
  });
  EXPECT_EQ(undone, Result<>(fail(Why::kDeclined, "changed my mind")));
  read([&](Tx& tx) -> Result<> {
    EXPECT_TRUE(must(tx.clients(kRealm)).empty());
    EXPECT_TRUE(must(tx.subjects(kRealm)).empty());
    EXPECT_TRUE(must(tx.organizations(kRealm, SubjectId("ann"))).empty());
    EXPECT_TRUE(must(tx.operators(kRealm, 1)).empty());
    EXPECT_TRUE(must(tx.grants({.only_live = false}, 9)).empty());
    EXPECT_FALSE(must(tx.holding(kRealm, hash_of("t"))));
    EXPECT_FALSE(must(tx.code(kRealm, hash_of("c"))));
    EXPECT_FALSE(must(tx.challenge(kRealm, "ch")));
    EXPECT_TRUE(must(tx.deliveries(kRealm, 9)).empty());
    EXPECT_FALSE(must(tx.session(kRealm, hash_of("s"))));
    EXPECT_TRUE(must(tx.notes(kRealm, SubjectId("ann"), "orders", 9)).empty());
    EXPECT_TRUE(must(tx.keys(kRealm)).empty());
    return {};
  });
  EXPECT_EQ(write([&](Tx& tx) { return tx.count(kRealm, "otp", kNoon, Seconds(60)); }), 1);
  EXPECT_TRUE(write([&](Tx& tx) { return tx.raise_mark(kRealm, "step", 1); }));
}

TEST_P(TransactionContract, AnExceptionUndoesTheTransactionAndReachesItsCaller) {
  EXPECT_THROW((void)store().transact([&](Tx& tx) -> Result<> {
    TRY(tx.put_client(client("app")));
    throw std::runtime_error("a defect");
  }),
               std::runtime_error);
  EXPECT_THROW((void)store().read([&](Tx&) -> Result<> { throw std::runtime_error("a defect"); }),
               std::runtime_error);
  EXPECT_TRUE(read([&](Tx& tx) { return tx.clients(kRealm); }).empty());
  write([&](Tx& tx) { return tx.put_client(client("app")); });
}

TEST_P(TransactionContract, ATransactionSeesItsOwnRows) {
  const auto spent = write([&](Tx& tx) -> Result<Spend> {
    TRY(tx.put_grant(grant("g")));
    TRY(tx.put_token(token("t", "g")));
    EXPECT_TRUE(must(tx.holding(kRealm, hash_of("t"))));
    TRY(tx.spend(kRealm, hash_of("t"), kNoon));
    return tx.spend(kRealm, hash_of("t"), kNoon);
  });
  EXPECT_EQ(spent, Spend::kAlreadySpent);
}

TEST_P(TransactionContract, ATokenThatWasUndoneCannotBeSpent) {
  write([&](Tx& tx) { return tx.put_grant(grant("g")); });
  const auto undone = store().transact([&](Tx& tx) -> Result<> {
    TRY(tx.put_token(token("t", "g")));
    return fail(Why::kDeclined);
  });
  EXPECT_EQ(why(undone), Why::kDeclined);
  const auto spend = [](Tx& tx) { return tx.spend(kRealm, hash_of("t"), kNoon); };
  EXPECT_EQ(write(spend), Spend::kUnknown);
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_grant(grant("h")));
    return tx.put_token(token("t", "h"));
  });
  EXPECT_EQ(write(spend), Spend::kSpent);
}

TEST_P(TransactionContract, AConflictCanBeSurvivedInsideOneTransaction) {
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_grant(grant("g")));
    EXPECT_EQ(why(tx.put_grant(grant("g"))), Why::kConflict);
    return tx.put_token(token("t", "g"));
  });
  EXPECT_TRUE(read([&](Tx& tx) { return tx.holding(kRealm, hash_of("t")); }));
}

TEST_P(TransactionContract, AReadCannotWrite) {
  EXPECT_EQ(why(store().read([&](Tx& tx) { return tx.put_client(client("app")); })), Why::kBug);
  EXPECT_EQ(why(store().read([&](Tx& tx) { return tx.sweep(kEndOfTime, 1); })), Why::kBug);
  EXPECT_EQ(why(store().read([&](Tx& tx) { return tx.count(kRealm, "c", kNoon, Seconds(1)); })),
            Why::kBug);
  EXPECT_TRUE(read([&](Tx& tx) { return tx.clients(kRealm); }).empty());
}

TEST_P(TransactionContract, EachTokenIsSpentByExactlyOneOfEightThreads) {
  constexpr int kTokens = 25;
  const auto seed = [](int i) { return "token " + std::to_string(i); };
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_grant(grant("g")));
    for (int i = 0; i < kTokens; ++i) TRY(tx.put_token(token(seed(i), "g")));
    return {};
  });
  std::atomic<int> spent = 0, replayed = 0;
  together([&](int) {
    for (int i = 0; i < kTokens; ++i) {
      switch (write([&](Tx& tx) { return tx.spend(kRealm, hash_of(seed(i)), kNoon); })) {
        case Spend::kSpent: ++spent; break;
        case Spend::kAlreadySpent: ++replayed; break;
        case Spend::kUnknown: break;
      }
    }
  });
  EXPECT_EQ(spent, kTokens);
  EXPECT_EQ(replayed, kTokens * (kThreads - 1));
}

TEST_P(TransactionContract, ManyThreadsCountWithoutLosingOneAndFailuresStayAlone) {
  constexpr int kRounds = 20;
  together([&](int thread) {
    for (int i = 0; i < kRounds; ++i) {
      const auto counted = store().transact([&](Tx& tx) -> Result<int> {
        const int count = TRY(tx.count(kRealm, "hits", kNoon, Seconds(60)));
        if (thread % 2 == 1) return fail(Why::kDeclined);  // undone, the neighbours' are not
        return count;
      });
      EXPECT_EQ(counted.has_value(), thread % 2 == 0);
    }
  });
  EXPECT_EQ(write([&](Tx& tx) { return tx.count(kRealm, "hits", kNoon, Seconds(60)); }),
            kThreads / 2 * kRounds + 1);
}

TEST_P(TransactionContract, AReaderIsNotKeptWaitingByAnOpenTransaction) {
  write([&](Tx& tx) { return tx.put_client(client("before")); });
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_client(client("during")));
    auto seen = std::async(std::launch::async, [&] {
      return read([&](Tx& snapshot) { return snapshot.clients(kRealm); });
    });
    EXPECT_EQ(seen.wait_for(kLong), std::future_status::ready);
    EXPECT_EQ(seen.get(), std::vector{client("before")});
    return {};
  });
  EXPECT_EQ(read([&](Tx& tx) { return tx.clients(kRealm); }).size(), 2u);
}

TEST_P(TransactionContract, WhoDoesNotWaitHearsWhenItIsCommitted) {
  std::promise<std::vector<Result<>>> heard;
  store().transact_later({[](Tx& tx) { return tx.put_client(client("app")); }},
                         [&](std::vector<Result<>> done) { heard.set_value(std::move(done)); });
  auto done = heard.get_future();
  ASSERT_EQ(done.wait_for(kLong), std::future_status::ready);
  EXPECT_TRUE(done.get().at(0));
  EXPECT_EQ(read([&](Tx& tx) { return tx.clients(kRealm); }).size(), 1u);
}

TEST_P(TransactionContract, WhoBringsManyHearsOnceHowEachEnded) {
  constexpr int kWorks = 300;
  std::vector<engine::Store::Work> works;
  for (int i = 0; i < kWorks; ++i)
    works.emplace_back([i](Tx& tx) -> Result<> {
      TRY(tx.put_client(client(std::to_string(i).c_str())));
      if (i % 3 == 0) return fail(Why::kDeclined);
      return {};
    });
  std::promise<std::vector<Result<>>> heard;
  store().transact_later(std::move(works),
                         [&](std::vector<Result<>> done) { heard.set_value(std::move(done)); });
  const auto ended = heard.get_future().get();
  ASSERT_EQ(ended.size(), std::size_t{kWorks});
  for (int i = 0; i < kWorks; ++i) EXPECT_EQ(ended[i].has_value(), i % 3 != 0) << i;
  EXPECT_EQ(read([&](Tx& tx) { return tx.clients(kRealm); }).size(), std::size_t{kWorks} / 3 * 2);
}

TEST_P(TransactionContract, WhoDoesNotWaitHearsWhyItWasUndone) {
  std::promise<std::vector<Result<>>> heard;
  store().transact_later({[](Tx& tx) -> Result<> {
                           TRY(tx.put_client(client("app")));
                           return fail(Why::kDeclined);
                         }},
                         [&](std::vector<Result<>> done) { heard.set_value(std::move(done)); });
  EXPECT_EQ(why(heard.get_future().get().at(0)), Why::kDeclined);
  EXPECT_TRUE(read([&](Tx& tx) { return tx.clients(kRealm); }).empty());
}

TEST_P(TransactionContract, WhoFailsAmongManyTakesNobodyAlong) {
  constexpr int kRounds = 30;
  const auto name = [](int thread, int round) {
    return std::to_string(thread) + "-" + std::to_string(round);
  };
  together([&](int thread) {
    for (int round = 0; round < kRounds; ++round) {
      const auto done = store().transact([&](Tx& tx) -> Result<> {
        TRY(tx.put_client(client(name(thread, round).c_str())));
        if (round % 3 == thread % 3) return fail(Why::kDeclined);
        return {};
      });
      EXPECT_EQ(done.has_value(), round % 3 != thread % 3);
    }
  });
  EXPECT_EQ(read([&](Tx& tx) { return tx.clients(kRealm); }).size(),
            std::size_t{kThreads} * kRounds * 2 / 3);
}

TEST_P(TransactionContract, WhatAReaderKnowsEndsWithTheCommitThatChangesIt) {  // invariant I5
  constexpr int kRounds = 200;
  write([&](Tx& tx) { return tx.put_subject(subject("ann")); });
  for (int i = 0; i < kRounds; ++i) {
    const std::string id = "g" + std::to_string(i);
    write([&](Tx& tx) -> Result<> {
      TRY(tx.put_grant(grant(id.c_str())));
      return tx.put_token(token(id, id.c_str(), TokenKind::kAccess));
    });
    const auto held = [&] {
      return *read([&](Tx& tx) { return tx.holding(kRealm, hash_of(id)); });
    };
    EXPECT_FALSE(held().grant.revoked);
    if (i % 2 == 0) {
      write([&](Tx& tx) { return tx.revoke_grant(kRealm, GrantId(id), "test", kNoon); });
      EXPECT_TRUE(held().grant.revoked);
    } else {
      write([&](Tx& tx) { return tx.end_access_tokens(kRealm, GrantId(id), kNoon); });
      EXPECT_TRUE(held().token.ended);
    }
    auto changed = *read([&](Tx& tx) { return tx.subject(kRealm, SubjectId("ann")); });
    changed.name = id;
    write([&](Tx& tx) { return tx.put_subject(changed); });
    EXPECT_EQ(read([&](Tx& tx) { return tx.subject(kRealm, SubjectId("ann")); })->name, id);
  }
}

TEST_P(TransactionContract, NobodySeesATokenAliveAfterItsRevocationWasAcknowledged) {
  constexpr int kRounds = 40;  // invariant I5, checklist 23
  std::atomic<int> newest = -1, revoked = -1;
  std::atomic<bool> over = false;
  const auto id = [](int i) { return "g" + std::to_string(i); };
  std::vector<std::future<void>> readers;
  for (int i = 0; i < 4; ++i) {
    readers.push_back(std::async(std::launch::async, [&] {
      while (!over) {
        const int dead = revoked, last = newest;
        for (int one = std::max(0, dead); one <= last; ++one) {
          const auto held = read([&](Tx& tx) { return tx.holding(kRealm, hash_of(id(one))); });
          if (one <= dead) EXPECT_TRUE(held->grant.revoked) << one;
        }
      }
    }));
  }
  for (int i = 0; i < kRounds; ++i) {
    write([&](Tx& tx) -> Result<> {
      TRY(tx.put_grant(grant(id(i).c_str())));
      return tx.put_token(token(id(i), id(i).c_str(), TokenKind::kAccess));
    });
    newest = i;
    write([&](Tx& tx) { return tx.revoke_grant(kRealm, GrantId(id(i)), "test", kNoon); });
    revoked = i;
  }
  over = true;
  for (auto& each : readers) each.get();
}

TEST_P(TransactionContract, AReaderKeepsItsSnapshotWhileOthersCommit) {
  read([&](Tx& snapshot) -> Result<> {
    EXPECT_TRUE(must(snapshot.clients(kRealm)).empty());
    auto written = std::async(std::launch::async,
                              [&] { write([&](Tx& tx) { return tx.put_client(client("app")); }); });
    EXPECT_EQ(written.wait_for(kLong), std::future_status::ready);
    EXPECT_TRUE(must(snapshot.clients(kRealm)).empty());
    return {};
  });
  EXPECT_EQ(read([&](Tx& tx) { return tx.clients(kRealm); }).size(), 1u);
}

}  // namespace latchkey::store_contract
