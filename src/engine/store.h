#pragma once

#include <functional>
#include <span>

#include "engine/directory.h"
#include "engine/shared.h"

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

/// What a sweep came to.
struct Swept {
  int gone = 0;
  bool more = false;  ///< there are rows that it did not look at
};

/// The outbox of a realm keeps its newest rows, so that nobody who can ask for a
/// one-time password can fill the disk.
inline constexpr int kMostDeliveries = 1000;

/// One transaction. All of it happens or none; later transactions see it whole.
/// Every verb fails only with kUnavailable (busy, full, broken disk), kConflict
/// (a key that is taken), kStore (what is stored is damaged) or kBug. Look-ups give
/// nullopt for "no such row". Valid only inside the function that transact() or read() called.
class Tx {
 public:
  virtual ~Tx() = default;

  /// A number that is another one as soon as anything may have been committed, or was changed
  /// before in this transaction, but a family, its tokens and its kept answers. nullopt: nobody
  /// can tell. Of one store, whichever transaction says it.
  virtual std::optional<std::uint64_t> directory_version() const { return std::nullopt; }

  // The directory.
  virtual Result<> put_client(const Client&) = 0;  ///< inserts or replaces
  virtual Result<Shared<Client>> client(const Realm&, const ClientId&) = 0;
  virtual Result<Shared<Client>> client_of_partner(
      const Realm&, std::string_view partner) = 0;                ///< the first by id
  virtual Result<std::vector<Client>> clients(const Realm&) = 0;  ///< by id
  /// Inserts or replaces. Number 0: it keeps the number that it has, or gets the
  /// realm's next one. kConflict when another login has that number.
  virtual Result<> put_subject(const Subject&) = 0;
  virtual Result<Shared<Subject>> subject(const Realm&, const SubjectId&) = 0;
  virtual Result<std::vector<Subject>> subjects(const Realm&) = 0;  ///< by login
  /// kConflict when there is no such owner.
  virtual Result<Organization> add_organization(const Realm&, const SubjectId& owner,
                                                std::string_view name) = 0;
  virtual Result<std::vector<Organization>> organizations(const Realm&,
                                                          const SubjectId& owner) = 0;  ///< by id
  /// kConflict when there is no such organization.
  virtual Result<Operator> add_operator(const Realm&, std::int64_t organization,
                                        std::string_view name) = 0;
  virtual Result<std::vector<Operator>> operators(const Realm&,
                                                  std::int64_t organization) = 0;  ///< by id
  /// The operator, if its organization belongs to `owner`.
  virtual Result<Shared<Operator>> operator_of(const Realm&, const SubjectId& owner,
                                               std::int64_t id) = 0;
  /// Nothing happens when there is no such operator.
  virtual Result<> set_operator_status(const Realm&, std::int64_t id, OperatorStatus) = 0;

