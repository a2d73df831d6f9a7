#pragma once

#include <functional>
#include <memory>

#include "broker/deadline.h"
#include "broker/decide.h"
#include "broker/lease.h"
#include "broker/person.h"
#include "broker/profile.h"
#include "broker/proof_nonce.h"
#include "broker/vault.h"
#include "http/client.h"

namespace latchkey::broker {

/// The edges of the world that a broker acts through, so that it has none itself.
struct World {
  const Clock* clock = nullptr;
  /// A client for that base URL with the profile's trust and deadline.
  std::function<Result<std::unique_ptr<http::Client>>(const Profile&, const std::string& url)>
      connect;
  std::function<void(Seconds)> wait;
  Environment environment;
  std::function<Uptime()> uptime = read_uptime;
};

/// A token to be handed out.
struct Handed {
  Secret token;
  std::optional<Instant> until;
  /// Not empty: the renewal failed for a passing reason, and this is the old
  /// token, which still lives; or this one is new, and no token of that provider
  /// lives as long as was asked.
  std::string warning = {};
  /// It is bound to a key that stays in the vault: only requests that this broker dresses can
  /// use it.
  bool bound = false;
};

/// How a person wants to prove a second factor.
enum class SecondFactor {
  kAsk,   ///< request one and ask, or wait for the push, as the account has it
  kNone,  ///< log in without; the token may reach less
};

/// The client half: logs in, keeps, renews and hands out. One object from one
/// thread; any number of them, in any processes, over one vault.
///
/// A verb that needs no person ends within twice the profile's timeout and two
/// seconds: it waits for another program for one timeout at most, and is done with the
/// provider in another.
///
/// What fails is remembered in the vault for all programs (failures.h): who waited for
/// somebody's renewal shares its failure, and repeated failures hold everybody back for
/// a growing while. `refresh` and `login`, which a person calls, are held back only by
/// what the provider said (Retry-After, its pace).
///
/// Errors: kPersonNeeded with the command that helps; a refusal of the provider as
/// it was given; kUnavailable and kTooMany for what passes; kStore; kLostRotation.
class Broker {
 public:
  Broker(Vault& vault, World world) : vault_(vault), world_(std::move(world)) {}

  /// A token that lives for `need` or longer, from the vault or renewed. kPolicy for one that
  /// is bound to a key (RFC 9449): alone it opens nothing.
  Result<Handed> token(const Profile& profile, Seconds need);
  /// The same for whoever brings his requests to dress(): also a bound one.
  Result<Handed> lend(const Profile& profile, Seconds need);
  /// Renews now, even if the token lives. Unless the vault holds another access
  /// token than the one that was there when this was called: then that one. It may be bound.
  Result<Handed> refresh(const Profile& profile);
  /// Logs in. `given` are answers from flags; "otp" and "transaction_id" among them.
  Result<Handed> login(const Profile& profile, const dialect::Answers& given, SecondFactor factor,
                       Person& person);
  /// Takes over tokens that were obtained elsewhere, as if that had been a login here.
  /// kPolicy when a login that lives would be replaced without `replace`.
  Result<> adopt(const Profile& profile, Entry tokens, bool replace);
  /// Asks the provider whether the token is alive. Never renews; a token that the
  /// provider calls dead is forgotten, so that nobody is handed it any more.
  Result<engine::Validation> validate(const Profile& profile);
  /// A call to the provider's API with the token in it. A token that turns out to be
  /// dead (`validate_first`, or an answer of 401) is renewed, and the call made once more.
  Result<http::Response> request(const Profile& profile, const http::Request& request,
                                 bool validate_first);
  /// The headers of such a call. kPolicy as token().
  Result<http::Headers> headers(const Profile& profile, Seconds need);
  /// The same, for a token that was handed out.
  Result<http::Headers> headers_of(const Profile& profile, const Secret& token);
  /// That call as request() would send it with this token: dressed, and sealed where the
  /// wire wants that, and good for one sending where the token is bound. Asks nobody.
  Result<http::Request> dress(const Profile& profile, const Secret& token, http::Request request);
  /// What an answer to a dressed request says of the next one: proof_nonce.h.
  void hear(const Profile& profile, const http::Headers& answer);
  /// Forgets an access token that the provider calls dead, unless another took its place
  /// meanwhile: nobody is handed it any more.
  Result<> bury(const Profile& profile, const Secret& dead);
  /// Ends the session at the provider; kUnsupported where its wire has no such call.
  Result<> revoke(const Profile& profile);
  /// Forgets the profile's tokens; true if there were any.
  Result<bool> forget(const Profile& profile);

