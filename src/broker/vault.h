#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "broker/entry.h"
#include "broker/failures.h"
#include "broker/vault_key.h"
#include "broker/vault_watch.h"

namespace latchkey::broker {

/// The sealed, durable token store: one SQLite file per user (WAL, FULL), each
/// profile's entry sealed with XChaCha20-Poly1305 under the vault's key. The file
/// is ours alone (0600, no link); anything else is refused and left as it is.
/// Safe to use from several processes at once; one object from one thread.
///
/// Errors are kStore with the way out in words: locked, unwritable, unsafe,
/// corrupt, newer than this program. A corrupt vault is never reset.
class Vault {
 public:
  /// Opens the vault; with `create`, makes it first if there is none. Without:
  /// kNotFound when there is none. chain.choice.path and key_file are absolute.
  static Result<Vault> open(const KeyChain& chain, bool create);
  Vault(Vault&&) noexcept;
  Vault& operator=(Vault&&) noexcept;
  ~Vault();

  /// The same vault for another thread: a connection of its own, and nobody is asked
  /// for the key again. Waits for other writers for at most `patience`. kConflict
  /// when another file has taken the vault's place.
  Result<Vault> another(std::chrono::milliseconds patience = std::chrono::seconds{10}) const;
  /// Another number than the last time when some other connection, of whatever
  /// process, has committed since. Costs microseconds. kConflict as above.
  Result<std::int64_t> version();
  /// How long to wait for another program that is writing; 5 s at most, and at first.
  void wait_at_most(std::chrono::milliseconds patience);

  /// nullopt: nothing is kept for that profile.
  Result<std::optional<Entry>> load(const ProfileName& profile);
  /// Durable when it returns. Commits only if the stored generation is still
  /// entry.generation (0: there is none yet) and raises it by one, in `entry` too;
  /// kConflict when somebody else wrote in between: nothing is changed.
  Result<> store(const ProfileName& profile, Entry& entry);
  /// The same for what must not be lost: if the disk is full, it lets go of the
  /// reserve and tries once more.
  Result<> store_with_reserve(const ProfileName& profile, Entry& entry);
  /// Makes sure that there will be space for such a commit (reserve.h). kStore when
  /// there is not.
  Result<> hold_reserve();
  /// Forgets it; true if there was something. Its generation goes on counting, so
  /// that nobody who slept through this can store after it.
  Result<bool> remove(const ProfileName& profile);
  Result<std::vector<ProfileName>> list();

  /// What whoever waits looks at, many times a second: no key, no decryption.
  struct Glimpse {
    std::int64_t generation = 0;  ///< of the entry; goes on counting when it is forgotten
    std::int64_t failures = 0;    ///< Failure::serial of the record
    friend bool operator==(const Glimpse&, const Glimpse&) = default;
  };
  Result<Glimpse> glimpse(const ProfileName& profile, const std::string& failures);

  /// What failed last, by the record's name. nullopt: nothing was ever noted.
  Result<std::optional<Failure>> failure(const std::string& name);
  /// Durable when it returns; its serial goes on counting.
  Result<> note(const std::string& name, const Failure& failure);
  /// The last try went well.
  Result<> absolve(const std::string& name);

  /// How long to wait before calling `name`, so that all programs with this vault
  /// call it at most once an interval. kTooMany when that is longer than `patience`.
  Result<Seconds> take_turn(const std::string& name, Seconds interval, Instant now,
                            Seconds patience);
  /// Takes one of `most` that come back one by one, `each` after `each`. Zero: it is
  /// taken; else when there will be one, and nothing is taken.
  Result<Seconds> draw(const std::string& name, int most, Seconds each, Instant now);

  /// Sees commits of all programs without asking the system; valid as long as this
  /// Vault. Blind before the first load() of a new vault.
  VaultWatch watch() const;

  const std::string& path() const;
  /// What protects the key, in plain words.
  const std::string& protected_by() const;

 private:
  struct Impl;
  explicit Vault(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace latchkey::broker
