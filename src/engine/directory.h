#pragma once

#include <string>
#include <vector>

#include "base/text.h"
#include "engine/hash.h"
#include "engine/operations.h"

namespace latchkey::engine {

// What an authority knows, as rows. Secrets stand here only hashed or sealed.

/// crypto::seal of something that must come back: a TOTP seed, a shared AES key.
using Sealed = Bytes;

/// How a client proves its second factor. The account decides, not the caller.
enum class OtpKind {
  kNone,    ///< it has none
  kOutbox,  ///< a code by SMS or e-mail
  kTyped,   ///< a code read from an authenticator (RFC 6238)
  kPush,    ///< a person approves a transaction in an app
};

struct Client {
  Realm realm = {};
  ClientId id = {};
  std::string name = {};
  Hash secret_hash = {};  ///< empty: a public client
  SubjectId owner = {};   ///< whose account it acts for, where it acts for one
  std::vector<std::string> redirect_uris = {};
  std::vector<std::string> grants = {};  ///< "authorization_code", "refresh_token"; empty: any
  OtpKind otp = OtpKind::kNone;
  std::string otp_address = {};
  Sealed totp_seed = {};
  std::string partner = {};
  Sealed shared_key = {};
  bool disabled = false;
  /// How it proves who it is, as RFC 7591 says it: "client_secret_basic" or "_post",
  /// "private_key_jwt", "none". Empty: by its secret, if it has one.
  std::string auth_method = {};
  bool native = false;                      ///< any port will do in a loopback redirect_uri
  bool bound = false;                       ///< every token is bound to a DPoP key
  std::vector<std::string> scopes = {};     ///< that it may ask for; empty: any of the policy's
  std::vector<std::string> resources = {};  ///< whose tokens it may introspect (RFC 8707 URIs)
  std::string jwks = {};                    ///< its public keys: JSON text of a JWK set
  std::optional<Instant> registered = {};   ///< by itself (RFC 7591)
  std::string disabled_why = {};
  friend bool operator==(const Client&, const Client&) = default;
};

/// A person or a company. `number` is unique in the realm, for wires that name
/// accounts by number.
struct Subject {
  Realm realm = {};
  SubjectId login = {};
  std::int64_t number = 0;
  std::string name = {};
  std::string password_hash = {};  ///< argon2id, PHC string
  Attributes attributes = {};
  bool disabled = false;
  std::string disabled_why = {};
  OtpKind otp = OtpKind::kNone;  ///< the second step of a login on the pages
  std::string otp_address = {};
  Sealed totp_seed = {};
  friend bool operator==(const Subject&, const Subject&) = default;
};

/// A family: everything that came of one login.
struct Grant {
  Realm realm = {};
  GrantId id = {};
  ClientId client = {};
  SubjectId subject = {};
  std::int64_t operator_id = 0;  ///< 0: not an operator's
  std::string tier = {};
  std::string scope = {};
  std::string session = {};  ///< a UUID, where the wire shows one
  Instant created = {};
  std::optional<Instant> revoked = {};
  std::string revoked_why = {};
  std::string resource = {};                  ///< URIs separated by spaces; empty: the policy's
  std::optional<Instant> authenticated = {};  ///< when the person proved who it is
  std::string amr = {};                       ///< how (RFC 8176): "pwd otp"
  std::string actors = {};                    ///< who acts for the subject, as a JSON "act" claim
  Instant used = {};  ///< when a token of it was last issued; kept by the store
  friend bool operator==(const Grant&, const Grant&) = default;
};

/// A family that was made from another's token (RFC 8693): the end of that one is its end.
struct Descent {
  GrantId parent = {};
  GrantId child = {};
  Instant until = {};  ///< of the child's last token: there is nothing to end from then on
  friend bool operator==(const Descent&, const Descent&) = default;
};

enum class TokenKind { kAccess, kRefresh };

struct Token {
  Hash hash = {};
  GrantId grant = {};
  TokenKind kind = TokenKind::kAccess;
  Instant issued = {};
  Instant until = {};
  std::optional<Instant> spent = {};  ///< a single-use refresh token that was used
  std::optional<Instant> ended = {};  ///< this one token was ended; its family lives on
  Hash parent = {};                   ///< the refresh token that was used for it
  /// What it keeps of Policy::narrow_attribute, or of its family's scope; empty: all.
  std::string narrowed = {};
  std::string resource = {};  ///< what it keeps of its family's; empty: all
  std::string bound_to = {};  ///< thumbprint of a DPoP key (RFC 9449); empty: a bearer's
  friend bool operator==(const Token&, const Token&) = default;
};

/// A token with the family that it belongs to.
struct Holding {
  Token token = {};
  Grant grant = {};
  friend bool operator==(const Holding&, const Holding&) = default;
};

/// What a spent refresh token was answered, for whoever lost the answer on its way.
struct KeptAnswer {
  Hash spent = {};     ///< the refresh token that was spent: it has one answer, for ever
  Sealed tokens = {};  ///< write_answer
  Instant until = {};  ///< from here on it is a replay like any other
  friend bool operator==(const KeptAnswer&, const KeptAnswer&) = default;
};

struct Code {
  Realm realm = {};
  Hash hash = {};
  ClientId client = {};
  SubjectId subject = {};
  std::string redirect_uri = {};
  Instant until = {};
  std::optional<Instant> spent = {};
  GrantId grant = {};          ///< set when it was spent, for checklist 2
  bool redirect_given = true;  ///< the request named its redirect_uri, so the exchange must too
  std::string challenge = {};  ///< PKCE, S256; empty: none
  std::string nonce = {};
  std::string scope = {};
  std::string resource = {};  ///< as Grant::resource
  std::string bound_to = {};  ///< as Token::bound_to
  std::optional<Instant> authenticated = {};
  std::string amr = {};
  friend bool operator==(const Code&, const Code&) = default;
};

enum class DeviceState { kOpen, kApproved, kDeclined, kUsed };

/// A login that a machine without a browser has begun (RFC 8628).
struct DeviceCode {
  Realm realm = {};
  Hash hash = {};       ///< of the device code
  Hash user_hash = {};  ///< of the user code, as normalised
  ClientId client = {};
  std::string scope = {};
  std::string resource = {};
  Instant until = {};
  Seconds interval{5};  ///< between two polls; grows with each that came too early
  std::optional<Instant> polled = {};
  DeviceState state = DeviceState::kOpen;
  SubjectId subject = {};  ///< who approved it
  std::optional<Instant> authenticated = {};
  std::string amr = {};
  GrantId grant = {};  ///< set when it was used
  friend bool operator==(const DeviceCode&, const DeviceCode&) = default;
};

/// An authorization request that was handed in beforehand (RFC 9126).
struct PushedRequest {
  Realm realm = {};
  Hash hash = {};  ///< of its request_uri
  ClientId client = {};
  std::string request = {};  ///< all that it says; the engine's own format
  Instant until = {};
  std::optional<Instant> spent = {};
  friend bool operator==(const PushedRequest&, const PushedRequest&) = default;
};

enum class ChallengeState { kOpen, kApproved, kDeclined, kUsed };

/// A one-time password that was sent, or a push that waits for a person.
struct Challenge {
  Realm realm = {};
  std::string id = {};  ///< the transaction id of a push; else random
  ClientId client = {};
  OtpKind kind = OtpKind::kOutbox;
  Hash code_hash = {};  ///< empty for a push
  Instant created = {};
  Instant until = {};
  ChallengeState state = ChallengeState::kOpen;
  int attempts = 0;
  friend bool operator==(const Challenge&, const Challenge&) = default;
};

/// What would have been sent by SMS, e-mail or push. The text holds the code, so
/// it is sealed at rest.
struct Delivery {
  std::int64_t number = 0;
  Realm realm = {};
  ClientId client = {};
  std::string address = {};
  Sealed text = {};
  std::string transaction_id = {};
  Instant at = {};
  SubjectId subject = {};  ///< where it is a person's, and no client's
  friend bool operator==(const Delivery&, const Delivery&) = default;
};

/// A person who is logged in, in a browser.
struct Session {
  Realm realm = {};
  Hash hash = {};
  SubjectId subject = {};
  Instant until = {};
  std::optional<Instant> authenticated = {};
  std::string amr = {};        ///< as Grant::amr
  std::string challenge = {};  ///< a second step is due; "" when there is none
  friend bool operator==(const Session&, const Session&) = default;
};

/// A signing key, sealed. `kid` is unique in the realm.
struct StoredKey {
  Realm realm = {};
  std::string kid = {};
  std::string alg = {};  ///< "HS256", "RS256", "ES256"
  Sealed key = {};
  Instant created = {};
  Instant use_from = {};                ///< it signs nothing before; published from the start
  std::optional<Instant> retired = {};  ///< it signs nothing from then on
  Instant until = kEndOfTime;           ///< from then on nobody needs it to verify anything
  friend bool operator==(const StoredKey&, const StoredKey&) = default;
};

}  // namespace latchkey::engine