  // Families and tokens.
  /// kConflict if the id is there, in any realm: tokens name their family by it.
  virtual Result<> put_grant(const Grant&) = 0;
  /// Nothing happens when that is known already.
  virtual Result<> put_descent(const Descent&) = 0;
  /// kConflict if a token of its kind has the hash, and was put with the number that it says now
  /// (Hash::number(): the same text always says the same), or the family is not there.
  virtual Result<> put_token(const Token&) = 0;
  /// The same of tokens that were issued together, by a caller that has their family: as this
  /// transaction would find it, but for when it was used last. A store may answer holding() from
  /// it.
  virtual Result<> put_tokens_of(const Grant& /*family*/, std::span<const Token> tokens) {
    for (const Token& token : tokens) TRY(put_token(token));
    return {};
  }
  /// The token and its family, if both belong to the realm.
  virtual Result<Shared<Holding>> holding(const Realm&, const Hash&) = 0;
  /// Marks a refresh token spent; exactly one caller ever gets kSpent, and nobody whose token
  /// was ended or whose family is revoked: kUnknown.
  virtual Result<Spend> spend(const Realm&, const Hash&, Instant now) = 0;
  /// spend(), and where it says kSpent, end_access_tokens() of the token's family.
  virtual Result<Spend> spend_ending_access(const Realm& realm, const Hash& hash, Instant now) {
    const Spend spent = TRY(spend(realm, hash, now));
    if (spent != Spend::kSpent) return spent;
    const auto held = TRY(holding(realm, hash));
    TRY(end_access_tokens(realm, held->grant.id, now));
    return spent;
  }
  /// Keeps what a spent token was answered; kConflict if it has an answer.
  virtual Result<> put_answer(const Realm&, const KeptAnswer&) = 0;
  virtual Result<std::optional<KeptAnswer>> answer(const Realm&, const Hash& spent) = 0;
  /// Nothing happens when there is none.
  virtual Result<> drop_answer(const Realm&, const Hash& spent) = 0;
  /// Revokes the live families that match (whatever `only_live` says), and those that descend
  /// from them; how many there were.
  virtual Result<int> revoke_grants(const GrantFilter&, std::string_view why, Instant now) = 0;
  /// Revokes one family, and those that descend from it; false if it was not there or already
  /// revoked.
  virtual Result<bool> revoke_grant(const Realm&, const GrantId&, std::string_view why,
                                    Instant now) = 0;
  /// Ends every unspent refresh token of the subject; how many there were. Access
  /// tokens live on.
  virtual Result<int> end_refresh_tokens(const Realm&, const SubjectId&, Instant now) = 0;
  /// Ends every access token of the family that has not been ended; how many there were.
  virtual Result<int> end_access_tokens(const Realm&, const GrantId&, Instant now) = 0;
  virtual Result<std::vector<Grant>> grants(const GrantFilter&, int most) = 0;  ///< last put first
  /// The family's tokens that are neither spent nor ended; they may be past their end.
  virtual Result<std::vector<Token>> live_tokens(const Realm&, const GrantId&, int most) = 0;

  // Codes, challenges, deliveries, sessions, notes.
  virtual Result<> put_code(const Code&) = 0;  ///< kConflict if the hash is there
  virtual Result<std::optional<Code>> code(const Realm&, const Hash&) = 0;
  virtual Result<Spend> spend_code(const Realm&, const Hash&, const GrantId&, Instant now) = 0;
  /// Inserts or replaces by its hash; kConflict when another one has that user code.
  virtual Result<> put_device(const DeviceCode&) = 0;
  virtual Result<std::optional<DeviceCode>> device(const Realm&, const Hash&) = 0;
  virtual Result<std::optional<DeviceCode>> device_of_user_code(const Realm&, const Hash&) = 0;
  virtual Result<> put_pushed(const PushedRequest&) = 0;  ///< kConflict if the hash is there
  virtual Result<std::optional<PushedRequest>> pushed(const Realm&, const Hash&) = 0;
  virtual Result<Spend> spend_pushed(const Realm&, const Hash&, Instant now) = 0;
  /// True for the first who uses that id (a "jti", hashed with its purpose); false until
  /// `until` for everybody after.
  virtual Result<bool> use_once(const Realm&, const Hash& id, Instant until, Instant now) = 0;
  virtual Result<> put_challenge(const Challenge&) = 0;  ///< inserts or replaces
  virtual Result<std::optional<Challenge>> challenge(const Realm&, std::string_view id) = 0;
  /// The newest open challenge of that client and kind.
  virtual Result<std::optional<Challenge>> open_challenge(const Realm&, const ClientId&,
                                                          OtpKind) = 0;
  /// Gives it a number, higher than any before. Only the newest kMostDeliveries stay.
  virtual Result<std::int64_t> add_delivery(const Delivery&) = 0;
  virtual Result<std::vector<Delivery>> deliveries(const Realm&, int most) = 0;  ///< newest first
  virtual Result<> put_session(const Session&) = 0;  ///< inserts or replaces
  virtual Result<std::optional<Session>> session(const Realm&, const Hash&) = 0;
  virtual Result<> drop_session(const Realm&, const Hash&) = 0;
  /// Drops every session of the person, and every code and every approved device that
  /// nobody has exchanged; how many sessions there were.
  virtual Result<int> drop_sessions(const Realm&, const SubjectId&) = 0;
  /// Drops what the client has begun and not finished: codes and device codes that nobody has
  /// exchanged, pushed requests, challenges; with a subject, of these what is that person's.
  virtual Result<> drop_begun(const Realm&, const ClientId&, const SubjectId&) = 0;
  /// Drops what waits for somebody to come back, of an empty realm that of all
  /// realms: sessions, challenges, kept answers, pushed requests, and codes and device
  /// codes that nobody has exchanged.
  virtual Result<> drop_pending(const Realm&) = 0;
  virtual Result<Note> add_note(const Realm&, const SubjectId&, std::string_view notebook,
                                std::string_view text, Instant now) = 0;
  virtual Result<std::vector<Note>> notes(const Realm&, const SubjectId&, std::string_view notebook,
                                          int most) = 0;  ///< newest first
  virtual Result<int> drop_notes(const Realm&) = 0;

