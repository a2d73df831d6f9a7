#include "store/sqlite/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "store/sqlite/migrate.h"
#include "store/sqlite/safe_file.h"

namespace latchkey::store {
namespace {

namespace fs = std::filesystem;
constexpr std::chrono::milliseconds kPatience{5000};
constexpr const char* kHasFacts =
    "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'backup_facts'";

std::unexpected<Error> trouble(const std::string& doing, const std::string& path) {
  return fail(Why::kUnavailable, "cannot " + doing + " " + path + ": " + std::strerror(errno));
}

Result<std::unique_ptr<Connection>> open(const std::string& path, Connection::Role role) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(path, error)))
    return fail(Why::kNotFound, "there is no store " + path);
  const std::string real = TRY(safe_file(path));
  return Connection::open(real, role, kPatience);
}

Result<> check_whole(Connection& db) {
  Statement said = TRY(db.query("PRAGMA quick_check(1)"));
  const bool there = TRY(said.step());
  if (!there || said.text() != "ok") return fail(Why::kStore, "the store is damaged");
  return {};
}

Result<std::map<std::string, std::string>> facts_in(Connection& db) {
  std::map<std::string, std::string> facts;
  const auto has = TRY(db.number(kHasFacts));
  if (has == 0) return facts;
  Statement rows = TRY(db.query("SELECT name, value FROM backup_facts"));
  for (;;) {
    const bool row = TRY(rows.step());
    if (!row) return facts;
    std::string name = rows.text();
    facts[std::move(name)] = rows.text();
  }
}

Result<> write_facts(const std::string& path, const std::map<std::string, std::string>& facts) {
  const auto db = TRY(Connection::open(path, Connection::Role::kWrites, kPatience));
  TRY(db->script("CREATE TABLE backup_facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT"));
  for (const auto& [name, value] : facts)
    TRY(db->run("INSERT INTO backup_facts VALUES (?, ?)", {name, value}));
  return check_whole(*db);
}

Result<> sync(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  const bool good = file >= 0 && fsync(file) == 0;
  if (file >= 0) ::close(file);
  if (!good) return trouble("write", path);
  return {};
}

Result<> copy(const std::string& from, const std::string& to,
              const std::map<std::string, std::string>& facts) {
  {
    const auto db = TRY(open(from, Connection::Role::kWrites));
    TRY(schema_of(*db));
    TRY(db->run("VACUUM INTO ?", {to}));
  }
  TRY(write_facts(to, facts));
  return sync(to, O_RDONLY);
}

}  // namespace

Result<StoreFile> look_at_store(const std::string& path) {
  const auto db = TRY(open(path, Connection::Role::kReads));
  StoreFile file;
  file.schema = TRY(schema_of(*db));
  TRY(check_whole(*db));
  file.newest = static_cast<int>(migrations().size());
  for (int step = file.schema; step < file.newest; ++step)
    file.steps.push_back("schema " + std::to_string(step) + " to " + std::to_string(step + 1) +
                         ": " + migration_names()[static_cast<std::size_t>(step)]);
  file.facts = TRY(facts_in(*db));
  return file;
}

Result<> back_up_store(const std::string& from, const std::string& to,
                       const std::map<std::string, std::string>& facts) {
  std::error_code error;
  if (fs::exists(fs::symlink_status(to, error)))
    return fail(Why::kConflict, to + " is there already; a backup is never written over");
  const std::string fresh = to + ".new";
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return trouble("make", fresh);
  ::close(file);
  auto copied = copy(from, fresh, facts);
  // link(), not rename(): nothing is written over that came in the meantime.
  if (copied && ::link(fresh.c_str(), to.c_str()) != 0) copied = trouble("make", to);
  ::unlink(fresh.c_str());
  if (!copied) return copied;
  const std::string folder = fs::path(to).parent_path().string();
  return sync(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
}

Result<> unpack_store(const std::string& path) {
  const auto db = TRY(open(path, Connection::Role::kWrites));
  return db->script("DROP TABLE IF EXISTS backup_facts");
}

}  // namespace latchkey::store
