#include "store/sqlite/connection.h"

#include <sqlite3.h>

#include <bit>
#include <utility>

#include "store/sqlite/log_file.h"

namespace latchkey::store {

namespace {

/// Kibibytes of pages that each connection may keep.
constexpr const char* kReaderCache = "PRAGMA cache_size = -4096";
constexpr const char* kWriterCache = "PRAGMA cache_size = -16384";

/// Statistics of the whole process would cost a lock at each allocation. Must precede the
/// library's first use; where it does not, all is as it was.
void count_no_memory() {
  [[maybe_unused]] static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

Result<> harden(sqlite3* db) {
  // The file's schema is data: it may not call functions, and double quotes are names only.
  for (auto [setting, value] :
       {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1}, std::pair{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        std::pair{SQLITE_DBCONFIG_ENABLE_FKEY, 1}, std::pair{SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
        std::pair{SQLITE_DBCONFIG_DQS_DDL, 0}, std::pair{SQLITE_DBCONFIG_DQS_DML, 0}}) {
    const int code = sqlite3_db_config(db, setting, value, nullptr);
    if (code != SQLITE_OK) return fail(sqlite_error(db, code));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Role role,
                                                     std::chrono::milliseconds patience) {
  count_no_memory();
  sqlite3* db = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
                    SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;
  const char* files = role == Role::kWrites ? log_gathering_files() : nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &db, flags, files);
  std::unique_ptr<Connection> connection(new Connection(db));
  if (code != SQLITE_OK) return fail(sqlite_error(db, code));
  sqlite3_busy_timeout(db, static_cast<int>(patience.count()));
  TRY(harden(db));
  TRY(connection->script("PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY"));
  TRY(connection->script(role == Role::kReads ? kReaderCache : kWriterCache));
  if (role == Role::kReads) TRY(connection->script("PRAGMA query_only = ON"));
  return connection;
}

Connection::~Connection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(db_);
}

// Most texts are literals of this folder: the same address, the same text; it is compared all the
// same, because those that are put together may come to stand where another one stood.
Result<sqlite3_stmt*> Connection::prepared(std::string_view sql) {
  auto& recent = recent_[(std::bit_cast<std::uintptr_t>(sql.data()) >> 3) % kRecent];
  if (recent != nullptr && recent->first == sql) return recent->second;
  auto kept = statements_.find(sql);
  if (kept == statements_.end()) {
    sqlite3_stmt* fresh = nullptr;
    const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &fresh, nullptr);
    if (code != SQLITE_OK) return fail(sqlite_error(db_, code));
    kept = statements_.emplace(std::string(sql), fresh).first;
  }
  recent = &*kept;
  return kept->second;
}

Result<Statement> Connection::query(std::string_view sql, std::initializer_list<Parameter> values) {
  if (std::exchange(begins_, false)) TRY(run("BEGIN"));
  sqlite3_stmt* const kept = TRY(prepared(sql));
  Statement statement(kept);
  int index = 0;
  for (const Parameter& value : values) {
    const int code = value.bind(kept, ++index);
    if (code != SQLITE_OK) return fail(sqlite_error(db_, code));
  }
  return statement;
}

Result<int> Connection::run(std::string_view sql, std::initializer_list<Parameter> values) {
  const int before = changes();
  Statement statement = TRY(query(sql, values));
  for (bool more = true; more;) {
    const bool row = TRY(statement.step());
    more = row;
  }
  return changes() - before;
}

Result<> Connection::script(const char* sql) {
  const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(sqlite_error(db_, code));
  return {};
}

Result<std::int64_t> Connection::number(std::string_view sql,
                                        std::initializer_list<Parameter> values) {
  Statement statement = TRY(query(sql, values));
  const bool there = TRY(statement.step());
  if (!there) return fail(Why::kBug, "", "sqlite: one row was expected");
  return statement.number();
}

Result<> Connection::end() {
  begins_ = false;
  if (in_transaction()) TRY(run("ROLLBACK"));
  return {};
}

Result<> Connection::undo() {
  if (in_transaction()) TRY(run("ROLLBACK"));
  forget_gathered(db_);
  return {};
}

const volatile void* Connection::log_index() const {
  constexpr int kRegion = 32768;  // what SQLite maps at a time; it must be named exactly
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db_, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == nullptr || file->pMethods == nullptr || file->pMethods->iVersion < 2) return nullptr;
  volatile void* index = nullptr;
  if (file->pMethods->xShmMap(file, 0, kRegion, 0, &index) != SQLITE_OK) return nullptr;
  return index;
}

void Connection::checkpoint_on_close() {
  sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

int Connection::changes() const { return sqlite3_total_changes(db_); }

std::int64_t Connection::last_number() const { return sqlite3_last_insert_rowid(db_); }

}  // namespace latchkey::store
