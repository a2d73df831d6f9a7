#pragma once

#include "crypto/password.h"
#include "engine/authority.h"
#include "engine/keys.h"
#include "engine/policy.h"
#include "engine/throttle.h"

namespace latchkey::engine {

/// Something that operators want to know. Never holds a secret; `client` and
/// `subject` may be what a stranger claimed to be, so escape them. Called on the
/// thread that did it, after it was committed.
///
///   login sign_in                    tokens or a session for the right credentials
///   login_refused sign_in_refused    `detail` is the Why's name
///   otp_sent otp_refused
///   consent exchange issue delegate refresh
///   reuse                            a spent code or refresh token came again
///   revoked suspended                `detail` says why
struct Event {
  Instant at;
  std::string what;
  Realm realm;
  ClientId client;
  SubjectId subject;
  GrantId grant;
  std::string detail;
};
using Listener = std::function<void(const Event&)>;

/// What a push would show or a message would say, made by the dialect.
struct Messages {
  std::function<std::string(const Client&, const Secret& code)> otp;
  std::function<std::string(const Client&)> push;
};

/// The engine: performs operations over a store, by one realm's policy.
/// Thread-safe. Login with a password takes as long as argon2id does
/// (see is_slow); everything else is a look-up or one transaction.
class LocalAuthority final : public Authority {
 public:
  LocalAuthority(Realm realm, Policy policy, Store& store, const Keys& keys,
                 std::optional<Signer> signer, Messages messages = {}, Listener listener = {},
                 crypto::PasswordCost cost = {});

  Result<Outcome> perform(const Operation& operation, Instant now) override;

  // The browser's way in: what the pages ask for. Errors as for operations.

  /// Checks a login and a password (slow) and opens a session; its id is the
  /// cookie's value.
  Result<Secret> sign_in(const UserKey& user, Instant now);
  Result<Identity> session(const Secret& id, Instant now);
  Result<> sign_out(const Secret& id);
  /// The client, if it may use that redirect_uri (compared as a string). Nothing
  /// may be redirected before this has succeeded (checklist 7).
  Result<Client> check_authorize(const Authorize& asked);
  /// The person said yes: a code for the client, or tokens to show.
  Result<Authorized> consent(const Secret& session, const Authorize& asked, Instant now);
  Result<TokenSet> issue(const Secret& session, const ClientId& client, Instant now);

  const Realm& realm() const { return realm_; }
  const Policy& policy() const { return policy_; }
  const std::optional<Signer>& signer() const { return signer_; }

 private:
  struct Party;  // who asks: the client and the subject, as they were read

  // One operation each, in the file of its name.
  Result<Outcome> request_otp(const RequestOtp&, Instant now);
  Result<Outcome> login(const Login&, Instant now);
  Result<Outcome> exchange(const Exchange&, Instant now);
  Result<Outcome> delegate(const Delegate&, Instant now);
  Result<Outcome> refresh(const Refresh&, Instant now);
  Result<Outcome> validate(const Validate&, Instant now);
  Result<Outcome> revoke(const Revoke&, Instant now);
  Result<Outcome> use(const Use&, Instant now);
  Result<Outcome> list_organizations(const ListOrganizations&, Instant now);
  Result<Outcome> list_operators(const ListOperators&, Instant now);
  Result<Outcome> synchronize(const SynchronizeOperators&, Instant now);
  Result<Outcome> set_status(const SetOperatorStatus&, Instant now);

  Realm realm_;
  Policy policy_;
  Store& store_;
  const Keys& keys_;
  std::optional<Signer> signer_;
  Messages messages_;
  Listener listener_;
  crypto::PasswordCost cost_;
  Throttle auth_throttle_, flood_throttle_;
};

/// True for operations that hash a password: the server runs them on its bounded
/// worker pool, never on a network thread.
bool is_slow(const Policy& policy, const Operation& operation);

}  // namespace latchkey::engine
