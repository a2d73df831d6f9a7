#pragma once

#include "crypto/password.h"
#include "engine/authority.h"
#include "engine/credentials.h"
#include "engine/device.h"
#include "engine/guard.h"
#include "engine/issue.h"
#include "engine/signing_keys.h"

namespace latchkey::engine {

/// Something that operators want to know. Never holds a secret; `client` and
/// `subject` may be what a stranger claimed to be, so escape them. Called on the
/// thread that did it, after it was committed.
///
///   login sign_in                    tokens or a session for the right credentials
///   login_refused sign_in_refused    `detail` is the Why's name
///   otp_sent otp_refused
///   consent exchange issue delegate refresh
///   client_credentials device_started device_answered exchange_token registered
///   refresh_again                    the same answer once more, inside the replay window
///   reuse                            a spent code or refresh token came again
///   repeated                         a PKCE challenge or nonce came again: `detail` says which
///   revoked suspended                `detail` says why
///   locked                           no password of the account is read for a while
struct Event {
  Instant at;
  std::string what;
  Realm realm;
  ClientId client;
  SubjectId subject;
  GrantId grant;
  std::string detail;
  std::string network = {};  ///< of a login: where it came from, if that is known
  /// Of a refresh token that came again: which of its family it was.
  std::optional<Token> token = {};
  bool ended_nothing = false;  ///< of a "reuse": the policy only refuses it
};
using Listener = std::function<void(const Event&)>;

/// What a push would show or a message would say, made by the dialect.
struct Messages {
  std::function<std::string(const Client&, const Secret& code)> otp;
  std::function<std::string(const Client&)> push;
};

/// What a login's second factor was, to be used up when its tokens are stored.
struct SecondFactor {
  bool given = false;
  std::string challenge = {};             ///< of a code that was sent or a push
  std::optional<std::int64_t> step = {};  ///< of a typed code
};

/// A refresh token as found. `replayed`: spent before, and the family lives.
struct RefreshSeen {
  Shared<Holding> held = {};
  Shared<Subject> subject = nobody();
  bool replayed = false;
  std::optional<std::uint64_t> directory = {};  ///< Tx::directory_version() at that look
};

/// What a refresh came to.
struct Rotated {
  enum class How { kGiven, kAgain, kReused };
  How how = How::kGiven;
  std::optional<TokenSet> again = {};  ///< of kAgain: what was answered before
  bool ended = false;                  ///< of kReused: something was revoked for it
};

/// An operation of which only the durable part is left.
class Begun {
 public:
  virtual ~Begun() = default;
  /// That part, for Store::transact_later. It may run more than once.
  virtual Result<> work(Tx& tx) = 0;
  /// Once, when `work` was committed.
  virtual Result<Outcome> finish() = 0;
  /// Before that: whether it tells of something that listeners write down before they return.
  virtual bool is_grave() const = 0;
};

/// The engine: performs operations over a store, by one realm's policy.
/// Thread-safe. Login with a password takes as long as argon2id does
/// (see is_slow); everything else is a look-up or one transaction.
class LocalAuthority final : public Authority {
 public:
  LocalAuthority(Realm realm, Policy policy, Store& store, const Keys& keys,
                 std::optional<Signer> signer, Messages messages = {}, Listener listener = {},
                 crypto::PasswordCost cost = {});

  /// Before the first request. What strangers get wrong counts in `guard`, which all
  /// realms of an authority share; without one nothing is limited by network.
  void guard_with(std::shared_ptr<Guard> guard) { guard_ = std::move(guard); }
  /// Before the first request, in place of the constructor's signer: keys that may be
  /// rotated and retired while the authority serves.
  void sign_with(std::shared_ptr<SigningKeys> keys) { signing_ = std::move(keys); }

  /// From nobody knows where.
  Result<Outcome> perform(const Operation& operation, Instant now) override;
  Result<Outcome> perform_for(const Caller& caller, const Operation& operation, Instant now);

  /// Whether begin() takes that one; all other operations are for perform().
  static bool can_begin(const Refresh& asked);
  /// The part of perform() that waits for nobody: looks, decides, signs. `operation` must
  /// outlive what it gives.
  Result<std::unique_ptr<Begun>> begin(const Operation& operation, Instant now,
                                       const Caller& caller = {});
  Store& store() const { return store_; }

  // The browser's way in: what the pages ask for. Errors as for operations.

