#include <gtest/gtest.h>

#include "engine/admin.h"
#include "engine/local_authority.h"
#include "store/memory/memory_store.h"
#include "store/sqlite/sqlite_store.h"
#include "testing.h"

// What changes between a refresh's look and its transaction (checklist 23).

namespace latchkey::races {
namespace {

using namespace engine;
using namespace std::chrono_literals;

const Realm kRealm{"r"};
const SubjectId kAnn{"ann"};
const SubjectId kBob{"bob"};
constexpr Instant kNoon = from_epoch(1772366400);

/// An authority whose refreshes stop between the two, over a file, or in memory.
class Between : public ::testing::TestWithParam<bool> {
 protected:
  Between() {
    store_ = open();
    const Policy policy{.login = LoginKind::kPassword,
                        .access_form = TokenForm::kOpaque,
                        .refresh_form = TokenForm::kOpaque,
                        .refresh_lifetime = 24h,
                        .rotation = Rotation::kSingleUse,
                        .on_replay = OnReplay::kRevokeFamily,
                        .replay_window = 0s};
    engine_ = std::make_unique<LocalAuthority>(kRealm, policy, *store_, keys_, std::nullopt,
                                               Messages{}, Listener{}, crypto::kCheapest);
    Admin admin = admin_of(*store_);
    must(admin.create_user({.realm = kRealm, .login = kAnn}, Secret("a"), true));
    must(admin.create_user({.realm = kRealm, .login = kBob}, Secret("b"), true));
    first_ = std::get<TokenSet>(must(engine_->perform(Login{.user = {kAnn, Secret("a")}}, kNoon)));
  }
  ~Between() override {
    engine_.reset();
    store_.reset();
  }

  /// Another call is another process to the first, where the store is a file.
  std::unique_ptr<Store> open() const {
    if (!GetParam()) return std::make_unique<store::MemoryStore>();
    return must(store::SqliteStore::open((directory_ / "s.db").string()));
  }
  Admin admin_of(Store& store) const { return Admin(store, keys_, crypto::kCheapest); }

  /// What a refresh comes to when `change` happens in its middle.
  template <class Change>
  Result<Outcome> refresh_around(const Change& change) {
    const Operation asked = Refresh{.refresh_token = first_.refresh_token};
    const auto begun = must(engine_->begin(asked, kNoon));
    change();
    const Result<> done = store_->transact([&](Tx& tx) { return begun->work(tx); });
    if (!done) return fail(done.error());
    return begun->finish();
  }
  template <class Change>
  void expect_refused(Why why, const Change& change) {
    const auto outcome = refresh_around(change);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().why, why);
  }
  void disable(const SubjectId& who) {
    must(admin_of(*store_).set_user_disabled(kRealm, who, true, "gone", kNoon));
  }

  const TempDir directory_;
  const Keys keys_{Secret(std::string(32, 'k'))};
  std::unique_ptr<Store> store_;
  std::unique_ptr<LocalAuthority> engine_;
  TokenSet first_;
};
INSTANTIATE_TEST_SUITE_P(On, Between, ::testing::Bool(), [](const auto& shown) {
  return shown.param ? "SqliteStore" : "MemoryStore";
});

TEST_P(Between, NothingHappensAndItIsGiven) {
  EXPECT_TRUE(refresh_around([] {}));
}

TEST_P(Between, AnAccountThatWasSuspendedGetsNothing) {
  expect_refused(Why::kForbidden, [&] { disable(kAnn); });
}

TEST_P(Between, AnotherAccountsSuspensionHindersNobody) {
  EXPECT_TRUE(refresh_around([&] { disable(kBob); }));
}

TEST_P(Between, AFamilyThatWasRevokedGetsNothing) {
  expect_refused(Why::kRevoked, [&] {
    must(admin_of(*store_).revoke_token(kRealm, first_.refresh_token, "lost", kNoon));
  });
}

TEST_P(Between, AUserWhoWasRevokedGetsNothing) {
  expect_refused(Why::kRevoked,
                 [&] { must(admin_of(*store_).revoke_user(kRealm, kAnn, "lost", kNoon)); });
}

TEST_P(Between, ATokenThatWasSpentIsAReplay) {
  TokenSet second;
  expect_refused(Why::kReplayed, [&] {
    const auto outcome = engine_->perform(Refresh{.refresh_token = first_.refresh_token}, kNoon);
    second = std::get<TokenSet>(must(outcome));
  });
  const auto after = engine_->perform(Refresh{.refresh_token = second.refresh_token}, kNoon);
  ASSERT_FALSE(after);
  EXPECT_EQ(after.error().why, Why::kRevoked);
}

TEST_P(Between, ARefusedRefreshLeavesNothingBehind) {
  expect_refused(Why::kForbidden, [&] { disable(kAnn); });
  must(admin_of(*store_).set_user_disabled(kRealm, kAnn, false, "", kNoon));
  EXPECT_TRUE(refresh_around([] {}));
}

TEST_P(Between, AnotherProcessIsHeardAsWell) {
  if (!GetParam()) return;  // a store in memory has one process
  expect_refused(Why::kForbidden, [&] {
    const auto other = open();
    must(admin_of(*other).set_user_disabled(kRealm, kAnn, true, "gone", kNoon));
  });
}

TEST_P(Between, AnotherProcessThatRevokedIsHeardAsWell) {
  if (!GetParam()) return;
  expect_refused(Why::kRevoked, [&] {
    const auto other = open();
    must(admin_of(*other).revoke_token(kRealm, first_.refresh_token, "lost", kNoon));
  });
}

TEST_P(Between, WhatTheSameCommitDidBeforeCounts) {
  const Operation asked = Refresh{.refresh_token = first_.refresh_token};
  const auto begun = must(engine_->begin(asked, kNoon));
  const Result<> done = store_->transact([&](Tx& tx) -> Result<> {
    const auto found = TRY(tx.subject(kRealm, kAnn));
    Subject ann = *found;
    ann.disabled = true;
    TRY(tx.put_subject(ann));
    return begun->work(tx);
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().why, Why::kForbidden);
}

}  // namespace
}  // namespace latchkey::races
