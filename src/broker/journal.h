#pragma once

#include <functional>

#include "broker/deadline.h"
#include "broker/vault.h"
#include "dialect/dialect.h"

namespace latchkey::broker {

/// What is known about a single-use refresh token after it was sent and no new one
/// came back.
enum class Fate {
  kUnspent,  ///< it was not spent; it may be sent later like any other
  kDead,     ///< the provider looked at it and will not take it any more
  kInDoubt,  ///< it may have been spent
};

/// Reads an error. `status` is the HTTP answer's, 0 if there was none.
///
///   the error                                                  | fate
///   the token is invalid, expired, revoked or used before      | kDead
///   nothing was sent (no connection, no name, TLS failed)      | kUnspent
///   429                                                        | kUnspent
///   503 that says when to come back (Retry-After)              | kUnspent
///   any other refusal with a status below 500                  | kUnspent
///   any other 5xx: it may come after the commit                | kInDoubt
///   no answer, half an answer, one that cannot be understood   | kInDoubt
///
/// Rows are tried from the top. Only the provider's own word, or that nothing was
/// sent, counts as a proof; a 503 of a proxy may hide that the request got through
/// (docs/decisions).
Fate fate_of(const Error& error, int status);

/// How long ago the token in doubt was first sent: the longer of what the clock and
/// what the machine's uptime say, so that setting the clock back does not make a
/// window longer. nullopt: nobody can tell (the machine was started anew, or the
/// entry came from another one).
std::optional<Seconds> in_doubt_for(const Entry& entry, Instant now, const Uptime& uptime);

/// True when the refresh token that is in doubt may be sent once more: it is not
/// single-use, or the provider's replay window is open for sure.
bool may_replay(const Entry& entry, const dialect::Traits& traits, Instant now,
                const Uptime& uptime);

/// For whoever slept through its lease and finds the entry changed when it comes back
/// with `ours`, got for `spent`. Our pair is the head of its family unless somebody
/// else has got a pair, or a login, since: then theirs stands (nullopt). Where the
/// others only changed something else, or gave `spent` up for lost, ours goes in on
/// top of what is stored; otherwise the last good token would be dropped.
std::optional<Entry> merged(const Entry& stored, const Entry& ours, const Secret& spent);

/// The durable steps around one use of a single-use refresh token, under the lease.
/// kUnavailable when somebody else changed the entry all the same.
class Journal {
 public:
  using Wait = std::function<void(Seconds)>;
  Journal(Vault& vault, const ProfileName& profile) : vault_(vault), profile_(profile) {}

  /// Before the token leaves the machine: the vault takes writes, there is space for
  /// what will come back, and that it is being spent is durable. kStore: nothing was
  /// sent, and nothing must be; `entry` is as it was.
  Result<> begin(Entry& entry, Instant now, const Uptime& uptime);
  /// Before a token that somebody else has sent leaves once more: he can no longer say that
  /// it was not spent, should he still be at it. As begin().
  Result<> begin_again(Entry& entry);
  /// It was not spent after all.
  Result<> withdraw(Entry& entry);
  /// Stores what came back for `spent`; the entry that is in the vault afterwards,
  /// which may be somebody else's (see merged()). While the vault cannot be written it
  /// tries again, with the reserve's space, until the deadline. kStore: the pair is
  /// gone with this process, the entry still says that the token is being spent, and
  /// whoever comes next recovers by the provider's rule.
  Result<Entry> keep(Entry fresh, const Secret& spent, const Deadline& deadline, const Wait& wait);

 private:
  Result<Entry> give_way(const Entry& ours, const Secret& spent);

  Vault& vault_;
  const ProfileName& profile_;
};

}  // namespace latchkey::broker
