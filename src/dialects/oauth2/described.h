#pragma once

#include "dialects/oauth2/provider.h"

namespace latchkey::dialects::oauth2 {

/// The standard wire, spoken to a provider that described itself: to its addresses,
/// with the client authentication that it takes. Only the broker's face.
///
/// An answer to an Authorize is kBadResponse when its "iss" is not that provider's name,
/// byte for byte, or is missing where the provider promised it (RFC 9207 section 2.4;
/// checklist 12). kUnsupported for what the provider has no address for, and for PKCE
/// where it takes no S256.
class Described final : public dialect::Codec {
 public:
  /// `auth_method`: "client_secret_basic", "client_secret_post", or "auto": the first of
  /// these two that the provider takes. A client without a secret only names itself. With
  /// "private_key_jwt" only what was signed is sent (client_key.h).
  Described(Provider provider, std::string auth_method, std::unique_ptr<dialect::Codec> wire)
      : provider_(std::move(provider)),
        auth_method_(std::move(auth_method)),
        wire_(std::move(wire)) {}

  bool owns(std::string_view path) const override { return wire_->owns(path); }
  std::string origin(const engine::Operation&) const override;
  Result<http::Request> encode_request(const engine::Operation&) const override;
  Result<engine::Outcome> decode_reply(const dialect::Sent&, const http::Response&) const override;
  /// kUnsupported: an authority does not describe itself to itself.
  Result<engine::Operation> decode_request(const http::Request&) const override;
  http::Response encode_reply(const dialect::Asked&, const Result<engine::Outcome>&) const override;

 private:
  Result<> authenticate(http::Request& request, const engine::ClientKey& client) const;
  Result<> check_issuer(const http::Response& redirect) const;

  Provider provider_;
  std::string auth_method_;
  std::unique_ptr<dialect::Codec> wire_;
};

}  // namespace latchkey::dialects::oauth2