  /// Checks a login and a password (slow) and opens a session; its id is the
  /// cookie's value.
  Result<Secret> sign_in(const UserKey& user, Instant now, const Caller& caller = {});
  /// kOtpRequired while the person's second step is due.
  Result<Identity> session(const Secret& id, Instant now);
  /// How the second step of that session is done; kInvalidToken when none is due.
  Result<OtpKind> second_step_of(const Secret& session, Instant now);
  /// Takes the one-time password and gives the id of a session that counts; the old one
  /// is over. kOtpWrong and kTooMany leave it waiting.
  Result<Secret> second_step(const Secret& session, const Secret& otp, Instant now);
  Result<> sign_out(const Secret& id);
  /// The client, if it may use that redirect_uri (compared as a string). Nothing
  /// may be redirected before this has succeeded (checklist 7). Where there is no
  /// PKCE, a public client is as unknown as no client. In a standard realm the client
  /// has one redirect_uri: where the browser goes back to.
  Result<Client> check_authorize(const Authorize& asked);
  /// The rest of what is asked for; a refusal may go to the client. Always right where
  /// the realm is not standard.
  Result<> check_request(const Authorize& asked);
  /// Whether the person has given that client all of this before, it is alive, and has not
  /// been taken back: only then may nobody be asked (OpenID Connect, prompt=none). A token
  /// that the client exchanged is nothing that the person gave it.
  Result<bool> was_granted(const Secret& session, const Authorize& asked, Instant now);
  /// The request that was pushed under `request_uri`; `asked` itself when it names none.
  /// kMalformed for one that is unknown, used, over or another client's, and for none
  /// where the policy takes only pushed ones.
  Result<Authorize> whole_request(const Authorize& asked, Instant now);
  /// The device that shows that user code, as a person typed it. kNotFound when there
  /// is none that waits; kTooMany after too many tries, right or wrong.
  Result<DeviceAsked> find_device(const Secret& session, std::string_view user_code, Instant now);
  /// The person's answer to it. Errors as above.
  Result<> answer_device(const Secret& session, std::string_view user_code, bool approve,
                         Instant now);
  /// The person said yes: a code for the client, or tokens to show.
  Result<Authorized> consent(const Secret& session, const Authorize& asked, Instant now);
  Result<TokenSet> issue(const Secret& session, const ClientId& client, Instant now);

  const Realm& realm() const { return realm_; }
  const Policy& policy() const { return policy_; }
  /// What signs now; nullopt where nothing is signed, or a first key could not be stored.
  std::optional<Signer> signer() const { return signing_ ? signing_->current() : signer_; }
  /// What a JWK set shows, the signing key first; empty where nothing is signed. kUnavailable
  /// when a first key could not be stored.
  Result<std::vector<Signer>> published_keys(Instant now) const;

 private:
  // One operation each, in the file of its name.
  Result<Outcome> request_otp(const RequestOtp&, Instant now);
  Result<Outcome> login(const Login&, const Caller&, Instant now);
  Result<Outcome> exchange(const Exchange&, Instant now);
  Result<Outcome> delegate(const Delegate&, Instant now);
  Result<Outcome> refresh(const Refresh&, const Caller&, Instant now);
  Result<Outcome> validate(const Validate&, Instant now);
  Result<Outcome> revoke(const Revoke&, Instant now);
  Result<Outcome> use(const Use&, Instant now);
  Result<Outcome> list_organizations(const ListOrganizations&, Instant now);
  Result<Outcome> list_operators(const ListOperators&, Instant now);
  Result<Outcome> synchronize(const SynchronizeOperators&, Instant now);
  Result<Outcome> set_status(const SetOperatorStatus&, Instant now);
  // Standard OAuth: redeem.cc, grant_code.cc, and one operation each.
  Result<Outcome> redeem(const Exchange&, Instant now);
  Result<Client> check_redirect(const Authorize&);
  Result<Authorized> grant_code(const Secret& session, const Authorize&, Instant now);
  Result<Outcome> client_credentials(const ClientCredentials&, Instant now);
  Result<Outcome> introspect(const Introspect&, Instant now);
  Result<Outcome> user_info(const UserInfo&, Instant now);
  Result<Outcome> authorize_device(const AuthorizeDevice&, Instant now);
  Result<Outcome> poll_device(const PollDevice&, Instant now);
  Result<Outcome> exchange_token(const ExchangeToken&, Instant now);
  Result<Outcome> push_authorization(const PushAuthorization&, Instant now);
  Result<Outcome> register_client(const RegisterClient&, Instant now);
  // push.cc, device.cc, device_answer.cc
  Result<> spend_request(Tx&, const Authorize&, Instant now);
  Result<> count_device(Tx&, const ClientId&, Instant now);
  Result<> count_user_code(const Secret& session, Instant now);
  Result<DeviceCode> open_device(Tx&, std::string_view user_code, Instant now);

