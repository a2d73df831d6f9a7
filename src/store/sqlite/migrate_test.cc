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
  const std::string before = ask("SELECT group_concat(hex(hash) || family || kind) FROM tokens");
  ASSERT_TRUE(migrate(*open()));
  EXPECT_EQ(ask("SELECT group_concat(hex(hash) || family || kind) FROM tokens"), before);
  for (const char* live :
       {"kind = 0 AND ended IS NULL", "kind = 1 AND spent IS NULL AND ended IS NULL"}) {
    sqlite3_stmt* plan = nullptr;
    const std::string sql =
        std::string("EXPLAIN QUERY PLAN SELECT * FROM tokens WHERE family = 1 AND ") + live;
    ASSERT_EQ(sqlite3_prepare_v2(other_, sql.c_str(), -1, &plan, nullptr), SQLITE_OK);
    ASSERT_EQ(sqlite3_step(plan), SQLITE_ROW);
    const auto* how = reinterpret_cast<const char*>(sqlite3_column_text(plan, 3));
    EXPECT_NE(std::string(how).find("USING INDEX live_"), std::string::npos) << how;
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
