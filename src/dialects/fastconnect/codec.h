#pragma once

#include "dialect/codec.h"
#include "dialects/fastconnect/wire.h"

namespace latchkey::dialects::fastconnect {

/// The wire of SSI FastConnect v3: docs/dialects/fastconnect.md.
class Codec final : public dialect::Codec {
 public:
  explicit Codec(Manner manner) : manner_(std::move(manner)) {}

  bool owns(std::string_view path) const override;
  Result<http::Request> encode_request(const engine::Operation& asked) const override;
  Result<engine::Outcome> decode_reply(const dialect::Sent& sent,
                                       const http::Response& reply) const override;
  Result<engine::Operation> decode_request(const http::Request& request) const override;
  http::Response encode_reply(const dialect::Asked& asked,
                              const Result<engine::Outcome>& outcome) const override;

 private:
  Manner manner_;
};

}  // namespace latchkey::dialects::fastconnect