  /// What a profile may do without a person, given what is kept.
  static Means means_of(const Profile& profile, const Entry& entry);

 private:
  struct Call;  // one profile's codec, client and answers, for the length of a call

  Result<Entry> load(const Profile& profile);
  Result<Handed> obtain(const Profile& profile, const Entry& entry, Seconds need);
  /// With the proof of the key, where the token is bound to one.
  Result<http::Request> prove(const Profile& profile, const Entry& entry, const Secret& token,
                              http::Request request);
  Result<http::Response> send(const Profile& profile, const Secret& token,
                              const http::Request& request);
  Result<engine::Validation> proven(Call& call, const engine::Operation& proof, const Entry& entry);
  /// What a call needs of a provider that describes itself.
  enum class Described {
    kNo,     ///< nothing: it goes to the API
    kOnce,   ///< what it said at any time
    kFresh,  ///< what it said within kDescriptionAge, or before if it does not answer
  };
  /// A description that had to be asked for is put into the entry, not yet into the vault.
  Result<Call> open_call(const Profile& profile, Entry& entry, dialect::Answers answers,
                         Described described);
  Result<> describe(const Profile& profile, Entry& entry, Described described);
  Result<std::string> ask_issuer(const Profile& profile, Seconds most);
  /// What the answers are for. To carry a token, no secret is read from its source:
  /// a cached token must not need a password manager.
  enum class For { kCarrying, kRenewal, kLogin };
  Result<dialect::Answers> gather(const Profile& profile, const dialect::Answers& given,
                                  const Entry& entry, For purpose, Person* person) const;

  /// What one command wants, and what it saw first.
  struct Wish {
    const Profile& profile;
    const Entry& seen;
    Seconds need;
    bool by_person;  ///< renew even if the token lives
  };
  Result<Handed> renew(const Wish& wish);
  /// Under the lease, after a last look at what others did.
  Result<Handed> renew_alone(const Wish& wish, std::int64_t failures);
  /// The lease; nullopt when `learn` knew the outcome first, which is in `outcome`.
  Result<std::optional<Lease>> wait_for_lease(const Wish& wish, std::int64_t failures,
                                              std::optional<Result<Handed>>& outcome);
  /// The outcome for whoever waited while somebody else was at it; nullopt: there is
  /// none yet. `failures`: the record's serial when the waiting began.
  Result<std::optional<Result<Handed>>> learn(const Wish& wish, std::int64_t failures);
  Handed handed(const Wish& wish, const Entry& entry) const;
  /// The old token with a warning if it still lives, else the error.
  Result<Handed> make_do(const Wish& wish, const Entry& entry, Error error) const;

