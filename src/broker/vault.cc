#include "broker/vault.h"

#include <algorithm>

#include "broker/database.h"
#include "broker/vault_file.h"
#include "crypto/aead.h"

namespace latchkey::broker {
namespace {

/// A turn further ahead than this was written by a clock that has been set back.
constexpr Seconds kFurthestTurn{600};

std::string context_of(const ProfileName& profile) { return "latchkey entry " + profile.text; }

std::unexpected<Error> replaced(const std::string& path) {
  return fail(Why::kConflict, "another file has taken the place of the vault " + path);
}

}  // namespace

struct Vault::Impl {
  std::string path;
  VaultFile file;  // outlives the connection
  Database database;
  Secret key = {};
  std::string protected_by = {};
  Statement version_query = {};

  Result<> unlock(const KeyChain& chain);
  /// Of an entry that was forgotten; 0: there was none.
  Result<std::int64_t> last_generation(const ProfileName& profile) const;
  Result<Instant> next_turn(const std::string& name, Seconds interval, Instant now) const;
};

Result<> Vault::Impl::unlock(const KeyChain& chain) {
  const Statement query = TRY(database.prepare("SELECT value FROM meta WHERE name='protection'"));
  const bool there = TRY(database.step(query));
  if (!there) return fail(Why::kStore, "the vault " + path + " has no key record");
  const Protection protection = TRY(read_protection(column_text(query, 0)));
  key = TRY(open_vault_key(chain, protection));
  protected_by = describe(protection.kind, chain.choice.key_file);
  return {};
}

Result<Vault> Vault::open(const KeyChain& chain, bool create) {
  const std::string& path = chain.choice.path;
  auto checked = check_vault_file(path);
  if (!checked && checked.error().why == Why::kNotFound && create) {
    TRY(make_vault_file(chain));
    checked = check_vault_file(path);
  }
  if (!checked && checked.error().why == Why::kNotFound)
    return fail(Why::kNotFound, "there is no vault yet");
  if (!checked) return fail(std::move(checked).error());
  Database database = TRY(Database::open(path));
  auto impl = std::make_unique<Impl>(path, std::move(*checked), std::move(database));
  TRY(impl->unlock(chain));
  return Vault(std::move(impl));
}

Result<Vault> Vault::another(std::chrono::milliseconds patience) const {
  if (!is_there(impl_->path, *impl_->file)) return replaced(impl_->path);
  Database database = TRY(Database::open(impl_->path, patience));
  if (!is_there(impl_->path, *impl_->file)) return replaced(impl_->path);
  return Vault(std::make_unique<Impl>(impl_->path, impl_->file, std::move(database), impl_->key,
                                      impl_->protected_by));
}

Result<std::int64_t> Vault::version() {
  if (!is_there(impl_->path, *impl_->file)) return replaced(impl_->path);
  if (impl_->version_query == nullptr)
    impl_->version_query = TRY(impl_->database.prepare("PRAGMA data_version"));
  return impl_->database.number(impl_->version_query);
}

Vault::Vault(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Vault::Vault(Vault&&) noexcept = default;
Vault& Vault::operator=(Vault&&) noexcept = default;
Vault::~Vault() = default;

const std::string& Vault::path() const { return impl_->path; }
const std::string& Vault::protected_by() const { return impl_->protected_by; }

Result<std::optional<Entry>> Vault::load(const ProfileName& profile) {
  const Statement query = TRY(impl_->database.prepare(
      "SELECT generation, sealed FROM entries WHERE profile=?1 AND length(sealed)>0"));
  bind_text(query, 1, profile.text);
  const bool row = TRY(impl_->database.step(query));
  if (!row) return std::optional<Entry>();
  auto text =
      crypto::open(bytes_of(impl_->key.reveal()), column_bytes(query, 1), context_of(profile));
  if (!text)
    return fail(Why::kStore, "the entry of " + profile.text +
                                 " in the vault was damaged or moved; "
                                 "forget it and log in again: latchkey logout --forget " +
                                 profile.text);
  Entry entry = TRY(read_entry(*text));
  if (entry.generation != column_number(query, 0))
    return fail(Why::kStore, "the entry of " + profile.text +
                                 " in the vault was tampered with; "
                                 "forget it and log in again: latchkey logout --forget " +
                                 profile.text);
  return std::optional<Entry>(std::move(entry));
}

Result<std::int64_t> Vault::Impl::last_generation(const ProfileName& profile) const {
  const Statement query =
      TRY(database.prepare("SELECT generation FROM entries WHERE profile=?1 AND length(sealed)=0"));
  bind_text(query, 1, profile.text);
  const bool row = TRY(database.step(query));
  return row ? column_number(query, 0) : 0;
}

Result<> Vault::store(const ProfileName& profile, Entry& entry) {
  const bool is_new = entry.generation == 0;
  Entry next = entry;
  if (is_new) next.generation = TRY(impl_->last_generation(profile));
  ++next.generation;
  const Secret text = write_entry(next);
  const Bytes sealed =
      crypto::seal(bytes_of(impl_->key.reveal()), bytes_of(text.reveal()), context_of(profile));
  const Statement write = TRY(impl_->database.prepare(
      is_new ? "INSERT INTO entries(profile, generation, sealed) VALUES(?1, ?2, ?3)"
               " ON CONFLICT(profile) DO UPDATE SET generation=?2, sealed=?3"
               " WHERE generation=?2-1 AND length(sealed)=0"
             : "UPDATE entries SET generation=?2, sealed=?3"
               " WHERE profile=?1 AND generation=?2-1 AND length(sealed)>0"));
  bind_text(write, 1, profile.text);
  bind_number(write, 2, next.generation);
  bind_bytes(write, 3, sealed);
  TRY(impl_->database.step(write));
  if (impl_->database.changes() != 1)
    return fail(Why::kConflict, "the entry of " + profile.text + " was changed by another program");
  entry.generation = next.generation;
  return {};
}

Result<bool> Vault::remove(const ProfileName& profile) {
  const Statement gone =
      TRY(impl_->database.prepare("UPDATE entries SET generation=generation+1, sealed=x''"
                                  " WHERE profile=?1 AND length(sealed)>0"));
  bind_text(gone, 1, profile.text);
  TRY(impl_->database.step(gone));
  return impl_->database.changes() > 0;
}

Result<std::vector<ProfileName>> Vault::list() {
  const Statement query = TRY(impl_->database.prepare(
      "SELECT profile FROM entries WHERE length(sealed)>0 ORDER BY profile"));
  std::vector<ProfileName> names;
  for (;;) {
    const bool row = TRY(impl_->database.step(query));
    if (!row) return names;
    names.emplace_back(column_text(query, 0));
  }
}

Result<Instant> Vault::Impl::next_turn(const std::string& name, Seconds interval,
                                       Instant now) const {
  const Statement query = TRY(database.prepare("SELECT free FROM turns WHERE name=?1"));
  bind_text(query, 1, name);
  const bool row = TRY(database.step(query));
  const Instant free = row ? from_epoch(column_number(query, 0)) : now;
  const Instant turn = free > now + kFurthestTurn ? now : std::max(free, now);
  const Statement write = TRY(
      database.prepare("INSERT INTO turns VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET free=?2"));
  bind_text(write, 1, name);
  // Whole seconds: two calls may each be up to one away from what their clock says.
  bind_number(write, 2, epoch(turn + interval + Seconds{1}));
  TRY(database.step(write));
  return turn;
}

Result<Seconds> Vault::take_turn(const std::string& name, Seconds interval, Instant now,
                                 Seconds patience) {
  TRY(impl_->database.execute("BEGIN IMMEDIATE"));
  auto turn = impl_->next_turn(name, interval, now);
  if (turn && *turn - now > patience)
    turn = fail({Why::kTooMany, "too many programs wait for a call to " + name, {}, *turn - now});
  auto ended = impl_->database.execute(turn ? "COMMIT" : "ROLLBACK");
  if (!turn) return fail(std::move(turn).error());
  if (!ended) return fail(std::move(ended).error());
  return *turn - now;
}

}  // namespace latchkey::broker