  // Counters that outlive a restart: OTP guesses, the last TOTP step used.
  /// Adds one to the counter and says what it is now. A counter whose window
  /// began `window` or longer ago starts again at one.
  virtual Result<int> count(const Realm&, std::string_view counter, Instant now,
                            Seconds window) = 0;
  virtual Result<> reset_count(const Realm&, std::string_view counter) = 0;
  /// What the counter is now, without counting: 0 when its window is over.
  virtual Result<int> counted(const Realm&, std::string_view counter, Instant now) = 0;
  /// Sets the mark if `value` is greater than what it was; false if it is not.
  virtual Result<bool> raise_mark(const Realm&, std::string_view mark, std::int64_t value) = 0;
  virtual Result<std::optional<std::int64_t>> mark(const Realm&, std::string_view mark) = 0;

  // Signing keys.
  virtual Result<> put_key(const StoredKey&) = 0;                 ///< kConflict if the kid is there
  virtual Result<std::vector<StoredKey>> keys(const Realm&) = 0;  ///< newest first
  /// Changes use_from, retired and until of the key of that kid; nothing happens when
  /// there is none.
  virtual Result<> change_key(const StoredKey&) = 0;

  /// Deletes at most `most` rows that no rule can need any more: what has an end and it lies
  /// before `before`, and families that began before it and have no token left. A store may
  /// look at only a part of its rows each time and go on from there the next.
  virtual Result<Swept> sweep(Instant before, int most) = 0;
};

/// Where an authority keeps what it knows. Thread-safe. Never call it from inside
/// a transaction. `work` may run on the thread of another caller, whose
/// transaction is committed together with this one.
class Store {
 public:
  virtual ~Store() = default;

  /// Runs `work` in one durable transaction: committed, and on disk, when this
  /// returns a value; undone when `work` or the commit fails. `work` may run more
  /// than once, and the last time counts, so it has no other effect outside `Tx`.
  template <class F>
  auto transact(F&& work) -> decltype(work(std::declval<Tx&>())) {
    return run<F, true>(std::forward<F>(work));
  }
  /// The number of a row for tokens that will be put together, another one each time. A token
  /// whose hash says it is found without an index of hashes, if that row was still free. 0: this
  /// store has no use for one.
  virtual std::int64_t next_number() { return 0; }

  using Work = std::function<Result<>(Tx&)>;
  using Done = std::move_only_function<void(std::vector<Result<>>)>;
  /// As transact() for each of them, but nobody waits: `done` hears once how each ended, in their
  /// order, on a thread that it must not hold up; what one of them throws is a kBug. Whoever has
  /// several asks once: they can share a commit, which wakes one thread once.
  void transact_later(std::vector<Work> works, Done done) {
    do_transact_later(std::move(works), std::move(done));
  }
  /// The same as transact() on one snapshot, for look-ups only; never queues behind writes.
  template <class F>
  auto read(F&& work) -> decltype(work(std::declval<Tx&>())) {
    return run<F, false>(std::forward<F>(work));
  }

 protected:
  virtual Result<> do_transact(const Work& work) = 0;
  virtual Result<> do_read(const Work& work) = 0;
  /// Of a store that has no thread of its own: at once.
  virtual void do_transact_later(std::vector<Work> works, Done done);

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
