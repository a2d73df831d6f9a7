#pragma once

#include "crypto/password.h"
#include "engine/signing_keys.h"

namespace latchkey::engine {

/// What operators of an authority do, over any realm of its store. The same
/// verbs serve `latchkeyd` on the command line and its admin API. Thread-safe.
class Admin {
 public:
  Admin(Store& store, const Keys& keys, crypto::PasswordCost cost = {})
      : store_(store), keys_(keys), cost_(cost) {}
  /// Before the first verb: called after every verb that ended something, when that is
  /// committed; the verb succeeds only if it does (epoch.h: the epoch is raised).
  void after_ending(std::function<Result<>()> hook) { after_ending_ = std::move(hook); }

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
  /// Disabling revokes every live family of the client, and what it had begun is over: codes,
  /// device codes, pushed requests. Enabling also lets a client in
  /// again that was suspended for flooding; its tokens are as they were.
  Result<> set_client_disabled(const Realm&, const ClientId&, bool disabled, Instant now);

  /// Slow. kConflict when the login is taken, unless `replace`, which keeps the number.
  Result<> create_user(Subject, const Secret& password, bool replace = false);
  /// Disabling suspends: the user's tokens are refused (kForbidden) until the user
  /// is enabled again. To end them, revoke. Enabling also forgets wrong passwords: an
  /// account that strangers locked is open at once. So does set_password().
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

  // Revocation. What these acknowledge is durable, and final (epoch.h has what a
  // restored backup means for it). Each says how many live families it ended.
  /// Of a client also what it had begun and not finished: codes, device codes, pushed requests.
  Result<int> revoke(const GrantFilter&, std::string_view why, Instant now);
  Result<bool> revoke_grant(const Realm&, const GrantId&, std::string_view why, Instant now);
  /// The family of a token, access or refresh; false when nobody knows it or it is dead.
  Result<bool> revoke_token(const Realm&, const Secret& token, std::string_view why, Instant now);
  /// Everything of one person: browser sessions and codes that were not exchanged yet,
  /// too. kNotFound when there is no such user.
  Result<int> revoke_user(const Realm&, const SubjectId&, std::string_view why, Instant now);
  /// Everything of everybody in the realm (checklist 63).
  Result<int> revoke_everyone(const Realm&, std::string_view why, Instant now);

  /// A family with a token that somebody can use now.
  struct Holder {
    Grant grant = {};
    int access_tokens = 0;  ///< alive
    int refresh_tokens = 0;
    std::optional<Instant> access_until = {};  ///< the furthest end of them
    std::optional<Instant> refresh_until = {};
    friend bool operator==(const Holder&, const Holder&) = default;
  };
  /// Who holds a live token, newest login first; `filter.only_live` is taken as true.
  /// Grant::used is when the family was last issued something.
  Result<std::vector<Holder>> holders(const GrantFilter&, int most, Instant now);

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

  /// A signing key and what it is doing.
  struct ShownKey {
    StoredKey key;
    KeyState state = KeyState::kSigning;
  };
  /// Of every algorithm, newest first (signing_keys.h).
  Result<std::vector<ShownKey>> signing_keys(const Realm&, Instant now);
  /// A new key of the algorithm that `policy` signs with, published now, signing after
  /// `lead`. Its kid. kUnsupported where the realm signs nothing.
  Result<std::string> rotate_key(const Realm&, const Policy&, Seconds lead, Instant now);
  /// `at_once`: an emergency, nobody may verify with it from now on.
  Result<> retire_key(const Realm&, const Policy&, std::string_view kid, bool at_once, Instant now);

  Store& store() { return store_; }
  const Keys& keys() const { return keys_; }

 private:
  /// What was ended stays so in every copy of the store.
  template <class T>
  Result<T> finally(Result<T> done) {
    if (!done || !after_ending_) return done;
    TRY(after_ending_());
    return done;
  }

  Store& store_;
  const Keys& keys_;
  crypto::PasswordCost cost_;
  std::function<Result<>()> after_ending_ = {};
};

}  // namespace latchkey::engine
