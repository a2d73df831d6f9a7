#pragma once

#include "dialect/codec.h"
#include "dialect/dialect.h"

namespace latchkey::dialects::oauth2 {

// Our own authority's endpoints, below the issuer.
inline constexpr std::string_view kServerMetadataPath = "/.well-known/oauth-authorization-server";
inline constexpr std::string_view kOpenidMetadataPath = "/.well-known/openid-configuration";
inline constexpr std::string_view kAuthorizePath = "/oauth2/authorize";
inline constexpr std::string_view kTokenPath = "/oauth2/token";
inline constexpr std::string_view kDevicePath = "/oauth2/device_authorization";
inline constexpr std::string_view kIntrospectPath = "/oauth2/introspect";
inline constexpr std::string_view kRevokePath = "/oauth2/revoke";
inline constexpr std::string_view kRegisterPath = "/oauth2/register";
inline constexpr std::string_view kPushPath = "/oauth2/par";
inline constexpr std::string_view kUserInfoPath = "/oauth2/userinfo";
inline constexpr std::string_view kKeysPath = "/oauth2/jwks";
inline constexpr std::string_view kDevicePagePath = "/oauth2/device";

inline constexpr std::string_view kCodeGrant = "authorization_code";
inline constexpr std::string_view kRefreshGrant = "refresh_token";
inline constexpr std::string_view kClientGrant = "client_credentials";
inline constexpr std::string_view kForm = "application/x-www-form-urlencoded";

// Limits of what a peer can make us read.
inline constexpr std::size_t kLongestToken = 8 * 1024;  ///< any token, code or secret
inline constexpr std::size_t kLongestId = 256;          ///< a client's id
inline constexpr std::size_t kLongestUri = 2048;
inline constexpr std::size_t kLongestState = 1024;  ///< also of a nonce
inline constexpr std::size_t kMostResources = 8;

/// What a realm's settings make of the wire.
struct WireOptions {
  std::string issuer = {};  ///< no slash at its end
  std::vector<std::string> scopes = {};
  std::string signing_alg = "ES256";
  bool device = false, exchange = false, pushed = false, pushed_only = false, registration = false,
       proof_nonce = false;
};

/// Reads requests of clients and of their browsers. Pure but for the keys of a client
/// that signs its requests, which `keyring` looks up.
class Reader {
 public:
  Reader(const WireOptions& options, const dialect::Keyring* keyring)
      : options_(options), keyring_(keyring) {}

  /// kNotFound for an unknown path, kUnsupported for a method or grant type that an
  /// endpoint does not have, kBadCredentials where the client says nothing of itself or
  /// signs wrongly, kOtpWrong for a bad DPoP proof, kMalformed for everything else that
  /// cannot be read: also two ways of authenticating at once (checklist 29), a
  /// parameter that comes twice (14) and a secret in the query (30).
  Result<engine::Operation> read(const http::Request& request) const;

 private:
  struct Form;
  Result<Form> form_of(const http::Request& request) const;
  Result<engine::ClientKey> client_of(const http::Request& request, const http::Pairs& form) const;
  Result<engine::ClientKey> by_assertion(const http::Pairs& form) const;
  Result<std::optional<engine::DpopProof>> proof_of(const http::Request& request) const;

  Result<engine::Operation> authorize(const http::Request& request) const;
  Result<engine::Operation> token(const http::Request& request) const;
  Result<engine::Operation> about_token(const http::Request& request) const;
  Result<engine::Operation> userinfo(const http::Request& request) const;
  // extension_requests.cc
  Result<engine::Operation> device(const http::Request& request) const;
  Result<engine::Operation> poll(Form form) const;
  Result<engine::Operation> exchange(Form form) const;
  Result<engine::Operation> push(const http::Request& request) const;
  Result<engine::Operation> registration(const http::Request& request) const;

  const WireOptions& options_;
  const dialect::Keyring* keyring_;
};

/// An authorization request, from a query or a pushed form. `client` is who asks.
Result<engine::Authorize> read_authorize(const http::Pairs& parameters, ClientId client);

/// The metadata of this realm (RFC 8414 section 2, OpenID Connect Discovery): what is
/// there and enabled, and nothing else.
json::Object metadata(const WireOptions& options);

/// What the engine gave, as JSON or a redirect.
http::Response write_outcome(const WireOptions& options, const dialect::Asked& asked,
                             const engine::Outcome& outcome);
/// Why not, as RFC 6749 section 5.2, RFC 6750 section 3 or, where it may be, a redirect
/// (RFC 6749 section 4.1.2.1).
http::Response write_refusal(const WireOptions& options, const dialect::Asked& asked,
                             const Error& error);

/// `uri` with `more` behind whatever query it has.
std::string with_query(std::string_view uri, const http::Pairs& more);
/// Printable ASCII, at most `most`.
bool is_plain(std::string_view text, std::size_t most);
/// Whether the settings leave that endpoint on; true for paths of none.
bool has_endpoint(const WireOptions& options, std::string_view path);
/// Browsers' scripts may call that path (checklist 17).
bool allows_scripts(std::string_view path);

}  // namespace latchkey::dialects::oauth2
