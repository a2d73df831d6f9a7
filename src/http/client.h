#pragma once

#include <functional>

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

  /// Asked once, when nothing but the request's first byte is missing: the connection
  /// stands. An error: nothing is sent, and send() gives that error.
  using Ready = std::function<Result<>()>;
  /// The same, asking `ready` as late as this client can.
  virtual Result<Response> send_when(const Ready& ready, const Request& request) {
    if (auto go = ready(); !go) return fail(std::move(go).error());
    return send(request);
  }
};

}  // namespace latchkey::http
