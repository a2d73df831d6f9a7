#include "store/sqlite/known.h"

#include <gtest/gtest.h>

#include <array>
#include <future>

namespace latchkey::store {
namespace {

using namespace engine;

const Realm kRealm{"r"};
const Hash kHash{Bytes(32, 7)};

/// The header of a log's index, as SQLite keeps it.
struct Log {
  std::array<std::uint32_t, 12> words{};
  void commit() {
    ++words[2];
    words[4] += 3;
  }
};

Shared<Holding> held(const char* family, TokenKind kind = TokenKind::kAccess) {
  return Holding{.token = {.hash = kHash, .grant = GrantId(family), .kind = kind},
                 .grant = {.realm = kRealm, .id = GrantId(family)}};
}

/// A commit of our own, of transactions that changed this.
void write(Known& known, Log& log, std::vector<Changed> changed) {
  known.began();
  log.commit();
  known.committed(changed, true);
}

TEST(Known, WhatWasFoundIsKnownUntilItsFamilyChanges) {
  Log log;
  Known known(log.words.data());
  known.keep(known.mark(), held("f"));
  ASSERT_TRUE(known.holding(kRealm, kHash));
  EXPECT_EQ(known.holding(kRealm, kHash)->grant.id, GrantId("f"));
  EXPECT_FALSE(known.holding(Realm("other"), kHash));
  write(known, log, {});
  const auto version = known.version(known.mark());
  write(known, log, {{.families = {GrantId("another")}}});
  EXPECT_EQ(known.version(known.mark()), version);
  EXPECT_TRUE(known.holding(kRealm, kHash));
  write(known, log, {{.families = {GrantId("f")}}});
  EXPECT_FALSE(known.holding(kRealm, kHash));
}

TEST(Known, AChangeThatNobodyExplainsForgetsEverything) {
  Log log;
  Known known(log.words.data());
  known.keep(known.mark(), held("f"));
  known.keep(known.mark(), Shared(Client{.realm = kRealm, .id = ClientId("app")}));
  known.keep(known.mark(), Subject{.realm = kRealm, .login = SubjectId("ann")});
  known.keep(known.mark(), kRealm, SubjectId("ann"), Operator{.id = 3});
  EXPECT_TRUE(known.client(kRealm, ClientId("app")));
  EXPECT_FALSE(known.client(kRealm, ClientId("another")));
  EXPECT_TRUE(known.subject(kRealm, SubjectId("ann")));
  EXPECT_TRUE(known.operator_of(kRealm, SubjectId("ann"), 3));
  EXPECT_FALSE(known.operator_of(kRealm, SubjectId("bob"), 3));
  const auto version = known.version(known.mark());
  write(known, log, {{.anything = true}});
  EXPECT_NE(known.version(known.mark()), version);
  EXPECT_FALSE(known.holding(kRealm, kHash));
  EXPECT_FALSE(known.client(kRealm, ClientId("app")));
  EXPECT_FALSE(known.subject(kRealm, SubjectId("ann")));
  EXPECT_FALSE(known.operator_of(kRealm, SubjectId("ann"), 3));
}

TEST(Known, ACommitOfAnotherProcessForgetsEverything) {  // invariant I5
  Log log;
  Known known(log.words.data());
  known.keep(known.mark(), held("f"));
  log.commit();
  EXPECT_FALSE(known.holding(kRealm, kHash));
  known.keep(known.mark(), held("f"));
  EXPECT_TRUE(known.holding(kRealm, kHash));
}

TEST(Known, ACommitOfAnotherProcessRightBehindOursForgetsEverything) {
  Log log;
  Known known(log.words.data());
  known.keep(known.mark(), held("f"));
  known.began();
  log.commit();
  log.commit();
  known.committed({}, true);
  EXPECT_FALSE(known.holding(kRealm, kHash));
}

TEST(Known, ACommitOfAnotherProcessIsNotTakenForOneThatWeDidNotMake) {  // invariant I5
  Log log;
  Known known(log.words.data());
  known.keep(known.mark(), held("f"));
  known.began();
  known.committed({}, false);
  EXPECT_TRUE(known.holding(kRealm, kHash));
  known.began();
  log.commit();
  known.committed({}, false);
  EXPECT_FALSE(known.holding(kRealm, kHash));
}

TEST(Known, ACommitOfAnotherProcessRightBeforeOursForgetsEverything) {
  Log log;
  Known known(log.words.data());
  known.keep(known.mark(), held("f"));
  const auto version = known.version(known.mark());
  log.commit();
  known.began();
  EXPECT_NE(known.version(known.mark()), version) << "what was seen before may be old";
  log.commit();
  known.committed({}, true);
  EXPECT_FALSE(known.holding(kRealm, kHash));
}

TEST(Known, NothingIsKnownWhileACommitIsBeingMade) {
  Log log;
  Known known(log.words.data());
  known.keep(known.mark(), held("f"));
  known.began();
  EXPECT_TRUE(known.holding(kRealm, kHash)) << "nothing is committed yet";
  log.commit();
  const auto another = [&] { return known.holding(kRealm, kHash).has_value(); };
  EXPECT_FALSE(std::async(std::launch::async, another).get());
  known.committed({}, true);
  EXPECT_TRUE(known.holding(kRealm, kHash));
}

TEST(Known, WhatASlowReaderFoundBeforeTheChangeIsNotTaken) {  // checklist 23
  Log log;
  Known known(log.words.data());
  const Known::Mark before = known.mark();
  write(known, log, {{.families = {GrantId("f")}}});
  known.keep(before, held("f"));
  EXPECT_FALSE(known.holding(kRealm, kHash));
}

TEST(Known, WhatIsNewIsKnownFromItsCommitOn) {
  Log log;
  Known known(log.words.data());
  for (const TokenKind kind : {TokenKind::kAccess, TokenKind::kRefresh}) {
    write(known, log, {{.families = {GrantId("f")}, .fresh = {held("f", kind)}}});
    ASSERT_TRUE(known.holding(kRealm, kHash));
    EXPECT_EQ(known.holding(kRealm, kHash)->token.kind, kind);
    write(known, log, {{.families = {GrantId("f")}}});
    EXPECT_FALSE(known.holding(kRealm, kHash));
  }
}

TEST(Known, WhatIsNewIsNotKnownIfItsOwnCommitChangedIt) {  // checklist 23
  const Changed made{.fresh = {held("f")}};
  for (const Changed& after : {Changed{.families = {GrantId("f")}}, Changed{.anything = true}}) {
    Log log;
    Known known(log.words.data());
    write(known, log, {made, after});
    EXPECT_FALSE(known.holding(kRealm, kHash));
  }
}

TEST(Known, WhatWasUndoneWasNeverKnown) {
  Log log;
  Known known(log.words.data());
  std::vector<Changed> changed{{.fresh = {held("f")}}};
  known.began();
  known.committed(changed, false);
  EXPECT_FALSE(known.holding(kRealm, kHash));
}

TEST(Known, RefreshTokensThatWereFoundAreNotKept) {
  Log log;
  Known known(log.words.data());
  known.keep(known.mark(), held("f", TokenKind::kRefresh));
  EXPECT_FALSE(known.holding(kRealm, kHash));
}

TEST(Known, WhereThereIsNoIndexNothingIsKept) {
  Known known(nullptr);
  known.keep(known.mark(), held("f"));
  known.began();
  known.committed({}, true);
  EXPECT_FALSE(known.holding(kRealm, kHash));
}

TEST(Known, ItIsBoundedAndKeepsWhatIsAskedFor) {
  Log log;
  Known known(log.words.data());
  const auto login = [](std::size_t i) { return SubjectId("s" + std::to_string(i)); };
  constexpr std::size_t kMost = Shelf<int, int>::kMost;
  for (std::size_t i = 0; i < 10 * kMost; ++i) {
    known.keep(known.mark(), Subject{.realm = kRealm, .login = login(i)});
    ASSERT_TRUE(known.subject(kRealm, login(0)));
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < 10 * kMost; ++i) kept += known.subject(kRealm, login(i)) ? 1 : 0;
  EXPECT_LE(kept, 2 * kMost);
  EXPECT_GE(kept, 2u);
}

}  // namespace
}  // namespace latchkey::store
