#include "store/sqlite/log_file.h"

#include "store/sqlite/testing.h"

namespace latchkey::store {
namespace {

namespace fs = std::filesystem;

class LogFile : public DatabaseFile {
 protected:
  void SetUp() override {
    DatabaseFile::SetUp();
    ASSERT_NE(log_gathering_files(), nullptr);
    ours_ = open(file(), log_gathering_files());
    run(ours_,
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = 4;"
        "CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)");
    plain_ = open(file());
  }
  void TearDown() override {
    sqlite3_close(ours_);
    sqlite3_close(plain_);
    DatabaseFile::TearDown();
  }

  /// Many pages more than the cache holds, so that some leave it before the commit.
  void fill(int from, int to) {
    for (int i = from; i < to; ++i)
      run(ours_, "INSERT INTO t VALUES (" + std::to_string(i) + ", hex(randomblob(300)))");
  }

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
    sqlite3* const found = open(copy / "t.db");
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
