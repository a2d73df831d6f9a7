#pragma once

#include <array>
#include <initializer_list>
#include <map>
#include <memory>

#include "base/time.h"
#include "store/sqlite/statement.h"

namespace latchkey::store {

/// One connection to the database file, used by one thread at a time. It keeps
/// every statement that it ever prepared; their number is that of the SQL texts
/// in this folder.
class Connection {
 public:
  enum class Role { kReads, kWrites };

  /// Opens a file that exists; changes nothing in it.
  static Result<std::unique_ptr<Connection>> open(const std::string& path, Role role,
                                                  std::chrono::milliseconds patience);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// The statement with its values bound, before its first step. They must outlive it, unchanged.
  Result<Statement> query(std::string_view sql, std::initializer_list<Parameter> values = {});
  /// Runs it to its end; how many rows it changed.
  Result<int> run(std::string_view sql, std::initializer_list<Parameter> values = {});
  /// Runs a script of many statements without values, unprepared.
  Result<> script(const char* sql);
  /// The first column of the only row.
  Result<std::int64_t> number(std::string_view sql, std::initializer_list<Parameter> values = {});

  /// Closing the last connection moves the write-ahead log into the file. Before
  /// this is called it does not, so that a file we refuse stays as it is.
  void checkpoint_on_close();

  /// BEGIN comes before the next statement, if there is one.
  void begin_when_used() { begins_ = true; }
  /// ROLLBACK, if it began.
  Result<> end();
  /// ROLLBACK of what a writer began, also where SQLite has rolled it back by itself.
  Result<> undo();
  /// The index of the write-ahead log, in memory that all programs with this file share
  /// (sqlite.org/walformat.html, section 2); null when there is none. Valid as long as this.
  const volatile void* log_index() const;

  bool in_transaction() const;
  /// How many rows were changed since it was opened; those that were rolled back count too.
  int changes() const;
  /// The rowid of the last insert.
  std::int64_t last_number() const;

 private:
  using Statements = std::map<std::string, sqlite3_stmt*, std::less<>>;
  /// Where a text that stands at the same address was found the last time.
  static constexpr std::size_t kRecent = 128;

  explicit Connection(sqlite3* db) : db_(db) {}
  Result<sqlite3_stmt*> prepared(std::string_view sql);

  sqlite3* db_;
  bool begins_ = false;
  Statements statements_;
  std::array<const Statements::value_type*, kRecent> recent_{};
};

}  // namespace latchkey::store
