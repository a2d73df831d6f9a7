#pragma once

#include <atomic>
#include <limits>
#include <memory>
#include <mutex>

#include "engine/keys.h"
#include "engine/policy.h"

namespace latchkey::engine {

/// What a signing key is doing.
enum class KeyState {
  kWaiting,    ///< published, so that verifiers know it when it begins to sign
  kSigning,    ///< the newest that may sign: the one that does
  kVerifying,  ///< signs nothing new; published for what it has signed
  kOver,       ///< nobody needs it; swept soon
};
KeyState state_of(const StoredKey& key, const std::vector<StoredKey>& all, Instant now);
const char* name_of(KeyState state);

/// Whether a realm of that policy needs a signing key.
bool signs(const Policy& policy);
/// How long something that a key has signed may live at most; kEndOfTime's distance
/// where a token has no end. With a minute for clocks that differ.
Seconds longest_signed(const Policy& policy);

/// One realm's keys of one algorithm, as a serving process has them: in memory, and
/// looked up anew every kLookAgain seconds, so that `rotate` and `retire` of another
/// process are taken up without a restart. When the store cannot be read, what is
/// known goes on signing. Thread-safe.
class SigningKeys {
 public:
  static constexpr Seconds kLookAgain{2};

  /// With the keys that are stored; a realm that has none gets its first at the first look(),
  /// because an RSA key can take a third of a second. kStore when the master key cannot open what
  /// is stored.
  static Result<std::shared_ptr<SigningKeys>> open(Store&, const Keys&, Realm, crypto::Alg,
                                                   Instant now);

  /// Looks again if it is time; cheap when it is not. Makes the first key, for which whoever comes
  /// meanwhile waits; kUnavailable as long as it could not be stored.
  Result<> look(Instant now);
  /// What signs; nullopt before a look() that succeeded.
  std::optional<Signer> current() const;
  /// Everything that may verify: first what signs, then what waits, and what has
  /// signed before. Without HS256, which has no public half.
  std::vector<Signer> published() const;

 private:
  struct Ring {
    Signer signing;
    std::vector<Signer> others;
  };
  SigningKeys(Store& store, const Keys& keys, Realm realm, crypto::Alg alg)
      : store_(store), keys_(keys), realm_(std::move(realm)), alg_(alg) {}
  Result<Ring> read(Instant now);
  void renew(Instant now);
  std::shared_ptr<const Ring> ring() const;

  Store& store_;
  const Keys& keys_;
  const Realm realm_;
  const crypto::Alg alg_;
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();
  std::atomic<std::int64_t> looked_{kNever};
  std::mutex looking_;
  mutable std::mutex swap_;
  std::shared_ptr<const Ring> ring_;  ///< null until there is a key
};

/// Makes a new key that is published now and signs from `now + lead` on, when the ones
/// before it stop; those are published until what they have signed is over (`longest`).
/// Its kid.
Result<std::string> rotate_key(Store&, const Keys&, const Realm&, crypto::Alg, Seconds lead,
                               Seconds longest, Instant now);
/// The key signs nothing from now on. `at_once`: it is not published any more either,
/// so whoever verifies by the JWK set refuses what it has signed; else it stays until
/// that is over. Another key is made, or brought forward, if none is left to sign.
/// kNotFound for a kid that is not there or is over.
Result<> retire_key(Store&, const Keys&, const Realm&, std::string_view kid, bool at_once,
                    Seconds longest, Instant now);

}  // namespace latchkey::engine
