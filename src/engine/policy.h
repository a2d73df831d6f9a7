#pragma once

#include <functional>

#include "crypto/jws.h"
#include "engine/directory.h"

namespace latchkey::engine {

/// What a token looks like.
enum class TokenForm {
  kNone,    ///< there is no such token
  kJwt,     ///< signed, by Policy::jwt
  kHex40,   ///< 40 hexadecimal digits: 160 random bits
  kUuid,    ///< version 4
  kOpaque,  ///< 43 characters of base64url: 192 random bits of a token, of a code 256
};

/// What a refresh does to the refresh token that was used.
enum class Rotation {
  kNone,       ///< the wire has no refresh
  kReusable,   ///< it stays, and no new one is given
  kReissue,    ///< a new one is given, the old one stays good too
  kSingleUse,  ///< a new one is given, the old one is spent
};

/// What the second use of a spent refresh token does.
enum class OnReplay { kRefuse, kRevokeFamily, kRevokeClient };

/// Who logs in, and with what.
enum class LoginKind {
  kNone,          ///< only in a browser
  kClientSecret,  ///< a generated key and secret (OTP by the client's OtpKind)
  kPassword,      ///< a login and a password
  kBoth,          ///< both, and the partner that the client belongs to
};

/// Everything a JWT is made from, besides the key.
struct JwtFacts {
  const Grant& grant;
  const Subject& subject;
  Attributes attributes;  ///< the subject's, narrowed if the refresh asked so
  TokenKind kind;
  Instant issued;
  Instant until;
  std::string id;             ///< "jti": a fresh UUID
  std::string scope = {};     ///< the grant's, or what the token keeps of it
  std::string resource = {};  ///< likewise, as Grant::resource
  std::string bound_to = {};  ///< as Token::bound_to
};

/// Everything an ID token is made from, besides the key (OpenID Connect Core section 2).
struct IdTokenFacts {
  const Grant& grant;
  const Subject& subject;
  Instant issued;
  Instant until;
  std::string nonce;  ///< empty: none was sent
  const Secret& access_token;
};

/// The payload must hold `id` (or something else that never repeats): two tokens
/// of one second would else be the same text, and the second one is refused.
struct JwtForm {
  crypto::Alg alg = crypto::Alg::kEs256;
  std::function<std::string(std::string_view kid)> header;  ///< the header's JSON text
  std::function<std::string(const JwtFacts&)> payload;      ///< the claims' JSON text
};

/// Signed with the same key as JwtForm's tokens. Without a payload there are none.
struct IdTokenForm {
  std::function<std::string(std::string_view kid)> header = {};
  std::function<std::string(const IdTokenFacts&)> payload = {};
  Seconds lifetime{300};
};

/// What standard OAuth 2 and OpenID Connect add. The dialects that are older than
/// they are leave all of it as it is.
struct StandardPolicy {
  bool on = false;                          ///< PKCE, scopes, and the operations below
  std::string issuer = {};                  ///< the URL that names this authority
  std::vector<std::string> scopes = {};     ///< that may be asked for
  std::vector<std::string> resources = {};  ///< that tokens may be for, besides `audience`
  std::string audience = {};  ///< of a token that was asked for no resource; never empty
  bool pkce_for_all = false;  ///< else only clients without a secret must
  IdTokenForm id_token = {};  ///< given where the scope has "openid"
  bool otp = false;           ///< a person with an OtpKind needs it on the pages
  bool device = false;        ///< RFC 8628
  bool exchange = false;      ///< RFC 8693
  /// The "act" claim, as JSON text, of a token by which `actor` acts; `before`: the one of
  /// the token that it was made from, or "".
  std::function<Result<std::string>(std::string_view actor, std::string_view before)> act = {};
  bool pushed = false;        ///< RFC 9126 …
  bool pushed_only = false;   ///< … and no other request is taken
  bool registration = false;  ///< RFC 7591: anybody may register a client …
  /// … with a token of a client that acts for itself and was given this scope by name;
  /// empty: anybody
  std::string registration_scope = {};
  Seconds device_lifetime{600};
  Seconds device_interval{5};    ///< between two polls
  int user_code_attempts = 40;   ///< a person and password_window; an approval takes two
  Seconds pushed_lifetime{300};  ///< a person logs in and consents meanwhile
  Seconds assertion_most{3600};  ///< the furthest end of a client assertion; authlib says that
  bool proof_nonce = false;      ///< a DPoP proof holds a nonce of ours (proof_nonce.h)
  Seconds proof_window{60};      ///< how old a DPoP proof may be
  Seconds clock_skew{30};        ///< how far ahead of ours a peer's clock may be
};

/// Lifetimes, rotation and limits of one realm, as data. A dialect makes it from
/// its settings; the engine obeys it and knows no provider.
struct Policy {
  LoginKind login = LoginKind::kNone;
  TokenForm access_form = TokenForm::kJwt;
  TokenForm refresh_form = TokenForm::kNone;
  TokenForm code_form = TokenForm::kHex40;
  JwtForm jwt = {};

