#pragma once

#include "dialect/codec.h"

namespace latchkey::dialects::sinopac {

/// The answer to a request that was not granted, in the words of the library
/// whose fingerprint this wire bears. Every Why has one.
http::Response encode_refusal(const dialect::Asked& asked, const Error& error);

/// What a refusal means to a broker, by "error" and, for expiry, by its
/// description:
///
///   invalid_client                      | kBadCredentials
///   invalid_grant, invalid_token        | kExpired if it "has expired", else kInvalidToken
///   unauthorized_client                 | kForbidden
///   unauthorized_request                | kInvalidToken
///   unsupported_*                       | kUnsupported
///   invalid_request                     | kMalformed
///   access_denied                       | kDeclined
///   server_error, any 5xx               | kUnavailable
///   any 429                             | kTooMany, with its Retry-After
///   anything else                       | kBadResponse
Error decode_refusal(const http::Response& response, Instant now);
/// The same for a redirect that carries `error` in its query.
Error decode_redirected_refusal(const http::Pairs& query);

}  // namespace latchkey::dialects::sinopac
