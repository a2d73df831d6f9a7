#include "store/sqlite/log_file.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>

namespace latchkey::store {
namespace {

namespace fs = std::filesystem;

class LogFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "latchkey-test-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    ASSERT_NE(log_gathering_files(), nullptr);
    ours_ = open(log_gathering_files());
    run(ours_,
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = 4;"
        "CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)");
    plain_ = open(nullptr);
  }
  void TearDown() override {
    sqlite3_close(ours_);
    sqlite3_close(plain_);
    fs::remove_all(directory_);
  }

  sqlite3* open(const char* files) {
    sqlite3* db = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    EXPECT_EQ(sqlite3_open_v2((directory_ / "t.db").c_str(), &db, flags, files), SQLITE_OK);
    return db;
  }
  static void run(sqlite3* db, const std::string& sql) {
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(db);
  }
  static std::string ask(sqlite3* db, const char* sql) {
    std::string said;
    const auto hear = [](void* to, int, char** values, char**) {
      *static_cast<std::string*>(to) += values[0];
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(db, sql, hear, &said, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    return said;
  }
  /// Many pages more than the cache holds, so that some leave it before the commit.
  void fill(int from, int to) {
    for (int i = from; i < to; ++i)
      run(ours_, "INSERT INTO t VALUES (" + std::to_string(i) + ", hex(randomblob(300)))");
  }

  fs::path directory_;
  sqlite3 *ours_ = nullptr, *plain_ = nullptr;
};

TEST_F(LogFile, WhatLeftTheCacheBeforeTheCommitIsReadBack) {
  run(ours_, "BEGIN");
  fill(0, 2000);
  EXPECT_EQ(ask(ours_, "SELECT count(text) FROM t"), "2000");
  EXPECT_EQ(ask(plain_, "SELECT count(*) FROM t"), "0");
  run(ours_, "COMMIT");
  EXPECT_EQ(ask(plain_, "SELECT count(text) FROM t"), "2000");
  EXPECT_EQ(ask(plain_, "PRAGMA integrity_check"), "ok");
}

TEST_F(LogFile, WhatIsUndoneIsNobodys) {
  fill(0, 10);
  run(ours_, "BEGIN");
  fill(10, 1000);
  run(ours_, "ROLLBACK");
  run(ours_, "BEGIN");
  fill(10, 20);
  run(ours_, "SAVEPOINT one");
  fill(20, 1000);
  run(ours_, "ROLLBACK TO one; RELEASE one; COMMIT");
  EXPECT_EQ(ask(plain_, "SELECT count(*) FROM t"), "20");
  EXPECT_EQ(ask(ours_, "SELECT count(*) FROM t"), "20");
  EXPECT_EQ(ask(plain_, "PRAGMA integrity_check"), "ok");
}

TEST_F(LogFile, WhatIsUndoneNeverComesOverWhatAnotherProcessWrote) {
  run(plain_, "CREATE TABLE theirs (n INTEGER PRIMARY KEY, text TEXT)");
  run(ours_, "BEGIN");
  fill(0, 300);
  run(ours_, "ROLLBACK");
  forget_gathered(ours_);
  run(plain_, "BEGIN");
  for (int i = 0; i < 600; ++i)
    run(plain_, "INSERT INTO theirs VALUES (NULL, hex(randomblob(300)))");
  run(plain_, "COMMIT");
  fill(0, 1);
  EXPECT_EQ(ask(ours_, "SELECT count(text) FROM theirs"), "600");
  EXPECT_EQ(ask(plain_, "SELECT count(text) FROM t"), "1");
  EXPECT_EQ(ask(plain_, "PRAGMA integrity_check"), "ok");
}

TEST_F(LogFile, EachCommitIsInTheFileWhenItIsAcknowledged) {  // invariant I4
  for (int i = 0; i < 50; ++i) {
    fill(i, i + 1);
    // As after a crash: what stands in the files, without the programs that had them open.
    const fs::path copy = directory_ / ("copy" + std::to_string(i));
    fs::create_directory(copy);
    for (const char* name : {"t.db", "t.db-wal"}) fs::copy_file(directory_ / name, copy / name);
    sqlite3* found = nullptr;
    ASSERT_EQ(sqlite3_open((copy / "t.db").c_str(), &found), SQLITE_OK);
    EXPECT_EQ(ask(found, "SELECT count(*) FROM t"), std::to_string(i + 1));
    EXPECT_EQ(ask(found, "PRAGMA integrity_check"), "ok");
    sqlite3_close(found);
    fs::remove_all(copy);
  }
}

TEST_F(LogFile, TheLogMayBeMovedIntoTheDatabaseAndBeginAnew) {
  for (int round = 0; round < 5; ++round) {
    fill(100 * round, 100 * (round + 1));
    run(ours_, "PRAGMA wal_checkpoint(TRUNCATE)");
    EXPECT_EQ(ask(plain_, "SELECT count(*) FROM t"), std::to_string(100 * (round + 1)));
  }
  run(plain_, "INSERT INTO t VALUES (-1, 'theirs')");
  fill(1000, 1001);
  EXPECT_EQ(ask(plain_, "SELECT count(*) FROM t"), "502");
  EXPECT_EQ(ask(ours_, "PRAGMA integrity_check"), "ok");
}

}  // namespace
}  // namespace latchkey::store
