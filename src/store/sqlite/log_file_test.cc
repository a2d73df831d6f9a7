#include "store/sqlite/log_file.h"

#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <set>

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

  std::uintmax_t log_size() const { return fs::file_size(directory_ / "t.db-wal"); }
  /// How much of the log is in use: its end is the first of the zeros behind everything.
  std::uintmax_t log_end() const {
    std::string all(log_size(), '\0');
    std::ifstream(directory_ / "t.db-wal", std::ios::binary).read(all.data(), std::ssize(all));
    return all.find_last_not_of('\0') + 1;
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

TEST_F(LogFile, HasRoomAheadSoThatMostCommitsDoNotMakeItLonger) {
  std::set<std::uintmax_t> sizes;
  for (int i = 0; i < 400; ++i) {
    fill(i, i + 1);
    const bool is_longer = sizes.insert(log_size()).second;
    if (is_longer) ASSERT_LE(log_size(), 2 * (log_end() + 4096)) << "no more ahead than there is";
  }
  EXPECT_LT(sizes.size(), 12u) << "it doubles";
}

TEST_F(LogFile, OfWhichAnotherProcessWritesWhatFollowsInTheRoomAhead) {
  run(plain_, "CREATE TABLE theirs (n INTEGER PRIMARY KEY, text TEXT)");
  for (int i = 0; i < 100; ++i) {
    fill(10 * i, 10 * i + 3);
    run(plain_, "INSERT INTO theirs VALUES (NULL, hex(randomblob(3000)))");
  }
  for (sqlite3* const each : {ours_, plain_}) {
    EXPECT_EQ(ask(each, "SELECT count(text) FROM t"), "300");
    EXPECT_EQ(ask(each, "SELECT count(text) FROM theirs"), "100");
    EXPECT_EQ(ask(each, "PRAGMA integrity_check"), "ok");
  }
}

TEST_F(LogFile, CommitsAlsoWhereThereIsNoRoomAhead) {
  fill(0, 100);
  const auto change = [&] { run(ours_, "UPDATE t SET text = text || 'x' WHERE n = 1"); };
  const auto used_up = [&] { return log_size() - log_end() < 16384; };  // a few changes later
  for (int i = 0; i < 200 && !used_up(); ++i) change();
  ASSERT_TRUE(used_up());
  struct rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto ignore = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit tight = before;
  tight.rlim_cur = log_size() + 32768;  // for some changes, and not for as much as there is
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  for (int i = 0; i < 4; ++i) change();
  const auto size = log_size();
  const int too_large = sqlite3_exec(
      ours_, "UPDATE t SET text = hex(randomblob(40000)) WHERE n = 1", nullptr, nullptr, nullptr);
  EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, ignore);
  EXPECT_EQ(size, tight.rlim_cur) << "all the room that there was";
  EXPECT_NE(too_large, SQLITE_OK);
  const std::string text = ask(plain_, "SELECT text FROM t WHERE n = 1");
  EXPECT_TRUE(text.ends_with("xxxx")) << text.substr(0, 20);
  change();
  EXPECT_EQ(ask(plain_, "SELECT text FROM t WHERE n = 1"), text + "x");
  EXPECT_EQ(ask(plain_, "PRAGMA integrity_check"), "ok");
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
