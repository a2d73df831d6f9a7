#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/sqlite/statement.h"

namespace latchkey::store {
namespace {

TEST(SqliteError, SaysWhatACallerCanDo) {
  const struct {
    int code;
    Why why;
  } rows[] = {
      {SQLITE_BUSY, Why::kUnavailable},
      {SQLITE_BUSY_SNAPSHOT, Why::kUnavailable},
      {SQLITE_LOCKED, Why::kUnavailable},
      {SQLITE_FULL, Why::kUnavailable},
      {SQLITE_IOERR, Why::kUnavailable},
      {SQLITE_IOERR_FSYNC, Why::kUnavailable},
      {SQLITE_READONLY, Why::kUnavailable},
      {SQLITE_READONLY_DBMOVED, Why::kUnavailable},
      {SQLITE_NOMEM, Why::kUnavailable},
      {SQLITE_CANTOPEN, Why::kUnavailable},
      {SQLITE_CONSTRAINT_PRIMARYKEY, Why::kConflict},
      {SQLITE_CONSTRAINT_FOREIGNKEY, Why::kConflict},
      {SQLITE_CORRUPT, Why::kStore},
      {SQLITE_CORRUPT_INDEX, Why::kStore},
      {SQLITE_NOTADB, Why::kStore},
      {SQLITE_MISUSE, Why::kBug},
      {SQLITE_ERROR, Why::kBug},
      {SQLITE_RANGE, Why::kBug},
  };
  for (const auto& row : rows) {
    const Error error = sqlite_error(nullptr, row.code);
    EXPECT_EQ(error.why, row.why) << row.code;
    EXPECT_TRUE(error.say.empty());
    EXPECT_NE(error.note.find(std::to_string(row.code)), std::string::npos);
  }
}

}  // namespace
}  // namespace latchkey::store