  /// Zero: no end. Then Token::until and JwtFacts::until are kEndOfTime, and
  /// TokenSet says nullopt.
  Seconds access_lifetime{1800};
  Seconds refresh_lifetime{0};           ///< zero: no end, as above
  bool refresh_from_access_end = false;  ///< refresh_lifetime counts from there
  Seconds code_lifetime{300};
  Seconds session_lifetime{3600};

  Rotation rotation = Rotation::kNone;
  OnReplay on_replay = OnReplay::kRefuse;
  /// How long after it was spent a single-use refresh token gets the same answer once
  /// more, for a client that lost it: until its successor is used. Zero: never.
  Seconds replay_window{30};
  /// A family is over so long after its login, however often it is refreshed, and no
  /// token of it lives longer (checklist 25). Zero: no end.
  Seconds grant_lifetime{0};
  /// A family for which nothing was issued for so long is not refreshed any more.
  /// Zero: only the ends of its tokens count.
  Seconds idle_lifetime{0};
  bool refresh_needs_client = false;  ///< id and secret at the refresh
  bool refresh_needs_partner = false;
  /// A login ends the client's other families; the subject's, where no client logs in.
  bool single_session = false;
  bool refresh_ends_access = false;   ///< a refresh ends the family's older access tokens
  bool single_refresh_token = false;  ///< a new one ends the subject's others

  std::string tier = "full";           ///< of a plain login
  std::string tier_with_otp = "full";  ///< of a login with a second factor
  std::string scope = {};
  bool shows_session = false;  ///< Grant::session is filled with a UUID

  std::string delegate_from_tier = {};  ///< who may Delegate; empty: nobody
  std::string delegate_tier = {};
  Seconds delegate_most{86400};  ///< the furthest end that may be asked for
  bool delegate_strict = true;   ///< beyond it: refuse; else cut

  std::string narrow_attribute = {};  ///< what Refresh::narrow_to narrows

  int otp_digits = 6;
  Seconds otp_lifetime{300};
  int otp_attempts = 5;  ///< per code, counted before it is compared
  /// How long a push waits for a person; an approval may be used for as long again.
  Seconds push_lifetime{60};
  /// Guesses of a one-time password a client and day. A typed code costs three,
  /// because three steps are accepted: the odds of a day of guessing six digits
  /// stay at 1 in 10 000 or below. Right ones count too.
  int otp_guesses_a_day = 100;
  /// Wrong passwords in a row after which a login is refused unread, until
  /// password_window is over. Tokens that live are not touched (checklist 55).
  int password_attempts = 20;
  Seconds password_window{900};

  /// At most one Login, RequestOtp or Delegate an interval and account (as
  /// claimed, before anything is checked); 0: off.
  Seconds auth_interval{0};
  /// Uses a second above which an account is suspended; 0: off.
  int flood_per_second = 0;
  /// Requests a second of one client, once it has shown that it is who it says, above
  /// which it is suspended: refused, its tokens untouched, until an operator enables
  /// it. 0: off.
  int client_flood_per_second = 0;

  StandardPolicy standard = {};
};

}  // namespace latchkey::engine
