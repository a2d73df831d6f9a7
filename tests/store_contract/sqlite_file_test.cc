#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>
#include <future>

#include "contract.h"
#include "store/sqlite/migrate.h"
#include "store/sqlite/sqlite_store.h"

// What only a store in a file can get wrong.

namespace latchkey::store_contract {
namespace {

namespace fs = std::filesystem;
using namespace engine;
using store::SqliteStore;

class SqliteFile : public ::testing::Test {
 protected:
  Result<std::unique_ptr<SqliteStore>> open() { return SqliteStore::open(path_); }

  /// A store with one client in it, closed again.
  void make_store() {
    must(must(open())->transact([](Tx& tx) { return tx.put_client(client("app")); }));
  }
  void expect_store_intact() {
    EXPECT_EQ(must(must(open())->read([](Tx& tx) { return tx.clients(kRealm); })),
              std::vector{client("app")});
  }
  /// Refused with kStore, words to show, and not a byte changed.
  void expect_refused(const std::string& words) {
    const std::string before = content();
    const auto refused = open();
    ASSERT_EQ(why(refused), Why::kStore);
    EXPECT_NE(refused.error().say.find(words), std::string::npos) << refused.error().say;
    EXPECT_EQ(content(), before);
  }
  std::string content() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write_file(const std::string& content) {
    std::ofstream(path_, std::ios::binary) << content;
    fs::permissions(path_, fs::perms::owner_read | fs::perms::owner_write);
  }
  /// Runs SQL on the file as some other program would.
  void tamper(const char* sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
    fs::permissions(path_, fs::perms::owner_read | fs::perms::owner_write);
  }

