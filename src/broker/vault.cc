#include "broker/vault.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "broker/files.h"
#include "crypto/aead.h"

namespace latchkey::broker {
namespace {

constexpr int kApplicationId = 0x4c4b5631;  // "LKV1"
constexpr int kSchemaVersion = 1;
constexpr int kBusyMilliseconds = 10'000;

constexpr const char* kSchema = R"(
  CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE entries(
    profile TEXT PRIMARY KEY,
    generation INTEGER NOT NULL,  -- in clear, so that a commit can be fenced in SQL
    sealed BLOB NOT NULL          -- entry.h, sealed with the profile's name as context
  ) STRICT, WITHOUT ROWID;
)";

struct CloseConnection {
  void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

std::unexpected<Error> refused(sqlite3* connection, const std::string& path) {
  switch (sqlite3_errcode(connection)) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return fail(Why::kStore, "the vault " + path + " is corrupt; it was left as it is: move it "
                               "away and log in again, or restore a backup");
    case SQLITE_BUSY: return fail(Why::kStore, "the vault " + path + " is locked by another program");
    case SQLITE_FULL: return fail(Why::kStore, "no space left for the vault " + path);
    default:
      return fail(Why::kStore, "the vault " + path + " cannot be used: " + sqlite3_errmsg(connection));
  }
}

std::string context_of(const ProfileName& profile) { return "latchkey entry " + profile.text; }

}  // namespace

struct Vault::Impl {
  std::string path;
  std::string protected_by;
  Connection connection;
  Secret key;

  Result<Statement> prepare(const char* sql) const {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(connection.get(), sql, -1, &statement, nullptr) != SQLITE_OK)
      return refused(connection.get(), path);
    return Statement(statement);
  }
  Result<> execute(const char* sql) const {
    if (sqlite3_exec(connection.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
      return refused(connection.get(), path);
    return {};
  }
  /// True when there is a row.
  Result<bool> step(const Statement& statement) const {
    const int code = sqlite3_step(statement.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return refused(connection.get(), path);
  }
  Result<int> number(const char* sql) const {
    const Statement statement = TRY(prepare(sql));
    const bool row = TRY(step(statement));
    return row ? sqlite3_column_int(statement.get(), 0) : 0;
  }
  Result<> create(const KeyChain& chain);
  Result<> unlock(const KeyChain& chain);
};

namespace {

void bind_text(const Statement& statement, int at, std::string_view text) {
  sqlite3_bind_text(statement.get(), at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

std::string_view column_text(const Statement& statement, int at) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement.get(), at));
  return text == nullptr ? std::string_view()
                         : std::string_view(text, static_cast<std::size_t>(
                                                      sqlite3_column_bytes(statement.get(), at)));
}

ByteView column_bytes(const Statement& statement, int at) {
  return {static_cast<const std::uint8_t*>(sqlite3_column_blob(statement.get(), at)),
          static_cast<std::size_t>(sqlite3_column_bytes(statement.get(), at))};
}

/// Nothing may be there but a vault that is ours alone, with its two companions.
Result<> check_files(const std::string& path) {
  TRY(check_private_file(path));
  for (const char* ending : {"-wal", "-shm"}) {
    auto checked = check_private_file(path + ending);
    if (!checked && checked.error().why != Why::kNotFound) return fail(checked.error());
  }
  return {};
}

}  // namespace

Result<> Vault::Impl::create(const KeyChain& chain) {
  // Two processes may both find no vault: the transaction lets one of them make it.
  TRY(execute("PRAGMA journal_mode=WAL; BEGIN IMMEDIATE"));
  const int made = TRY(number("PRAGMA user_version"));
  if (made != 0) return execute("ROLLBACK");
  const NewKey fresh = TRY(make_vault_key(chain));
  TRY(execute(kSchema));
  const Statement insert = TRY(prepare("INSERT INTO meta VALUES('protection', ?1)"));
  bind_text(insert, 1, write_protection(fresh.protection));
  TRY(step(insert));
  const std::string marks = "PRAGMA application_id=" + std::to_string(kApplicationId) +
                            "; PRAGMA user_version=" + std::to_string(kSchemaVersion) + "; COMMIT";
  return execute(marks.c_str());
}

Result<> Vault::Impl::unlock(const KeyChain& chain) {
  const Statement query = TRY(prepare("SELECT value FROM meta WHERE name='protection'"));
  const bool there = TRY(step(query));
  if (!there) return fail(Why::kStore, "the vault " + path + " has no key record");
  const Protection protection = TRY(read_protection(column_text(query, 0)));
  key = TRY(open_vault_key(chain, protection));
  protected_by = describe(protection.kind, chain.choice.key_file);
  return {};
}

Result<Vault> Vault::open(const KeyChain& chain, bool create) {
  const std::string& path = chain.choice.path;
  auto files = check_files(path);
  const bool missing = !files && files.error().why == Why::kNotFound;
  if (!files && !(missing && create)) return fail(files.error());
  if (missing) {
    auto created = create_secret_file(path, Secret());
    if (!created && created.error().why != Why::kConflict) return fail(created.error());
  }
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX,
                                   nullptr);
  impl->connection.reset(raw);
  if (code != SQLITE_OK) return refused(raw, path);
  sqlite3_busy_timeout(raw, kBusyMilliseconds);
  TRY(impl->execute("PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF"));
  int version = TRY(impl->number("PRAGMA user_version"));
  const int application = TRY(impl->number("PRAGMA application_id"));
  if (version > kSchemaVersion)
    return fail(Why::kStore, "the vault " + path + " was written by a newer latchkey");
  if (version != 0 && application != kApplicationId)
    return fail(Why::kStore, path + " is a database, but not a vault; refused");
  if (version == 0 && !create) return fail(Why::kNotFound, "there is no vault yet");
  if (version == 0) TRY(impl->create(chain));
  TRY(impl->unlock(chain));
  return Vault(std::move(impl));
}

