#pragma once

#include "dialect/codec.h"

namespace latchkey::dialects::alor {

/// What the settings change on the wire.
struct WireOptions {
  bool token_in_query = true;  ///< POST /refresh?token=… is served (checklist 30)
};

/// The refresh stands in codec.cc, the protected calls in resources.cc.
class Codec final : public dialect::Codec {
 public:
  explicit Codec(WireOptions options) : options_(options) {}

  bool owns(std::string_view path) const override;
  Result<http::Request> encode_request(const engine::Operation&) const override;
  Result<engine::Operation> decode_request(const http::Request&) const override;
  http::Response encode_reply(const dialect::Asked&, const Result<engine::Outcome>&) const override;
  Result<engine::Outcome> decode_reply(const dialect::Sent&, const http::Response&) const override;

 private:
  Result<engine::Operation> decode_refresh(const http::Request&) const;

  WireOptions options_;
};

inline constexpr std::string_view kRefreshPath = "/refresh";
inline constexpr std::string_view kTokensPath = "/tokens";
/// The client to whom the tokens page issues; an authority must have it.
inline constexpr std::string_view kTokensClient = "tokens-page";

// Limits of what a peer can make us read.
inline constexpr std::size_t kLongestToken = 8192;
inline constexpr std::size_t kLongestName = 64;  ///< a portfolio, an exchange, a ticker
inline constexpr std::size_t kMostPortfolios = 256;

/// Letters, digits, '-', '_' and '.', at most kLongestName.
bool is_name(std::string_view text);

}  // namespace latchkey::dialects::alor
