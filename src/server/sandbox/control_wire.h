#pragma once

#include "base/json.h"
#include "http/message.h"

namespace latchkey::server {

/// kForbidden or kMalformed for a request that a browser's page may have sent: the
/// Host must be this machine, and a POST must be application/json.
Result<> is_from_here(const http::Request& request);

/// 200 and the value, or the Why's status with {"error","message"}.
http::Response control_response(const Result<json::Value>& done);

}  // namespace latchkey::server
