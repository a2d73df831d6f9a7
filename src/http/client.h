#pragma once

#include "http/message.h"

namespace latchkey::http {

/// The port "send a request to the provider that you were made for". Errors:
/// kUnavailable (nothing was sent: no connection, TLS failure), kNoAnswer (the
/// request may have arrived: deadline, connection cut), kBadResponse (not HTTP,
/// or beyond the limits). An HTTP error status is a Response, not an Error.
/// Redirects are not followed. The call ends by the client's deadline.
class Client {
 public:
  virtual ~Client() = default;
  virtual Result<Response> send(const Request& request) = 0;
};

}  // namespace latchkey::http
