#pragma once

#include <map>
#include <memory>
#include <span>

#include "dialect/codec.h"
#include "dialect/settings.h"
#include "engine/local_authority.h"
#include "engine/policy.h"

namespace latchkey::dialect {

struct Pages;  // dialect/pages.h
class Issuer;  // dialect/issuer.h

/// The keys that partners and clients have told the authority. The authority looks in
/// its store; a broker knows the one that its profile shares.
class Keyring {
 public:
  virtual ~Keyring() = default;
  /// nullopt for a partner that has none, or whom nobody knows. An error is no verdict about
  /// the partner: it cannot be looked up.
  virtual Result<std::optional<Secret>> shared_key(std::string_view partner) const = 0;
  /// The public keys that a client registered: JSON text of a JWK set (RFC 7517); nullopt for
  /// a client that has none. An error says as little about the client.
  virtual Result<std::optional<std::string>> client_keys(const ClientId&) const {
    return std::nullopt;
  }
  /// What DPoP proofs must hold now, where the realm wants that; "" where nobody knows.
  virtual std::string proof_nonce(Instant) const { return {}; }
};

/// Something that a profile must say before it can log in.
struct Question {
  std::string_view name;   ///< "api_secret": the profile's key, the flag --api-secret-file
  std::string_view label;  ///< "API secret", for a prompt
  bool secret = false;     ///< never echoed, never in the config in clear
  bool required = true;
  bool keep = false;     ///< a later login needs it: kept, sealed, if the user allows
  bool renewal = false;  ///< every refresh needs it: always kept, sealed, with the tokens
};

/// Answers to the questions, by name. Plain facts (an id) sit in Secrets too: one type.
using Answers = std::map<std::string, Secret, std::less<>>;
/// The answer's text, or "".
std::string_view answer(const Answers& answers, std::string_view name);

/// How a person's presence is needed at login.
enum class Presence {
  kNone,     ///< a stored secret is enough
  kOtp,      ///< maybe a one-time password or a push
  kBrowser,  ///< a browser; the callback or a paste brings the result
};

/// What a broker must know of a provider, as data: docs/dialects/NAME.md has the
/// sources. Zero or nullopt: the provider does not say.
struct Traits {
  std::string_view name;                 ///< the word in configs and commands: one, in lower case
  std::string_view title;                ///< as its makers write it
  std::string_view base_url;             ///< the documented host
  std::string_view sandbox_prefix = {};  ///< where its paths are in the sandbox, if not at the root
  std::string_view api_url;              ///< where protected calls go, if it is another host
  Presence presence = Presence::kNone;
  engine::Rotation rotation = engine::Rotation::kNone;
  /// kSingleUse is only what is safe to assume, until a renewal has shown that its
  /// refresh token stays good: no other one came with the answer.
  bool rotation_is_assumed = false;
  Seconds replay_window{0};           ///< in which a spent refresh token may be sent again
  bool single_session = false;        ///< a login elsewhere kills ours
  bool delegates = false;             ///< company token first, operator token from it
  Seconds delegate_most{0};           ///< … at most so far ahead; a broker asks for no more
  bool can_validate = false;          ///< the wire has a "is this token alive" call
  bool proves_codes = false;          ///< PKCE and a nonce bind a browser's login to us
  bool pastes_refresh_token = false;  ///< the browser shows it and the person pastes it
  std::optional<Seconds> access_lifetime = {};   ///< when a reply does not say
  std::optional<Seconds> refresh_lifetime = {};  ///< when a reply does not say …
  bool refresh_from_access_end = false;          ///< … counted from there
  Seconds auth_interval{0};                      ///< at most one authentication call an interval
  Seconds otp_poll{5};                           ///< how often to ask whether a push was approved
  Seconds otp_patience{60};
  Seconds rotate_credentials_after{0};
  bool https_only = true;
  std::string_view proof_method = "GET";
  std::string_view proof_path = {};  ///< a harmless protected call
  std::string_view proof_body = {};
};

/// One demo account of the sandbox, in the clear: it is made at start, on
/// loopback, and printed.
struct DemoClient {
  engine::Client client;
  Secret secret = {};
  Secret totp_seed = {};    ///< raw bytes
  Secret shared_key = {};   ///< as the provider hands it out (hexadecimal)
  Secret private_key = {};  ///< PEM; the client's `jwks` has its public half
};
struct DemoSubject {
  engine::Subject subject;
  Secret password = {};
  std::vector<std::pair<std::string, std::vector<std::string>>> organizations =
      {};  ///< name, operators
};
struct Demo {
  std::vector<DemoSubject> subjects = {};
  std::vector<DemoClient> clients = {};
};

/// One dialect: its facts, its settings, and how to make its parts. Stateless;
/// one instance lives for the whole program.
class Dialect {
 public:
  virtual ~Dialect() = default;
  virtual const Traits& traits() const = 0;
  virtual std::span<const Setting> settings() const = 0;
  virtual std::span<const Question> questions() const = 0;

