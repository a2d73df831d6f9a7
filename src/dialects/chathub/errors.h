#pragma once

#include "dialect/codec.h"

namespace latchkey::dialects::chathub {

/// Every Why has an answer here.
http::Response encode_error(const Error& error);

/// What a reply that is not a success means to a broker:
///
///   400 415 422 | kMalformed      404 | kNotFound
///   401         | kBadCredentials of a login, else kInvalidToken
///   403         | kRevoked of a delegation (log in again), else kForbidden
///   429         | kTooMany, with its Retry-After
///   5xx         | kUnavailable    any other | kBadResponse
///
/// `say` is the authority's message unless it repeats a secret of the operation.
Error decode_error(const dialect::Sent& sent, const http::Response& response);

}  // namespace latchkey::dialects::chathub
