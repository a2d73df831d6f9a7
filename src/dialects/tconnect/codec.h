#pragma once

#include "dialect/dialect.h"
#include "dialects/tconnect/wire.h"

namespace latchkey::dialects::tconnect {

/// The wire of the TCONNECT Payment OpenAPI: docs/dialects/tconnect.md.
class Codec final : public dialect::Codec {
 public:
  /// `keyring` outlives the codec; null: no partner has a key.
  Codec(Manner manner, const dialect::Keyring* keyring) : manner_(manner), keyring_(keyring) {}

  bool owns(std::string_view path) const override;
  Result<http::Request> encode_request(const engine::Operation& asked) const override;
  Result<engine::Outcome> decode_reply(const dialect::Sent& sent,
                                       const http::Response& reply) const override;
  Result<engine::Operation> decode_request(const http::Request& request) const override;
  http::Response encode_reply(const dialect::Asked& asked,
                              const Result<engine::Outcome>& outcome) const override;

 private:
  /// nullopt: the partner has none. An error: it cannot be looked up.
  Result<std::optional<Bytes>> key_of(std::string_view partner) const;

  Manner manner_;
  const dialect::Keyring* keyring_;
};

}  // namespace latchkey::dialects::tconnect