  /// `keyring` must outlive the codec; it may be null where no wire part is encrypted.
  virtual std::unique_ptr<Codec> codec(const Settings&, const Keyring* keyring) const = 0;
  virtual engine::Policy policy(const Settings&) const = 0;
  virtual engine::Messages messages() const { return {}; }
  virtual const Pages* pages() const { return nullptr; }
  /// Where a person lets a device in, if these settings have that (PagesEnd::kDevice).
  virtual const Pages* device_pages(const Settings&) const { return nullptr; }
  /// What the wire offers, as an OpenAPI 3.1 document (JSON): its `paths` and its
  /// `components`, whose names begin with the dialect's own. "": there is none.
  virtual std::string_view openapi() const { return {}; }
  virtual Demo demo() const = 0;
  /// The settings that a profile may choose, where they are not those of an authority.
  virtual std::span<const Setting> profile_settings() const { return settings(); }
  /// The facts with what these settings of a profile change of them: it may know that
  /// its authority keeps a replay window which the provider at large does not have.
  virtual Traits traits_under(const Settings&) const { return traits(); }
  /// Set where any number of providers speak this dialect, each describing itself.
  virtual const Issuer* issuer() const { return nullptr; }
  /// Whether a profile with these settings must answer that question.
  virtual bool requires_answer(const Question& question, const Settings&) const {
    return question.required;
  }

  /// The first operation of a login from the answers; kUsage naming what is
  /// missing. kUnsupported where Presence is kBrowser and nothing is redirected.
  virtual Result<engine::Operation> login(const Answers&) const = 0;
  /// The same, where the profile's settings choose the kind of login.
  virtual Result<engine::Operation> login_under(const Settings&, const Answers& answers) const {
    return login(answers);
  }
  /// The refresh that spends that token. The answers "client_id", "client_secret"
  /// and "partner_code" go along where the provider asked for them.
  virtual engine::Refresh refresh(const Answers&, const Secret& refresh_token) const;
  /// What ends that token at the provider, with the same answers.
  virtual engine::Revoke revocation(const Answers&, const Secret& token) const;
  /// The headers that carry the token on a protected call.
  virtual http::Headers token_headers(const Answers&, const Secret& token) const = 0;
  /// Makes a user's request one that the provider takes: adds token_headers, and
  /// encrypts the body where the wire wants that.
  virtual Result<http::Request> dress(const Answers&, const Secret& token, http::Request) const;
  /// A harmless protected call that shows whether the token is alive; kUnsupported
  /// where there is none.
  virtual Result<engine::Operation> proof(const Answers&, const Secret& token) const;
  /// All such calls, the best first: a provider may lack some.
  virtual Result<std::vector<engine::Operation>> proofs(const Answers&, const Secret& token) const;
};

}  // namespace latchkey::dialect
