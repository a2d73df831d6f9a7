#pragma once

#include "dialect/codec.h"
#include "dialect/settings.h"

namespace latchkey::dialects::chathub {

/// What the settings change on the wire.
struct WireOptions {
  bool legacy_valid_field = false;             ///< validate-token says "valid" besides "isValid"
  std::string expired_text = "Invalid token";  ///< its "error" for a token whose time is over
};

/// The seven calls. Token calls stand in tokens.cc, the directory of operators in
/// directory.cc, refusals in errors.cc, what all share in wire.cc.
class Codec final : public dialect::Codec {
 public:
  explicit Codec(WireOptions options) : options_(std::move(options)) {}

  bool owns(std::string_view path) const override;
  Result<http::Request> encode_request(const engine::Operation&) const override;
  Result<engine::Operation> decode_request(const http::Request&) const override;
  http::Response encode_reply(const dialect::Asked&, const Result<engine::Outcome>&) const override;
  Result<engine::Outcome> decode_reply(const dialect::Sent&, const http::Response&) const override;

 private:
  WireOptions options_;
};

}  // namespace latchkey::dialects::chathub
