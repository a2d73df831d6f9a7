#pragma once

#include <memory>

#include "dialect/codec.h"

namespace latchkey::dialects::oauth2 {

// The broker's face of the standard wire: requests as a client makes them, and its
// reading of what comes back. Shapes, names and errors are those of RFC 6749, 6750, 7009,
// 7662, 8628, 9126, 9449 and OpenID Connect Core; addresses are those that our own authority has.

inline constexpr std::size_t kMostReplyToken = 64 * 1024;
inline constexpr std::size_t kMostUserCode = 64;
inline constexpr std::size_t kMostRequestUri = 2048;

/// kUnsupported for an operation that the standard has not, or a client has no use for.
/// A client sends its assertion if it has one, else shows its secret as HTTP Basic (section
/// 2.3.1), else only names itself.
Result<http::Request> encode_client_request(const engine::Operation&);

/// The outcome, or the refusal:
///
///   error                                               | Why
///   invalid_client                                      | kBadCredentials
///   invalid_grant, invalid_token                        | kInvalidToken
///   expired_token                                       | kExpired
///   authorization_pending                               | kPending
///   use_dpop_nonce, to a proof                          | kOtpRequired
///   slow_down; any 429                                  | kTooMany
///   access_denied                                       | kDeclined
///   login_required and its like                         | kPersonNeeded
///   unauthorized_client, invalid_scope, invalid_target, insufficient_scope | kForbidden
///   unsupported_…                                       | kUnsupported
///   invalid_request                                     | kMalformed
///   server_error, temporarily_unavailable; any 5xx      | kUnavailable
///   another word, or none: 401 of userinfo              | kInvalidToken
///   … 401, 403, 404, any other 4xx                      | kBadCredentials, kForbidden,
///                                                       | kNotFound, kMalformed
///   anything else                                       | kBadResponse
Result<engine::Outcome> decode_client_reply(const dialect::Sent&, const http::Response&);

/// A codec of these two. Of an authority's face it has nothing.
std::unique_ptr<dialect::Codec> client_codec();

}  // namespace latchkey::dialects::oauth2
