#pragma once

#include "engine/keys.h"

namespace latchkey::engine {

/// Who asks, as read before anything slow was done. A client that acts for
/// nobody has no subject; a company that logs in by itself has no client.
struct Party {
  Shared<Client> client = {};
  Shared<Subject> subject = {};

  ClientId client_id() const { return client ? client->id : ClientId{}; }
  SubjectId subject_id() const { return subject ? subject->login : SubjectId{}; }
};

/// The client, if it is who it says: kBadCredentials for an unknown or disabled
/// one, a wrong secret, a secret where a public client has none, and any other way of
/// saying who it is than the client's own: an assertion only where it registered keys
/// for that. All of them take the same path (checklist 59, 60).
Result<Shared<Client>> check_client(Tx&, const Keys&, const Realm&, const ClientKey&);
/// The same, and it must have been given that grant type ("refresh_token"):
/// kForbidden if it was not.
Result<Shared<Client>> check_client_for(Tx&, const Keys&, const Realm&, const ClientKey&,
                                        std::string_view grant_type);

/// Whoever asked is still there, enabled, and has the same secret, or password and
/// second factor; else kBadCredentials. Called in the transaction that issues, so that
/// nothing is issued after a disabling or a change of them was acknowledged.
Result<> still_as_read(Tx&, const Party&);

/// The counter of an account's wrong passwords, but for those from an address that it knows.
std::string wrong_passwords_of(const Keys&, const SubjectId& login);

/// The account of a token that is a client's own: there is one, and it says nothing.
const Shared<Subject>& nobody();

/// A live access token and whose it is; both are there.
struct Bearer {
  Shared<Holding> held;
  Shared<Subject> subject;
};
/// kBadCredentials for no token at all; as may_use for a dead one; kForbidden
/// when the account is suspended.
Result<Bearer> bearer_of(Tx&, const Keys&, const Realm&, const Secret& token, Instant now);
/// The same, and kForbidden when it is of another tier, or `tier` is empty.
Result<Bearer> bearer_of_tier(Tx&, const Keys&, const Realm&, const Secret& token,
                              std::string_view tier, Instant now);

}  // namespace latchkey::engine
