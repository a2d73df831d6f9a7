#include "broker/vault.h"

#include "broker/mutant.h"
#include "broker/reserve.h"
#include "broker/vault_impl.h"
#include "broker/vault_schema.h"
#include "crypto/aead.h"

namespace latchkey::broker {
namespace {

std::string context_of(const ProfileName& profile) { return "latchkey entry " + profile.text; }

std::unexpected<Error> replaced(const std::string& path) {
  return fail(Why::kConflict, "another file has taken the place of the vault " + path);
}

}  // namespace

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
  TRY(upgrade_schema(database, path));
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

VaultWatch Vault::watch() const { return VaultWatch(impl_->database.log_index()); }

const std::string& Vault::path() const { return impl_->path; }
const std::string& Vault::protected_by() const { return impl_->protected_by; }

void Vault::wait_at_most(std::chrono::milliseconds patience) {
  impl_->database.wait_at_most(patience);
}

Result<> Vault::Impl::check_names(const ProfileName& missing) const {
  const Statement query =
      TRY(database.prepare("SELECT profile, sealed FROM entries WHERE length(sealed)>0"));
  for (;;) {
    const bool row = TRY(database.step(query));
    if (!row) return {};
    const ProfileName name{std::string(column_text(query, 0))};
    if (crypto::open(bytes_of(key.reveal()), column_bytes(query, 1), context_of(name))) continue;
    return fail(Why::kStore, "an entry of the vault " + path +
                                 " lost its name, and may be that of " + missing.text +
                                 "; restore a backup, or log in again: latchkey login " +
                                 missing.text);
  }
}

Result<std::optional<Entry>> Vault::load(const ProfileName& profile) {
  const Statement query = TRY(impl_->database.prepare(
      "SELECT generation, sealed FROM entries WHERE profile=?1 AND length(sealed)>0"));
  bind_text(query, 1, profile.text);
  const bool row = TRY(impl_->database.step(query));
  if (!row) {
    TRY(impl_->check_names(profile));
    return std::optional<Entry>();
  }
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
      : mutant(Mutant::kNoFence) ? "UPDATE entries SET generation=?2, sealed=?3 WHERE profile=?1"
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

Result<> Vault::store_with_reserve(const ProfileName& profile, Entry& entry) {
  auto stored = store(profile, entry);
  if (stored || stored.error().why != Why::kStore) return stored;
  release_reserve(impl_->path);
  return store(profile, entry);
}

Result<> Vault::hold_reserve() { return broker::hold_reserve(impl_->path); }

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

}  // namespace latchkey::broker
