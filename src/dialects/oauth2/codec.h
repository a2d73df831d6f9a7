#pragma once

#include "dialects/oauth2/wire.h"

namespace latchkey::dialects::oauth2 {

/// The standard wire. The authority's face stands in requests.cc, replies.cc and
/// refusals.cc, the broker's in client_wire.cc.
class Codec final : public dialect::Codec {
 public:
  Codec(WireOptions options, const dialect::Keyring* keyring)
      : options_(std::move(options)), reader_(options_, keyring), keyring_(keyring) {}
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;

  bool owns(std::string_view path) const override;
  Result<http::Request> encode_request(const engine::Operation&) const override;
  Result<engine::Outcome> decode_reply(const dialect::Sent&, const http::Response&) const override;
  std::optional<http::Response> document(const http::Request&,
                                         const dialect::Published&) const override;
  Result<engine::Operation> decode_request(const http::Request&) const override;
  http::Response encode_reply(const dialect::Asked&, const Result<engine::Outcome>&) const override;

 private:
  const WireOptions options_;
  const Reader reader_;
  const dialect::Keyring* keyring_;
};

}  // namespace latchkey::dialects::oauth2
