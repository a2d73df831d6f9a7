#pragma once

#include <sqlite3.h>

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/text.h"

namespace latchkey::broker {

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

inline constexpr std::chrono::milliseconds kBusyPatience{5'000};

/// One SQLite file, as the vault uses it; only the vault includes this. Errors are
/// kStore with the way out in words. A file that is there is never made anew.
class Database {
 public:
  /// Opens a file that exists, strictly: no link, no triggers, no views, FULL.
  /// Waits for other writers for at most `patience`.
  static Result<Database> open(const std::string& path,
                               std::chrono::milliseconds patience = kBusyPatience);

  /// From now on, at most so long, and at most kBusyPatience.
  void wait_at_most(std::chrono::milliseconds patience) const;
  Result<> execute(const char* sql) const;
  Result<Statement> prepare(const char* sql) const;
  /// True when there is a row.
  Result<bool> step(const Statement& statement) const;
  /// The one number that a query gives; the statement can be used again.
  Result<std::int64_t> number(const Statement& statement) const;
  int changes() const { return sqlite3_changes(connection_.get()); }
  /// The index of the log, in memory that all programs with this file share
  /// (sqlite.org/walformat.html, section 2); nullptr when there is none. Valid as
  /// long as this Database. It changes with every commit, whoever makes it.
  const volatile void* log_index() const;

 private:
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  Database(std::string path, sqlite3* connection)
      : path_(std::move(path)), connection_(connection) {}
  std::unexpected<Error> refused() const;

  std::string path_;
  std::unique_ptr<sqlite3, Close> connection_;
};

void bind_text(const Statement& statement, int at, std::string_view text);
void bind_number(const Statement& statement, int at, std::int64_t number);
void bind_bytes(const Statement& statement, int at, ByteView bytes);
/// Valid until the next step.
std::string_view column_text(const Statement& statement, int at);
std::int64_t column_number(const Statement& statement, int at);
ByteView column_bytes(const Statement& statement, int at);

}  // namespace latchkey::broker
