#include "broker/vault_schema.h"

#include <sys/stat.h>

#include <cstring>

namespace latchkey::broker {
namespace {

constexpr std::uint32_t kApplicationId = 0x4c4b5631;  // "LKV1"

// Step n makes version n out of version n-1. A step that is out in the world is
// never changed.
constexpr const char* kSteps[] = {
    // 1: the tokens
    R"(
  CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE entries(
    profile TEXT PRIMARY KEY,
    generation INTEGER NOT NULL,  -- in clear, so that a commit can be fenced in SQL
    sealed BLOB NOT NULL          -- entry.h, sealed with the profile's name as context;
                                  -- empty: forgotten, and only the generation stays
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE turns(
    name TEXT PRIMARY KEY,
    free INTEGER NOT NULL         -- when the next call may go out, seconds since 1970
  ) STRICT, WITHOUT ROWID;
)",
    // 2: what failed, so that all programs know it
    R"(
  CREATE TABLE failures(
    name TEXT PRIMARY KEY,        -- of a profile, or of an account at a provider
    serial INTEGER NOT NULL,      -- counts the failures ever noted: who waits looks at it
    count INTEGER NOT NULL,       -- in a row; 0: the last try went well
    why TEXT NOT NULL,            -- Why, as name_of() writes it
    say TEXT NOT NULL,            -- for whoever asks; holds no secret
    noted INTEGER NOT NULL,       -- when, seconds since 1970
    until INTEGER NOT NULL        -- nobody asks the provider before
  ) STRICT, WITHOUT ROWID;
)"};
static_assert(std::size(kSteps) == kSchemaVersion);

// The first 100 bytes of every SQLite 3 file (sqlite.org/fileformat2.html, 1.3).
constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr std::size_t kPageSizeAt = 16;
constexpr std::size_t kPageCountAt = 28;
constexpr std::size_t kVersionAt = 60;
constexpr std::size_t kApplicationAt = 68;

std::uint32_t number_at(ByteView head, std::size_t at) {
  return std::uint32_t{head[at]} << 24 | std::uint32_t{head[at + 1]} << 16 |
         std::uint32_t{head[at + 2]} << 8 | head[at + 3];
}

/// Without a log, the file holds every page that it counts.
bool is_cut(ByteView head, const std::string& path) {
  struct stat file{}, log{};
  const std::string log_path = path + "-wal";
  if (lstat(path.c_str(), &file) != 0) return true;
  if (lstat(log_path.c_str(), &log) == 0 && log.st_size > 0) return false;
  const std::uint64_t written = number_at(head, kPageSizeAt) >> 16;
  const std::uint64_t page = written == 1 ? 65536 : written;
  return static_cast<std::uint64_t>(file.st_size) < page * number_at(head, kPageCountAt);
}

std::unexpected<Error> corrupt(const std::string& path) {
  return fail(Why::kStore, path +
                               " is not a vault, or a corrupt one; it was left as it is: move it "
                               "away with its -wal file and log in again, or restore a backup");
}

std::unexpected<Error> newer(const std::string& path) {
  return fail(Why::kStore, "the vault " + path + " was written by a newer latchkey");
}

Result<std::uint32_t> version_of(const Database& database) {
  const Statement query = TRY(database.prepare("PRAGMA user_version"));
  TRY(database.step(query));
  return static_cast<std::uint32_t>(column_number(query, 0));
}

/// Runs the steps beyond that version.
Result<> climb(const Database& database, std::uint32_t from) {
  for (std::uint32_t version = from; version < kSchemaVersion; ++version)
    TRY(database.execute(kSteps[version]));
  const std::string mark = "PRAGMA user_version=" + std::to_string(kSchemaVersion);
  return database.execute(mark.c_str());
}

}  // namespace

Result<> make_schema(const Database& database) {
  const std::string mark = "PRAGMA application_id=" + std::to_string(kApplicationId);
  TRY(database.execute(mark.c_str()));
  return climb(database, 0);
}

Result<> upgrade_schema(const Database& database, const std::string& path) {
  const std::uint32_t seen = TRY(version_of(database));
  // The head of the file may be older than its log.
  if (seen > kSchemaVersion) return newer(path);
  if (seen == kSchemaVersion) return {};
  TRY(database.execute("BEGIN IMMEDIATE"));
  auto version = version_of(database);
  Result<> done = {};
  if (!version) done = fail(version.error());
  else if (*version > kSchemaVersion) done = newer(path);
  else if (*version < kSchemaVersion) done = climb(database, *version);
  if (done) return database.execute("COMMIT");
  TRY(database.execute("ROLLBACK"));
  return done;
}

Result<> check_head(ByteView head, const std::string& path) {
  const bool whole = head.size() == kHeadSize;
  if (!whole || std::memcmp(head.data(), kMagic.data(), kMagic.size()) != 0) return corrupt(path);
  if (number_at(head, kApplicationAt) != kApplicationId)
    return fail(Why::kStore, path + " is a database, but not a vault; refused");
  const std::uint32_t version = number_at(head, kVersionAt);
  if (version > kSchemaVersion) return newer(path);
  if (version == 0 || is_cut(head, path)) return corrupt(path);
  return {};
}

}  // namespace latchkey::broker
