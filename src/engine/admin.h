#pragma once

#include "crypto/password.h"
#include "engine/keys.h"

namespace latchkey::engine {

/// What operators of an authority do, over any realm of its store. The same
/// verbs serve `latchkeyd` on the command line and its admin API. Thread-safe.
class Admin {
 public:
  Admin(Store& store, const Keys& keys, crypto::PasswordCost cost = {})
      : store_(store), keys_(keys), cost_(cost) {}

  struct NewClient {
    Client client;       ///< hashes and seals are filled here
    Secret secret = {};  ///< empty: one is generated (public clients: is_public)
    bool is_public = false;
    Secret totp_seed = {};  ///< raw; empty with OtpKind::kTyped: one is generated
    Secret shared_key =
        {};  ///< empty where a partner is named: 32 bytes are generated, hexadecimal
  };
  /// What was generated, to be shown once; what the caller gave is not repeated.
  struct Issued {
    Secret secret = {};
    Secret totp_seed = {};  ///< raw
    Secret shared_key = {};
  };
  /// kConflict when the id or the partner is taken, unless `replace` (of the id);
  /// kMalformed for an empty id or a redirect_uri that may_register_redirect refuses.
  Result<Issued> create_client(NewClient, bool replace = false);
  /// Disabling revokes every live family of the client.
  Result<> set_client_disabled(const Realm&, const ClientId&, bool disabled, Instant now);

  /// Slow. kConflict when the login is taken, unless `replace`, which keeps the number.
  Result<> create_user(Subject, const Secret& password, bool replace = false);
  /// Disabling suspends: the user's tokens are refused (kForbidden) until the user
  /// is enabled again. To end them, revoke.
  Result<> set_user_disabled(const Realm&, const SubjectId&, bool disabled, std::string_view why,
                             Instant now);
  /// Slow. Ends every session and revokes every live family of the user as well
  /// (checklist 27).
  Result<> set_password(const Realm&, const SubjectId&, const Secret& password, Instant now);

  /// The second step of the user's logins on the pages: none, a code that is sent to
  /// `address`, or one that is typed from an authenticator, whose raw seed comes back; one
  /// is generated where none is given. Ends the user's sessions. kUnsupported for kPush.
  Result<Secret> set_user_otp(const Realm&, const SubjectId&, OtpKind kind,
                              std::string_view address, Secret seed = {});

  // kNotFound for an owner or organization that is not there.
  Result<Organization> add_organization(const Realm&, const SubjectId& owner,
                                        std::string_view name);
  Result<Operator> add_operator(const Realm&, std::int64_t organization, std::string_view name);

  Result<int> revoke(const GrantFilter&, std::string_view why, Instant now);
  Result<bool> revoke_grant(const Realm&, const GrantId&, std::string_view why, Instant now);

  /// A delivery with its text opened.
  struct Shown {
    Delivery delivery;
    Secret text;
  };
  Result<std::vector<Shown>> outbox(const Realm&, int most);
  /// A person's answer to a push; the newest open one when `transaction` is empty.
  /// kNotFound when there is none, kConflict when it was answered before.
  Result<std::string> answer_push(const Realm&, const ClientId&, std::string_view transaction,
                                  bool approve, Instant now);

  Store& store() { return store_; }
  const Keys& keys() const { return keys_; }

 private:
  Store& store_;
  const Keys& keys_;
  crypto::PasswordCost cost_;
};

}  // namespace latchkey::engine
