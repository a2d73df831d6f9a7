#pragma once

#include <functional>

#include "engine/directory.h"

namespace latchkey::engine {

/// What happened to a single-use token. A replay is a value, not an error: an
/// error would roll back the revocation that the replay calls for
/// (RFC 6819 section 5.2.2.3).
enum class Spend { kSpent, kAlreadySpent, kUnknown };

/// Which families to revoke; an empty member matches any.
struct GrantFilter {
  Realm realm = {};
  ClientId client = {};
  SubjectId subject = {};
  std::int64_t operator_id = 0;
  GrantId except = {};
  bool only_live = true;
};

/// One transaction. All of it happens or none; later transactions see it whole.
/// Every verb fails only with kUnavailable (busy, full, broken disk), kConflict
/// (a key that is taken) or kBug. Look-ups give nullopt for "no such row".
/// Valid only inside the function that transact() or read() called.
class Tx {
 public:
  virtual ~Tx() = default;

  // The directory.
  virtual Result<> put_client(const Client&) = 0;  ///< inserts or replaces
  virtual Result<std::optional<Client>> client(const Realm&, const ClientId&) = 0;
  virtual Result<std::optional<Client>> client_of_partner(const Realm&, std::string_view partner) = 0;
  virtual Result<std::vector<Client>> clients(const Realm&) = 0;  ///< by id
  virtual Result<> put_subject(const Subject&) = 0;               ///< number 0: the store picks the next
  virtual Result<std::optional<Subject>> subject(const Realm&, const SubjectId&) = 0;
  virtual Result<std::vector<Subject>> subjects(const Realm&) = 0;
  virtual Result<Organization> add_organization(const Realm&, const SubjectId& owner, std::string_view name) = 0;
  virtual Result<std::vector<Organization>> organizations(const Realm&, const SubjectId& owner) = 0;
  virtual Result<Operator> add_operator(const Realm&, std::int64_t organization, std::string_view name) = 0;
  virtual Result<std::vector<Operator>> operators(const Realm&, std::int64_t organization) = 0;
  /// The operator, if its organization belongs to `owner`.
  virtual Result<std::optional<Operator>> operator_of(const Realm&, const SubjectId& owner, std::int64_t id) = 0;
  virtual Result<> set_operator_status(const Realm&, std::int64_t id, OperatorStatus) = 0;

  // Families and tokens.
  virtual Result<> put_grant(const Grant&) = 0;
  virtual Result<> put_token(const Token&) = 0;  ///< kConflict if the hash is there
  /// The token and its family, if both belong to the realm.
  virtual Result<std::optional<Holding>> holding(const Realm&, const Hash&) = 0;
  /// Marks a refresh token spent; exactly one caller ever gets kSpent.
  virtual Result<Spend> spend(const Realm&, const Hash&, Instant now) = 0;
  /// Revokes the live families that match; how many there were.
  virtual Result<int> revoke_grants(const GrantFilter&, std::string_view why, Instant now) = 0;
  /// Revokes one family; false if it was not there or already revoked.
  virtual Result<bool> revoke_grant(const Realm&, const GrantId&, std::string_view why, Instant now) = 0;
  /// Ends every refresh token of the subject; access tokens live on.
  virtual Result<int> end_refresh_tokens(const Realm&, const SubjectId&, Instant now) = 0;
  virtual Result<std::vector<Grant>> grants(const GrantFilter&, int most) = 0;  ///< newest first

  // Codes, challenges, deliveries, sessions, notes.
  virtual Result<> put_code(const Code&) = 0;
  virtual Result<std::optional<Code>> code(const Realm&, const Hash&) = 0;
  virtual Result<Spend> spend_code(const Realm&, const Hash&, const GrantId&, Instant now) = 0;
  virtual Result<> put_challenge(const Challenge&) = 0;  ///< inserts or replaces
  virtual Result<std::optional<Challenge>> challenge(const Realm&, std::string_view id) = 0;
  /// The newest open challenge of that client and kind.
  virtual Result<std::optional<Challenge>> open_challenge(const Realm&, const ClientId&, OtpKind) = 0;
  virtual Result<std::int64_t> add_delivery(const Delivery&) = 0;
  virtual Result<std::vector<Delivery>> deliveries(const Realm&, int most) = 0;  ///< newest first
  virtual Result<> put_session(const Session&) = 0;
  virtual Result<std::optional<Session>> session(const Realm&, const Hash&) = 0;
  virtual Result<> drop_session(const Realm&, const Hash&) = 0;
  virtual Result<Note> add_note(const Realm&, const SubjectId&, std::string_view notebook, std::string_view text, Instant now) = 0;
  virtual Result<std::vector<Note>> notes(const Realm&, const SubjectId&, std::string_view notebook, int most) = 0;
  virtual Result<int> drop_notes(const Realm&) = 0;

  // Counters that outlive a restart: OTP guesses, the last TOTP step used.
  /// Adds one to the counter and says what it is now. A counter whose window
  /// began `window` or longer ago starts again at one.
  virtual Result<int> count(const Realm&, std::string_view counter, Instant now, Seconds window) = 0;
  virtual Result<> reset_count(const Realm&, std::string_view counter) = 0;
  /// Sets the mark if `value` is greater than what it was; false if it is not.
  virtual Result<bool> raise_mark(const Realm&, std::string_view mark, std::int64_t value) = 0;

  // Signing keys.
  virtual Result<> put_key(const StoredKey&) = 0;
  virtual Result<std::vector<StoredKey>> keys(const Realm&) = 0;  ///< newest first

  /// Deletes at most `most` rows that no rule can need any more: tokens,
  /// codes, challenges, sessions and counters dead before `before`, families
  /// without tokens. How many went.
  virtual Result<int> sweep(Instant before, int most) = 0;
};

/// Where an authority keeps what it knows. Thread-safe.
class Store {
 public:
  virtual ~Store() = default;

  /// Runs `work` in one durable transaction: committed, and on disk, when this
  /// returns a value; undone when `work` or the commit fails. `work` may run
  /// again after kUnavailable, so it has no effect outside `Tx`.
  template <class F>
  auto transact(F&& work) -> decltype(work(std::declval<Tx&>())) {
    return run<F, true>(std::forward<F>(work));
  }
  /// The same on one snapshot, for look-ups only; never queues behind writes.
  template <class F>
  auto read(F&& work) -> decltype(work(std::declval<Tx&>())) {
    return run<F, false>(std::forward<F>(work));
  }

 protected:
  virtual Result<> do_transact(const std::function<Result<>(Tx&)>& work) = 0;
  virtual Result<> do_read(const std::function<Result<>(Tx&)>& work) = 0;

 private:
  template <class F, bool kWrite>
  auto run(F&& work) -> decltype(work(std::declval<Tx&>())) {
    using R = decltype(work(std::declval<Tx&>()));
    std::optional<R> result;
    auto keep = [&](Tx& tx) -> Result<> {
      result.emplace(work(tx));
      if (!result->has_value()) return fail(result->error());
      return {};
    };
    Result<> done = kWrite ? do_transact(keep) : do_read(keep);
    if (!done) return fail(std::move(done).error());
    return std::move(*result);
  }
};

}  // namespace latchkey::engine
