#pragma once

#include <memory>
#include <string_view>

#include "http/message.h"
#include "net/limits.h"

namespace latchkey::net {

/// HTTP/1.x requests from bytes, one after another. Beast's parser does the
/// framing; what it forgives is refused here (checklist 65): Transfer-Encoding
/// with Content-Length or other than "chunked", a repeated Content-Length or
/// Host, a bare CR or LF, folded fields, control characters, a missing Host.
/// Trailer fields are dropped. Opens no socket; not thread-safe.
class RequestParser {
 public:
  enum class Step {
    kMore,      ///< give it more bytes
    kContinue,  ///< the peer waits for "100 Continue"; then as kMore
    kRequest,   ///< take() has one
    kRefused,   ///< refusal() says why; the connection cannot be used any more
  };
  struct Refusal {
    int status = 400;
    std::string_view why = {};
  };

  /// kElsewhere: somebody else reads the body; kRequest comes after the head, which is
  /// judged as ever, and limits.body_bytes means nothing.
  enum class Body { kHere, kElsewhere };
  explicit RequestParser(const ServerLimits& limits, Body body = Body::kHere);
  ~RequestParser();

  /// Reads on. Takes what it understood away from the front of `bytes`; the
  /// rest must come again, at the front of the next call, with more behind it.
  Step feed(std::string_view& bytes);

  /// The request (`peer` is empty), once; then the next one may be fed.
  http::Request take();

  const Refusal& refusal() const;
  /// The request so far, once its head is complete; null before.
  const http::Request* head() const;
  /// Whether the peer wants another request on this connection. These three
  /// speak of the request being read, until it is taken.
  bool keep_alive() const;
  bool is_http_10() const;
  /// Whether the head is complete, and the body is what is missing.
  bool has_head() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace latchkey::net
