#include "broker/database.h"

#include <stdlib.h>

#include <algorithm>

#include "broker/files.h"
#include "broker/mutant.h"

namespace latchkey::broker {
namespace {

/// With the links in the directory's own path resolved: SQLite refuses those too,
/// and a home directory may well be behind one. The file itself must be none.
std::string resolved(const std::string& path) {
  const std::unique_ptr<char, decltype(&::free)> directory(
      realpath(directory_of(path).c_str(), nullptr), &::free);
  if (directory == nullptr) return path;
  return std::string(directory.get()) + "/" + path.substr(path.rfind('/') + 1);
}

}  // namespace

std::unexpected<Error> Database::refused() const {
  switch (sqlite3_errcode(connection_.get())) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return fail(Why::kStore, "the vault " + path_ +
                                   " is corrupt; it was left as it is: move it "
                                   "away with its -wal file and log in again, or restore a backup");
    case SQLITE_BUSY:
      return fail(Why::kStore, "the vault " + path_ + " is locked by another program");
    case SQLITE_FULL: return fail(Why::kStore, "no space left for the vault " + path_);
    case SQLITE_READONLY: return fail(Why::kStore, "the vault " + path_ + " cannot be written");
    default:
      return fail(Why::kStore,
                  "the vault " + path_ + " cannot be used: " + sqlite3_errmsg(connection_.get()));
  }
}

Result<Database> Database::open(const std::string& path, std::chrono::milliseconds patience) {
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(resolved(path).c_str(), &raw, flags, nullptr);
  Database database(path, raw);
  if (code != SQLITE_OK) return database.refused();
  database.wait_at_most(patience);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  TRY(
      database.execute("PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF;"
                       "PRAGMA cell_size_check=ON; PRAGMA secure_delete=ON"));
  if (mutant(Mutant::kNoFsync)) TRY(database.execute("PRAGMA synchronous=OFF"));
  return database;
}

void Database::wait_at_most(std::chrono::milliseconds patience) const {
  sqlite3_busy_timeout(connection_.get(),
                       static_cast<int>(std::min(patience, kBusyPatience).count()));
}

Result<> Database::execute(const char* sql) const {
  if (sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    return refused();
  return {};
}

Result<Statement> Database::prepare(const char* sql) const {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(connection_.get(), sql, -1, &statement, nullptr) != SQLITE_OK)
    return refused();
  return Statement(statement);
}

Result<bool> Database::step(const Statement& statement) const {
  switch (sqlite3_step(statement.get())) {
    case SQLITE_ROW: return true;
    case SQLITE_DONE: return false;
    default: return refused();
  }
}

Result<std::int64_t> Database::number(const Statement& statement) const {
  const auto row = step(statement);
  const std::int64_t number = row && *row ? column_number(statement, 0) : 0;
  sqlite3_reset(statement.get());
  if (!row) return fail(row.error());
  return number;
}

const volatile void* Database::log_index() const {
  constexpr int kRegion = 32768;  // what SQLite maps at a time; it must be named exactly
  sqlite3_file* file = nullptr;
  sqlite3_file_control(connection_.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == nullptr || file->pMethods == nullptr || file->pMethods->iVersion < 2 ||
      file->pMethods->xShmMap == nullptr)
    return nullptr;
  volatile void* index = nullptr;
  if (file->pMethods->xShmMap(file, 0, kRegion, 0, &index) != SQLITE_OK) return nullptr;
  return index;
}

void bind_text(const Statement& statement, int at, std::string_view text) {
  sqlite3_bind_text(statement.get(), at, text.data(), static_cast<int>(text.size()),
                    SQLITE_TRANSIENT);
}

void bind_number(const Statement& statement, int at, std::int64_t number) {
  sqlite3_bind_int64(statement.get(), at, number);
}

void bind_bytes(const Statement& statement, int at, ByteView bytes) {
  sqlite3_bind_blob(statement.get(), at, bytes.data(), static_cast<int>(bytes.size()),
                    SQLITE_TRANSIENT);
}

std::string_view column_text(const Statement& statement, int at) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement.get(), at));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement.get(), at))};
}

std::int64_t column_number(const Statement& statement, int at) {
  return sqlite3_column_int64(statement.get(), at);
}

ByteView column_bytes(const Statement& statement, int at) {
  const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement.get(), at));
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement.get(), at))};
}

}  // namespace latchkey::broker