  // proofs.cc: assertions and proofs are taken before anything is done with them.
  Result<> take_proofs(const Operation&, Instant now);
  Result<> take(const ClientAssertion&, const ClientId&, Instant now);
  Result<> take(const DpopProof&, Instant now);

  // login.cc, second_factor.cc
  Result<TokenSet> login_client(const Login&, Instant now);
  Result<TokenSet> login_user(const Login&, const Caller&, Instant now);
  Result<Party> party_of(const Login&);
  Result<TokenSet> admit(const Party&, const SecondFactor&, Instant now);
  Result<Subject> check_user(const UserKey&, const Caller&, Instant now);
  Result<SecondFactor> second_factor(const Login&, const Client&, Instant now);
  Result<SecondFactor> approved_push(std::string_view transaction, const Client&, Instant now);
  Result<SecondFactor> typed_code(const Secret& otp, const Client&, Instant now);
  Result<SecondFactor> sent_code(const Secret& otp, const Client&, Instant now);
  Result<> use_up(Tx&, const ClientId&, const SecondFactor&);
  // request_otp.cc
  Result<Outcome> send_code(const Client&, Instant now);
  Result<Outcome> send_push(const Client&, Instant now);
  // refresh.cc
  class Refreshing;
  Result<std::unique_ptr<Begun>> begin_refresh(const Refresh&, const Caller&, Instant now);
  Result<std::unique_ptr<Begun>> prepare_refresh(const Refresh&, const Caller&, Instant now);
  Error told_of(Error, const Refresh&, const Caller&, Instant now);
  Result<RefreshSeen> look_at(Tx&, const Refresh&, Instant now);
  Result<Tokens> next_tokens(const Refresh&, const RefreshSeen&, Instant now);
  Result<Rotated> rotate(Tx&, const Refresh&, const RefreshSeen&, const Tokens& next, Instant now);
  Result<Spend> spend(Tx&, const Hash& token, Instant now);
  Result<bool> spend_as_seen(Tx&, const RefreshSeen&, Instant now);
  Result<Rotated> give(Tx&, const Holding& spent, const Tokens& next, Instant now);
  Result<std::optional<TokenSet>> answered_before(Tx&, const RefreshSeen&, Instant now);
  Result<> keep_answer(Tx&, const Holding& spent, const TokenSet& answer, Instant now);
  Result<bool> punish_replay(Tx&, const Grant&, Instant now);
  // use.cc
  Result<Bearer> look_at(Tx&, const Use&, Instant now);
  Result<> suspend(const Bearer&, Instant now);
  // second_step.cc
  bool needs_second_step(const Subject&) const;
  Result<> begin_second_step(const Subject&, Instant now);
  Result<Subject> half_of(Tx&, const Secret& session, Instant now);
  // browser.cc
  Result<Subject> person_of(Tx&, const Secret& session, Instant now);

  /// A client as the guard knows it, which all realms share.
  std::string guarded_name(const ClientId& id) const { return realm_.text + "\n" + id.text; }
  Maker maker() const { return {policy_, signer(), keys_, store_.next_number()}; }
  Result<Outcome> perform_counted(const Caller&, const Operation&, Instant now);
  /// Counts a request of a client that has proved who it is. kForbidden, and it is
  /// suspended, above Policy::client_flood_per_second.
  Result<> count_client(const ClientId&, Instant now);
  /// kForbidden for a client that was suspended; looked up only where that can happen.
  Result<> check_suspended(Tx&, const ClientId&);
  /// kTooMany while the account acts faster than Policy::auth_interval.
  Result<> pace(std::string_view account, Instant now);
  Result<Outcome> perform_standard(const Operation&, Instant now);
  void tell(Instant at, std::string_view what, const Grant&, std::string_view detail = {}) const;
  /// Of a refresh token: with its family, and its place in it; and whether that ended any.
  void tell_reuse(Instant at, const Holding&, bool ended) const;
  void tell(Instant at, std::string_view what, const ClientId&, const SubjectId&,
            std::string_view detail, const Caller& caller = {}) const;

  Realm realm_;
  Policy policy_;
  Store& store_;
  const Keys& keys_;
  std::optional<Signer> signer_;
  Messages messages_;
  Listener listener_;
  crypto::PasswordCost cost_;
  Throttle auth_throttle_, flood_throttle_, client_throttle_;
  std::shared_ptr<Guard> guard_ = {};
  std::shared_ptr<SigningKeys> signing_ = {};
};

/// True for operations that hash a password: the server runs them on its bounded
/// worker pool, never on a network thread.
bool is_slow(const Policy& policy, const Operation& operation);

}  // namespace latchkey::engine
