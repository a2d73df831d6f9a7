#pragma once

#include "dialect/codec.h"

namespace latchkey::dialects::sinopac {

/// What the settings change on the wire.
struct WireOptions {
  bool strict_state = false;      ///< refuse a state that is not [A-Za-z0-9]
  bool needs_grant_type = false;  ///< refuse an authorize request without grant_type
};

/// The browser's way stands in authorize.cc, the two calls in codec.cc, the errors
/// in refusals.cc.
class Codec final : public dialect::Codec {
 public:
  explicit Codec(WireOptions options) : options_(options) {}

  bool owns(std::string_view path) const override;
  Result<http::Request> encode_request(const engine::Operation&) const override;
  Result<engine::Operation> decode_request(const http::Request&) const override;
  http::Response encode_reply(const dialect::Asked&, const Result<engine::Outcome>&) const override;
  Result<engine::Outcome> decode_reply(const dialect::Sent&, const http::Response&) const override;

 private:
  WireOptions options_;
};

inline constexpr std::string_view kLoginPath = "/oauth2/login";
inline constexpr std::string_view kTokenPath = "/oauth2/token";
inline constexpr std::string_view kTestTokenPath = "/oauth2/api/v1/trust/getTestToken";
inline constexpr std::string_view kCodeGrant = "authorization_code";
inline constexpr std::string_view kRefreshGrant = "refresh_token";
inline constexpr std::string_view kTestToken = "getTestToken";  ///< the resource of a Use

// Limits of what a peer can make us read.
inline constexpr std::size_t kLongestState = 512;
inline constexpr std::size_t kLongestUri = 2048;
inline constexpr std::size_t kLongestToken = 4096;

/// "scheme:" and something, as the provider's library tests it.
bool looks_like_uri(std::string_view text);
/// Visible ASCII, at most kLongestToken: it can stand in a header.
bool looks_like_token(std::string_view text);

/// `uri` with `more` behind whatever query it has.
std::string with_query(std::string_view uri, const http::Pairs& more);

}  // namespace latchkey::dialects::sinopac
