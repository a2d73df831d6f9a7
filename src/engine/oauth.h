#pragma once

#include "engine/asking.h"

namespace latchkey::engine {

// Standard OAuth 2 and OpenID Connect: what is asked, and what comes of it. The two
// operations that the older dialects share with it come first.

/// Send a person's browser to log in and consent (RFC 6749 section 4.1.1).
struct Authorize {
  ClientId client = {};
  std::string redirect_uri = {};  ///< empty: the only one that the client registered
  std::string state = {};
  std::string scope = {};                   ///< words separated by spaces; empty: the policy's
  std::string challenge = {};               ///< PKCE, S256 (RFC 7636 section 4.2); empty: none
  std::string nonce = {};                   ///< repeated in the ID token
  std::vector<std::string> resources = {};  ///< RFC 8707
  std::vector<std::string> prompt = {};     ///< "none", "login", "consent"
  std::optional<Seconds> max_age = {};      ///< since the person proved who it is
  std::string thumbprint = {};              ///< "dpop_jkt": the code is for that key only
  std::string request_uri = {};             ///< of a pushed request, which then says all the rest
  friend bool operator==(const Authorize&, const Authorize&) = default;
};

/// Authorization code for tokens (RFC 6749 section 4.1.3).
struct Exchange {
  ClientKey client = {};
  Secret code = {};
  std::string redirect_uri = {};
  Secret verifier = {};                     ///< PKCE (RFC 7636 section 4.1); empty: none
  std::vector<std::string> resources = {};  ///< some of the code's; empty: all
  std::optional<DpopProof> dpop = {};
  friend bool operator==(const Exchange&, const Exchange&) = default;
};

/// A client acts for itself (RFC 6749 section 4.4).
struct ClientCredentials {
  ClientKey client = {};
  std::string scope = {};
  std::vector<std::string> resources = {};
  std::optional<DpopProof> dpop = {};
  friend bool operator==(const ClientCredentials&, const ClientCredentials&) = default;
};

/// A resource server asks about a token (RFC 7662).
struct Introspect {
  ClientKey client = {};
  Secret token = {};
  friend bool operator==(const Introspect&, const Introspect&) = default;
};

/// A machine without a browser begins a login (RFC 8628 section 3.1) …
struct AuthorizeDevice {
  ClientKey client = {};
  std::string scope = {};
  std::vector<std::string> resources = {};
  friend bool operator==(const AuthorizeDevice&, const AuthorizeDevice&) = default;
};

/// … and asks whether a person has approved it (section 3.4). kPending: not yet;
/// kTooMany: too often; kDeclined; kExpired.
struct PollDevice {
  ClientKey client = {};
  Secret device_code = {};
  std::optional<DpopProof> dpop = {};
  friend bool operator==(const PollDevice&, const PollDevice&) = default;
};

/// One token for another: impersonation, or delegation with an actor (RFC 8693).
/// Types are URIs ("urn:ietf:params:oauth:token-type:access_token").
struct ExchangeToken {
  ClientKey client = {};
  Secret subject_token = {};
  std::string subject_type = {};
  Secret actor_token = {};  ///< empty: none
  std::string actor_type = {};
  std::string wanted_type = {};  ///< empty: the authority's choice
  std::string scope = {};
  std::vector<std::string> resources = {};
  std::vector<std::string> audiences = {};
  std::optional<DpopProof> dpop = {};
  friend bool operator==(const ExchangeToken&, const ExchangeToken&) = default;
};

/// An authorization request, handed in beforehand (RFC 9126).
struct PushAuthorization {
  ClientKey client = {};
  Authorize asked = {};
  std::optional<DpopProof> dpop = {};
  friend bool operator==(const PushAuthorization&, const PushAuthorization&) = default;
};

/// What a client says of itself when it is registered (RFC 7591 section 2). Empty: the
/// authority's default.
struct ClientFacts {
  std::string name = {};
  std::vector<std::string> redirect_uris = {};
  std::vector<std::string> grants = {};  ///< "authorization_code", …
  std::string auth_method = {};          ///< as Client::auth_method
  std::string scope = {};
  std::string jwks = {};  ///< JSON text of a JWK set with public keys only
  bool native = false;    ///< "application_type": "native"
  bool bound = false;     ///< "dpop_bound_access_tokens"
  friend bool operator==(const ClientFacts&, const ClientFacts&) = default;
};

/// Dynamic registration (RFC 7591). `bearer`: the initial access token, if any.
struct RegisterClient {
  Secret bearer = {};
  ClientFacts facts = {};
  friend bool operator==(const RegisterClient&, const RegisterClient&) = default;
};

/// Who am I? (OpenID Connect Core section 5.3). The outcome is Used.
struct UserInfo {
  Secret bearer = {};
  std::optional<DpopProof> dpop = {};
  friend bool operator==(const UserInfo&, const UserInfo&) = default;
};

// What comes of it.

/// A token as RFC 7662 shows it. Not active: all the rest is empty.
struct Introspection {
  bool active = false;
  std::string kind = {};  ///< "access_token" or "refresh_token"
  ClientId client = {};
  SubjectId subject = {};  ///< empty: the client acts for itself
  std::string scope = {};
  std::vector<std::string> audiences = {};
  std::optional<Instant> issued = {};
  std::optional<Instant> until = {};
  std::string thumbprint = {};  ///< of the DPoP key that it is bound to
  std::string actors = {};      ///< as Grant::actors
  friend bool operator==(const Introspection&, const Introspection&) = default;
};

struct DeviceStarted {
  Secret device_code = {};
  Secret user_code = {};              ///< what the person types: "WDJB-MJHT"
  std::string verification_uri = {};  ///< filled by the codec
  std::string complete_uri = {};      ///< the same with the user code in it
  Instant until = {};
  Seconds interval{5};  ///< between two polls
  friend bool operator==(const DeviceStarted&, const DeviceStarted&) = default;
};

struct Pushed {
  std::string request_uri = {};
  Instant until = {};
  friend bool operator==(const Pushed&, const Pushed&) = default;
};

struct Registered {
  ClientId id = {};
  Secret secret = {};  ///< empty: it has none
  Instant issued = {};
  ClientFacts facts = {};  ///< with the authority's defaults
  friend bool operator==(const Registered&, const Registered&) = default;
};

}  // namespace latchkey::engine
