#include "store/sqlite/migrate.h"

#include "store/sqlite/testing.h"

namespace latchkey::store {
namespace {

class Migrate : public DatabaseFile {
 protected:
  void SetUp() override {
    DatabaseFile::SetUp();
    other_ = DatabaseFile::open(file());
    run("PRAGMA journal_mode = WAL");
  }
  void TearDown() override {
    sqlite3_close(other_);
    DatabaseFile::TearDown();
  }

  /// As another program would.
  void run(const std::string& sql) { DatabaseFile::run(other_, sql); }
  std::string ask(const char* sql) { return DatabaseFile::ask(other_, sql); }
  /// A store of the schema that had tokens by their hashes, with some thousands of them.
  void make_schema_6() {
    for (std::size_t i = 0; i < 6; ++i) run(migrations()[i]);
    run("PRAGMA application_id = " + std::to_string(kApplicationId) + "; PRAGMA user_version = 6");
    run("INSERT INTO tokens (hash, family, kind, issued, until, parent, narrowed)"
        " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
        " SELECT randomblob(16), i, i % 2, 0, 0, x'', '' FROM n");
  }
  std::unique_ptr<Connection> open() {
    auto db =
        Connection::open(file().string(), Connection::Role::kWrites, std::chrono::milliseconds(0));
    EXPECT_TRUE(db) << db.error().note;
    EXPECT_TRUE((*db)->script("PRAGMA cache_size = 4"));  // pages leave it before the commit
    return *std::move(db);
  }

  sqlite3* other_ = nullptr;
};

TEST_F(Migrate, KeepsEveryTokenAndFindsTheLivingOnesByTheirFamily) {
  make_schema_6();
  const std::string before =
      ask("SELECT group_concat(token) FROM (SELECT hex(hash) || family || kind AS token FROM tokens"
          " ORDER BY hash)");
  ASSERT_TRUE(migrate(*open()));
  const std::string after =
      ask("SELECT group_concat(token) FROM (SELECT hex(ifnull(access, refresh)) || family ||"
          " (access IS NULL) AS token FROM token_sets ORDER BY ifnull(access, refresh))");
  EXPECT_TRUE(before == after) << "they are not the same tokens";
  for (const auto& [where, index] :
       {std::pair("family = 1 AND live", "live_token_sets"),
        std::pair("access = x'00' AND said & 1 = 0", "access_tokens"),
        std::pair("refresh = x'00' AND said & 2 = 0", "refresh_tokens")}) {
    sqlite3_stmt* plan = nullptr;
    const std::string sql =
        std::string("EXPLAIN QUERY PLAN SELECT * FROM token_sets WHERE ") + where;
    ASSERT_EQ(sqlite3_prepare_v2(other_, sql.c_str(), -1, &plan, nullptr), SQLITE_OK);
    ASSERT_EQ(sqlite3_step(plan), SQLITE_ROW);
    const auto* how = reinterpret_cast<const char*>(sqlite3_column_text(plan, 3));
    EXPECT_NE(std::string(how).find(std::string("USING INDEX ") + index), std::string::npos) << how;
    sqlite3_finalize(plan);
  }
  EXPECT_EQ(ask("PRAGMA integrity_check"), "ok");
}

TEST_F(Migrate, AStepThatFailsLeavesNothingThatComesOverWhatOthersWrite) {
  make_schema_6();
  run("DROP INDEX live_access_tokens; CREATE INDEX live_access_tokens ON clients (realm)");
  auto ours = open();
  const auto failed = migrate(*ours);
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().note.find("live_access_tokens already exists"), std::string::npos)
      << failed.error().note;
  run("BEGIN; CREATE TABLE theirs (n INTEGER PRIMARY KEY, text TEXT)");
  for (int i = 0; i < 600; ++i) run("INSERT INTO theirs VALUES (NULL, hex(randomblob(300)))");
  run("COMMIT");
  ours.reset();
  sqlite3_close(other_);
  other_ = DatabaseFile::open(file());
  EXPECT_EQ(ask("SELECT count(text) FROM theirs"), "600");
  EXPECT_EQ(ask("SELECT count(*) FROM tokens"), "2000");
  EXPECT_EQ(ask("PRAGMA integrity_check"), "ok");
}

}  // namespace
}  // namespace latchkey::store