Vault::Vault(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Vault::Vault(Vault&&) noexcept = default;
Vault& Vault::operator=(Vault&&) noexcept = default;
Vault::~Vault() = default;

const std::string& Vault::path() const { return impl_->path; }
const std::string& Vault::protected_by() const { return impl_->protected_by; }

Result<std::optional<Entry>> Vault::load(const ProfileName& profile) {
  const Statement query =
      TRY(impl_->prepare("SELECT generation, sealed FROM entries WHERE profile=?1"));
  bind_text(query, 1, profile.text);
  const bool row = TRY(impl_->step(query));
  if (!row) return std::optional<Entry>();
  auto text = crypto::open(bytes_of(impl_->key.reveal()), column_bytes(query, 1), context_of(profile));
  if (!text)
    return fail(Why::kStore, "the entry of " + profile.text + " in the vault was damaged or moved; "
                             "forget it and log in again: latchkey logout --forget " + profile.text);
  Entry entry = TRY(read_entry(*text));
  if (entry.generation != sqlite3_column_int64(query.get(), 0))
    return fail(Why::kStore, "the entry of " + profile.text + " in the vault was tampered with");
  return std::optional<Entry>(std::move(entry));
}

Result<> Vault::store(const ProfileName& profile, Entry& entry) {
  Entry next = entry;
  ++next.generation;
  const Secret text = write_entry(next);
  const Bytes sealed = crypto::seal(bytes_of(impl_->key.reveal()), bytes_of(text.reveal()), context_of(profile));
  const Statement write = TRY(impl_->prepare(
      entry.generation == 0
          ? "INSERT INTO entries(profile, generation, sealed) VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING"
          : "UPDATE entries SET generation=?2, sealed=?3 WHERE profile=?1 AND generation=?2-1"));
  bind_text(write, 1, profile.text);
  sqlite3_bind_int64(write.get(), 2, next.generation);
  sqlite3_bind_blob(write.get(), 3, sealed.data(), static_cast<int>(sealed.size()), SQLITE_TRANSIENT);
  TRY(impl_->step(write));
  if (sqlite3_changes(impl_->connection.get()) != 1)
    return fail(Why::kConflict, "the entry of " + profile.text + " was changed by another program");
  entry.generation = next.generation;
  return {};
}

Result<bool> Vault::remove(const ProfileName& profile) {
  const Statement gone = TRY(impl_->prepare("DELETE FROM entries WHERE profile=?1"));
  bind_text(gone, 1, profile.text);
  TRY(impl_->step(gone));
  return sqlite3_changes(impl_->connection.get()) > 0;
}

Result<std::vector<ProfileName>> Vault::list() {
  const Statement query = TRY(impl_->prepare("SELECT profile FROM entries ORDER BY profile"));
  std::vector<ProfileName> names;
  for (;;) {
    const bool row = TRY(impl_->step(query));
    if (!row) return names;
    names.emplace_back(column_text(query, 0));
  }
}

}  // namespace latchkey::broker