  /// The one way to the lease for everything that changes an entry. Waits for the
  /// profile's timeout and a little more, and for `at_least`.
  Result<> hold(const Profile& profile, std::chrono::milliseconds at_least = {});
  Result<Entry> act(const Profile& profile, Entry entry, Step step);
  /// Stores; kUnavailable when another program changed the entry in between.
  Result<> put(const Profile& profile, Entry& entry);
  Result<Entry> commit(const Profile& profile, Entry entry);
  Result<Entry> do_refresh(const Profile& profile, Entry entry);
  /// One use of a single-use token: journal.h around the calls. Sent again at once
  /// where the provider's window is open; else what is in doubt is given up for lost.
  Result<Entry> spend(const Profile& profile, Entry entry, Call& call);
  Result<Entry> keep(const Profile& profile, Entry fresh, const Secret& spent);
  Result<Entry> recover(const Profile& profile, Entry entry);
  Result<Entry> do_delegate(const Profile& profile, Entry entry);
  /// The refresh token (or the company's token) is dead: forgets it, and logs in if
  /// that can be done alone; else `error`, with the command that helps.
  Result<Entry> without(Secret Entry::* dead, const Profile& profile, Entry entry, Error error);
  Result<Entry> log_in_alone(const Profile& profile, Entry entry);

  Result<engine::TokenSet> first_tokens(Call& call, SecondFactor factor, Person& person);
  Result<engine::TokenSet> with_second_factor(Call& call, engine::Login login, SecondFactor factor,
                                              Person& person);
  Result<engine::TokenSet> poll_push(Call& call, engine::Login login, Person& person);
  Result<engine::TokenSet> in_browser(Call& call, const engine::Authorize& asked, Person& person);
  /// What the browser is to bring: all that is asked, or the name of what was handed in.
  Result<engine::Authorize> as_brought(Call& call, const engine::Authorize& asked);
  Result<engine::TokenSet> on_device(Call& call, const engine::AuthorizeDevice& asked,
                                     Person& person);
  /// That the login is ours, by its ID token where there is one.
  Result<> check_login(Call& call, const engine::TokenSet& tokens, const Secret& nonce);
  Result<engine::TokenSet> pasted(Call& call, Person& person);
  Result<engine::TokenSet> delegate(Call& call, const Secret& company);
  /// Waits for the provider's pace and for what its Retry-After said.
  Result<> await_turn(Call& call);
  /// One authentication call; a Retry-After in its answer binds all programs. `ready`,
  /// if any, is asked before the request leaves.
  Result<engine::Outcome> send_now(Call& call, const engine::Operation& operation,
                                   const http::Client::Ready& ready = {});
  /// The same, when it is its turn among all programs.
  Result<engine::Outcome> ask(Call& call, const engine::Operation& operation);
  /// The same, repeated: for what may safely be repeated.
  Result<engine::Outcome> patiently(Call& call, const engine::Operation& operation);
  /// How long a call may still take, and a client that ends by then.
  Seconds left(const Profile& profile) const;
  Result<> limit(Call& call, Seconds most);

  /// Why `step` must not be tried now, if the record of failures says so.
  std::optional<Error> held_back_now(const Profile& profile, const Entry& entry, Step step,
                                     bool by_person);
  void remember(const Profile& profile, const Error& error);
  Result<> absolve(const Profile& profile);

  Instant now() const { return world_.clock->now(); }

  Vault& vault_;
  World world_;
  Nonces nonces_ = {};

  // Of the command that is being carried out.
  std::optional<Lease> lease_ = {};
  std::optional<Deadline> deadline_ = {};  ///< unset while a person is asked
  bool may_wait_ = true;  ///< false while a token that lives could be handed out instead
  bool asked_ = false;    ///< something was sent to the provider
  Attempt attempt_ = Attempt::kRenewal;
};

/// The entry after an answer: lifetimes that the wire did not say come from the
/// provider's facts.
Entry updated(Entry entry, const engine::TokenSet& tokens, const dialect::Traits& traits,
              Instant asked_at);

/// The facts of the profile's provider, with what was learnt of it.
dialect::Traits traits_of(const Profile& profile, const Entry& entry);

/// For so long a provider's description of itself is taken as it was.
inline constexpr Seconds kDescriptionAge{24 * 3600};

/// Why a token that is bound to a key is not handed out. kPolicy.
Error bound_to_key(const Profile& profile);

/// "latchkey login desk"
std::string login_command(const Profile& profile);

}  // namespace latchkey::broker