  TempDir dir_;
  fs::path path_ = dir_ / "store.db";
};

fs::perms mode(const fs::path& path) { return fs::status(path).permissions() & fs::perms::all; }

TEST_F(SqliteFile, ANewStoreAndItsLogAreOursAlone) {
  const auto before = ::umask(0);
  const auto store = must(open());
  must(store->transact([](Tx& tx) { return tx.put_client(client("app")); }));
  ::umask(before);
  const auto ours = fs::perms::owner_read | fs::perms::owner_write;
  EXPECT_EQ(mode(path_), ours);
  EXPECT_EQ(mode(dir_ / "store.db-wal"), ours);
  EXPECT_EQ(mode(dir_ / "store.db-shm"), ours);
}

TEST_F(SqliteFile, ReopeningKeepsEverything) {
  const Token access = token("a", "g", TokenKind::kAccess);
  Delivery sent{.realm = kRealm, .text = {1, 2}, .at = kNoon};
  std::int64_t highest = 0;
  must(must(open())->transact([&](Tx& tx) -> Result<> {
    TRY(tx.put_client(client("app")));
    TRY(tx.put_subject(subject("ann")));
    TRY(tx.add_organization(kRealm, SubjectId("ann"), "shop"));
    TRY(tx.put_grant(grant("g")));
    TRY(tx.put_token(access));
    TRY(tx.put_token(token("r", "g")));
    TRY(tx.spend(kRealm, hash_of("r"), kNoon));
    TRY(tx.revoke_grant(kRealm, GrantId("g"), "reuse", kNoon));
    TRY(tx.count(kRealm, "otp", kNoon, Seconds(60)));
    TRY(tx.raise_mark(kRealm, "step", 7));
    highest = TRY(tx.add_delivery(sent));
    return {};
  }));
  must(must(open())->transact([&](Tx& tx) -> Result<> {
    const auto held = TRY(tx.holding(kRealm, hash_of("a")));
    EXPECT_EQ(held->token, access);
    EXPECT_EQ(held->grant.revoked, kNoon);
    EXPECT_EQ(must(tx.client(kRealm, ClientId("app"))), client("app"));
    EXPECT_EQ(must(tx.spend(kRealm, hash_of("r"), kNoon)), Spend::kAlreadySpent);
    EXPECT_EQ(must(tx.count(kRealm, "otp", kNoon, Seconds(60))), 2);
    EXPECT_FALSE(must(tx.raise_mark(kRealm, "step", 7)));
    EXPECT_GT(must(tx.add_delivery(sent)), highest);
    return {};
  }));
}

TEST_F(SqliteFile, AnEmptyFileOfOursBecomesAStore) {
  write_file("");
  make_store();
  expect_store_intact();
}

TEST_F(SqliteFile, ManyMayOpenANewStoreAtOnce) {
  std::vector<std::future<void>> all;
  for (int i = 0; i < 8; ++i) {
    all.push_back(std::async(std::launch::async, [&, i] {
      const auto store = must(open());
      must(store->transact(
          [&](Tx& tx) { return tx.put_client(client("app " + std::to_string(i))); }));
    }));
  }
  for (auto& each : all) each.get();
  EXPECT_EQ(must(must(open())->read([](Tx& tx) { return tx.clients(kRealm); })).size(), 8u);
}

TEST_F(SqliteFile, TwoStoresOnOneFileSeeEachOther) {
  const auto one = must(open()), two = must(open());
  must(one->transact([](Tx& tx) { return tx.put_client(client("app")); }));
  EXPECT_EQ(must(two->read([](Tx& tx) { return tx.clients(kRealm); })).size(), 1u);
  EXPECT_EQ(must(two->transact([](Tx& tx) { return tx.clients(kRealm); })).size(), 1u);
}

TEST_F(SqliteFile, AnotherWriterIsWaitedForAndThenSaidToBeBusy) {
  make_store();
  const auto holder = must(open());
  const auto waiter = must(SqliteStore::open(path_, {.patience = std::chrono::milliseconds(20)}));
  const auto put = [](Tx& tx) { return tx.put_client(client("late")); };
  must(holder->transact([&](Tx&) -> Result<> {
    EXPECT_EQ(why(waiter->transact(put)), Why::kUnavailable);
    return {};
  }));
  must(waiter->transact(put));
}

TEST_F(SqliteFile, AFileOpenToOthersIsRefused) {
  make_store();
  for (const auto loose : {fs::perms::group_read, fs::perms::group_write, fs::perms::others_read,
                           fs::perms::others_exec}) {
    fs::permissions(path_, loose, fs::perm_options::add);
    expect_refused("chmod 600");
    EXPECT_NE(mode(path_) & loose, fs::perms::none) << "it was repaired in silence";
    fs::permissions(path_, loose, fs::perm_options::remove);
  }
  expect_store_intact();
}

TEST_F(SqliteFile, ASymlinkIsRefusedWhereverItPoints) {
  const fs::path real = dir_ / "real.db";
  fs::create_symlink(real, path_);
  expect_refused("symbolic link");
  EXPECT_FALSE(fs::exists(real));
  std::ofstream(real) << "precious";
  expect_refused("symbolic link");
}

TEST_F(SqliteFile, ASymlinkInPlaceOfTheLogIsRefused) {
  make_store();
  const fs::path victim = dir_ / "victim";
  std::ofstream(victim) << "precious";
  for (const char* name : {"store.db-wal", "store.db-shm", "store.db-journal"}) {
    fs::create_symlink(victim, dir_ / name);
    expect_refused("symbolic link");
    fs::remove(dir_ / name);
  }
  EXPECT_EQ(fs::file_size(victim), 8u);
  expect_store_intact();
}

TEST_F(SqliteFile, ADirectoryIsRefusedAndSoIsALooseOneAround) {
  fs::create_directory(path_);
  EXPECT_EQ(why(open()), Why::kStore);
  fs::remove(path_);
  fs::permissions(path_.parent_path(), fs::perms::others_write, fs::perm_options::add);
  expect_refused("other users may write");
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(SqliteFile, ALinkedDirectoryOnTheWayIsFine) {
  fs::create_directory(dir_ / "real");
  fs::create_directory_symlink(dir_ / "real", dir_ / "link");
  path_ = dir_ / "link" / "store.db";
  make_store();
  EXPECT_TRUE(fs::exists(dir_ / "real" / "store.db"));
}

TEST_F(SqliteFile, AMissingDirectoryIsUnavailableAndNotMade) {
  path_ = dir_ / "no" / "store.db";
  EXPECT_EQ(why(open()), Why::kUnavailable);
  EXPECT_FALSE(fs::exists(dir_ / "no"));
}

TEST_F(SqliteFile, GarbageIsNeverOverwritten) {
  for (const auto& garbage :
       {std::string("hello"), std::string(8192, 'x'), std::string(4096, '\0'),
        "SQLite format 3" + std::string(1, '\0') + std::string(5000, '\xff')}) {
    write_file(garbage);
    const auto refused = open();
    EXPECT_EQ(why(refused), Why::kStore) << garbage.substr(0, 5);
    EXPECT_EQ(content(), garbage);
  }
}

TEST_F(SqliteFile, ATruncatedStoreIsRefusedOrKeptNeverEmptied) {
  make_store();
  write_file(content().substr(0, 4096));
  expect_refused("");
}

TEST_F(SqliteFile, ADatabaseOfAnotherProgramIsRefused) {
  tamper("CREATE TABLE theirs (x)");
  expect_refused("another program");
  fs::remove(path_);
  tamper("PRAGMA application_id = 7; PRAGMA user_version = 1");
  expect_refused("another program");
}

TEST_F(SqliteFile, ANewerSchemaIsRefusedAndNotTouched) {
  make_store();
  tamper("PRAGMA user_version = 999");
  expect_refused("schema 999");
  const auto newest = std::to_string(store::migrations().size());
  tamper(("PRAGMA user_version = " + newest).c_str());
  expect_store_intact();
}

/// The rest of an INSERT INTO tokens, as schema 6 has them.
std::string values_of(const Token& token, const char* spent) {
  return "VALUES (x'" + to_hex(token.hash) + "', 1, " +
         std::to_string(static_cast<int>(token.kind)) + ", " + std::to_string(epoch(token.issued)) +
         ", " + std::to_string(epoch(token.until)) + ", " + spent + ", NULL, x'" +
         to_hex(token.parent) + "', '" + token.narrowed + "', '" + token.resource + "', '" +
         token.bound_to + "');";
}

TEST_F(SqliteFile, TokensOfASchemaThatKeptThemByTheirHashesAreKept) {
  constexpr int kByHash = 6;
  for (int i = 0; i < kByHash; ++i) tamper(store::migrations()[static_cast<std::size_t>(i)]);
  const Token access = token("a", "g", TokenKind::kAccess);
  Token used = token("old", "g", TokenKind::kRefresh),
        live = token("new", "g", TokenKind::kRefresh);
  live.parent = used.hash;
  std::string rows =
      "PRAGMA application_id = 1280001369; PRAGMA user_version = 6;"
      "INSERT INTO families (id, realm, client, subject, operator, tier, scope, session, created,"
      " until, revoked, revoked_why) VALUES ('g', '" +
      kRealm.text + "', 'app', 'ann', 0, '', '', '', 0, 0, NULL, '');";
  const std::string insert = "INSERT INTO tokens ";
  rows += insert + values_of(access, "NULL") + insert + values_of(live, "NULL") + insert +
          values_of(used, "1");
  tamper(rows.c_str());
  const auto store = must(open());
  must(store->transact([&](Tx& tx) -> Result<> {
    EXPECT_EQ(must(tx.holding(kRealm, access.hash))->token, access);
    EXPECT_EQ(must(tx.live_tokens(kRealm, GrantId("g"), 9)), (std::vector{access, live}));
    EXPECT_EQ(must(tx.spend(kRealm, used.hash, kNoon)), Spend::kAlreadySpent);
    EXPECT_EQ(must(tx.spend(kRealm, live.hash, kNoon)), Spend::kSpent);
    EXPECT_EQ(must(tx.end_access_tokens(kRealm, GrantId("g"), kNoon)), 1);
    return {};
  }));
}

TEST_F(SqliteFile, AClientWhoseSecretsHashIsDamagedIsNotTakenForAPublicOne) {
  make_store();
  tamper("UPDATE clients SET secret_hash = zeroblob(33)");
  const auto found = must(must(open())->read([](Tx& tx) { return tx.clients(kRealm); }));
  EXPECT_FALSE(found.at(0).secret_hash.empty());
}

TEST_F(SqliteFile, WhatIsLeftInTheLogOfANewerStoreStaysThere) {
  make_store();
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
  sqlite3_exec(other, "PRAGMA user_version = 999", nullptr, nullptr, nullptr);
  const auto log = fs::file_size(dir_ / "store.db-wal");
  ASSERT_GT(log, 0u);
  expect_refused("schema 999");
  EXPECT_EQ(fs::file_size(dir_ / "store.db-wal"), log);
  sqlite3_close(other);
}

TEST_F(SqliteFile, WhatWasDeletedLeavesNoTraceInTheFile) {
  const std::string trace = "a very recognisable address";
  const auto present = [&] { return content().find(trace) != std::string::npos; };
  Client kept = client("app");
  kept.otp_address = trace;
  must(must(open())->transact([&](Tx& tx) { return tx.put_client(kept); }));
  EXPECT_TRUE(present());
  must(must(open())->transact([&](Tx& tx) { return tx.put_client(client("app")); }));
  EXPECT_FALSE(present());
}

TEST_F(SqliteFile, WhatAnotherProgramRevokedIsNotKnownAnyMore) {  // invariant I5
  const auto ours = must(open());
  const auto theirs = must(open());
  must(ours->transact([](Tx& tx) -> Result<> {
    TRY(tx.put_grant(grant("g")));
    return tx.put_token(token("t", "g", TokenKind::kAccess));
  }));
  const auto revoked = [&] {
    return must(ours->read([](Tx& tx) { return tx.holding(kRealm, hash_of("t")); }))
        ->grant.revoked.has_value();
  };
  EXPECT_FALSE(revoked());
  EXPECT_FALSE(revoked());
  must(theirs->transact(
      [](Tx& tx) { return tx.revoke_grant(kRealm, GrantId("g"), "test", kNoon); }));
  EXPECT_TRUE(revoked());
}

}  // namespace
}  // namespace latchkey::store_contract
