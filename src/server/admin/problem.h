#pragma once

#include "base/result.h"
#include "http/message.h"

namespace latchkey::server {

/// An error as RFC 9457 writes it: type ("urn:latchkey:problem:not_found"), title,
/// status, detail, and "why" with the reason's name.
http::Response problem(const Error& error);
/// Of a request that no verb is for: 404, 405, 401.
http::Response problem(int status, std::string_view detail);

/// What a problem says, back as an error. kBadResponse when it is none.
Error error_of(const http::Response& response);

}  // namespace latchkey::server
