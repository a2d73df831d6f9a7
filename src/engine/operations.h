#pragma once

#include <variant>

#include "engine/oauth.h"

namespace latchkey::engine {

// What can be asked of an authority, whatever the wire. Values only: a codec
// makes them from a request or a request from them; an Authority performs them.

/// Ask for a one-time password: sent out of band, or a push to be approved.
struct RequestOtp {
  ClientKey client;
  friend bool operator==(const RequestOtp&, const RequestOtp&) = default;
};

/// A login without a browser. Which parts are needed is the policy's to say.
/// At most one of `otp` and `transaction_id` is set; neither is a login without
/// a second factor.
struct Login {
  ClientKey client = {};
  UserKey user = {};
  std::string partner = {};  ///< the merchant, where the wire names one
  Secret otp = {};
  std::string transaction_id = {};  ///< of a push that a person approves
  friend bool operator==(const Login&, const Login&) = default;
};

/// With a company's token, get one for an operator of that company.
struct Delegate {
  Secret bearer = {};
  std::int64_t operator_id = 0;
  Instant expires_at = {};
  friend bool operator==(const Delegate&, const Delegate&) = default;
};

struct Refresh {
  Secret refresh_token = {};
  ClientKey client = {};
  std::string partner = {};
  std::vector<std::string> narrow_to = {};  ///< rights (portfolios, scopes) to keep; empty: all
  std::vector<std::string> resources = {};  ///< some of the grant's; empty: all
  std::optional<DpopProof> dpop = {};
  friend bool operator==(const Refresh&, const Refresh&) = default;
};

/// With a company's token, ask whether another token is alive.
struct Validate {
  Secret bearer = {};
  Secret token = {};
  friend bool operator==(const Validate&, const Validate&) = default;
};

/// End a token's whole family (RFC 7009), whichever of its tokens it is.
struct Revoke {
  Secret token = {};
  ClientKey client = {};
  friend bool operator==(const Revoke&, const Revoke&) = default;
};

/// A call to a protected resource. The engine decides who may; the dialect
/// knows what `resource` means and what its answer looks like.
struct Use {
  Secret bearer = {};  ///< empty: the request carried none
  std::string partner = {};
  std::string resource = {};            ///< the dialect's name for it
  std::vector<std::string> tiers = {};  ///< any of these will do; empty: any tier
  std::vector<std::pair<std::string, std::string>> arguments = {};
  std::string notebook = {};             ///< what the account did here is read from this notebook …
  std::optional<std::string> note = {};  ///< … after this is appended to it
  std::optional<DpopProof> dpop = {};
  friend bool operator==(const Use&, const Use&) = default;
};

// The directory of a company's operators (one of the wires has it).

enum class OperatorStatus { kActive = 0, kInactive = 1, kDeleted = 2 };

struct Organization {
  std::int64_t id = 0;
  std::string name = {};
  friend bool operator==(const Organization&, const Organization&) = default;
};

struct Operator {
  std::int64_t id = 0;
  std::string name = {};
  OperatorStatus status = OperatorStatus::kActive;
  Organization organization = {};
  friend bool operator==(const Operator&, const Operator&) = default;
};

struct NewOperator {
  std::int64_t organization_id = 0;
  std::string name = {};
  friend bool operator==(const NewOperator&, const NewOperator&) = default;
};

struct ListOrganizations {
  Secret bearer = {};
  friend bool operator==(const ListOrganizations&, const ListOrganizations&) = default;
};

/// Without an organization: the one of the operator whose token it is.
struct ListOperators {
  Secret bearer = {};
  std::optional<std::int64_t> organization_id = {};
  friend bool operator==(const ListOperators&, const ListOperators&) = default;
};

/// Adds operators; duplicate names are allowed. All or none are added.
struct SynchronizeOperators {
  Secret bearer = {};
  std::vector<NewOperator> operators = {};
  friend bool operator==(const SynchronizeOperators&, const SynchronizeOperators&) = default;
};

/// Any status but active kills the operator's tokens.
struct SetOperatorStatus {
  Secret bearer = {};
  std::int64_t operator_id = 0;
  OperatorStatus status = OperatorStatus::kActive;
  friend bool operator==(const SetOperatorStatus&, const SetOperatorStatus&) = default;
};

using Operation =
    std::variant<RequestOtp, Login, Authorize, Exchange, Delegate, Refresh, Validate, Revoke, Use,
                 ListOrganizations, ListOperators, SynchronizeOperators, SetOperatorStatus,
                 ClientCredentials, Introspect, AuthorizeDevice, PollDevice, ExchangeToken,
                 PushAuthorization, RegisterClient, UserInfo>;

/// "request_otp", "login", …: for logs, metrics and tests.
const char* name_of(const Operation& operation);

// What comes of it.

/// A push has a transaction to poll; a message sent out of band has none.
struct OtpSent {
  std::string transaction_id = {};
  friend bool operator==(const OtpSent&, const OtpSent&) = default;
};

/// Tokens as issued. nullopt: no end was stated (never "expired").
struct TokenSet {
  Secret access_token = {};
  std::optional<Instant> access_until = {};
  Secret refresh_token = {};  ///< empty: none, keep using the one you have
  std::optional<Instant> refresh_until = {};
  std::string scope = {};
  std::string session = {};
  /// Set when this is an answer given once more (Policy::replay_window): when it was
  /// first given. Whoever writes it counts from then, so that the bytes are the same.
  std::optional<Instant> first_given = {};
  Secret id_token = {};          ///< OpenID Connect; empty: none
  std::string thumbprint = {};   ///< of the DPoP key that it is bound to; empty: a bearer's
  std::string issued_type = {};  ///< of an ExchangeToken: what the access token is
  friend bool operator==(const TokenSet&, const TokenSet&) = default;
};

struct Authorized {
  Secret code = {};
  std::string redirect_uri = {};
  std::string state = {};
  friend bool operator==(const Authorized&, const Authorized&) = default;
};

struct Validation {
  bool valid = false;
  Why why_not = Why::kInvalidToken;  ///< when not valid: kInvalidToken, kExpired or kRevoked
  std::int64_t operator_id = 0;
  std::int64_t client_number = 0;
  std::optional<Instant> until = {};
  friend bool operator==(const Validation&, const Validation&) = default;
};

/// One thing that an account did in the sandbox (an order, a QR code).
struct Note {
  std::int64_t number = 0;
  Instant at = {};
  std::string text = {};
  friend bool operator==(const Note&, const Note&) = default;
};

/// Facts about an account that a dialect shows: {"portfolios", "D39004 G16004"}.
using Attributes = std::vector<std::pair<std::string, std::string>>;
/// The value of that name, or "".
std::string attribute(const Attributes& attributes, std::string_view name);

/// Who a live token stands for.
struct Identity {
  ClientId client = {};
  SubjectId subject = {};
  std::int64_t operator_id = 0;
  std::string tier = {};
  std::string scope = {};
  Attributes attributes = {};
  Instant until = {};
  std::int64_t number = 0;                    ///< Subject::number
  std::optional<Instant> authenticated = {};  ///< of a session: when the person logged in
  std::string name = {};                      ///< the person's
  friend bool operator==(const Identity&, const Identity&) = default;
};

struct Used {
  Identity who = {};
  std::vector<Note> notes = {};
  friend bool operator==(const Used&, const Used&) = default;
};

struct Organizations {
  std::vector<Organization> list = {};
  friend bool operator==(const Organizations&, const Organizations&) = default;
};

struct Operators {
  std::vector<Operator> list = {};
  friend bool operator==(const Operators&, const Operators&) = default;
};

struct Done {
  friend bool operator==(const Done&, const Done&) = default;
};

using Outcome = std::variant<OtpSent, TokenSet, Authorized, Validation, Used, Organizations,
                             Operators, Done, Introspection, DeviceStarted, Pushed, Registered>;

}  // namespace latchkey::engine
