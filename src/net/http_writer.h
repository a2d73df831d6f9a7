#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "http/message.h"

namespace latchkey::net {

/// How an answer must be written, besides what it says.
struct Framing {
  bool head_only = false;     ///< the answer to a HEAD: every header, no body
  bool close = false;         ///< the last one on its connection
  bool http_10 = false;       ///< the peer must be told that we keep the connection
  bool endless = false;       ///< a stream: its length is not known, its end is the connection's
  std::uint64_t padding = 0;  ///< bytes that come behind the response's body
  bool chunked = false;       ///< no length is said
};

/// Appends status line, Date, the response's headers and the framing; not the
/// body. Content-Length, Transfer-Encoding, Connection and Date are the server's
/// to say, so a response's own are left out. http::Headers holds no CR or LF, so
/// none can split the answer.
void write_head(std::string& out, const http::Response& response, const Framing& framing,
                std::string_view date);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string http_date(Instant t);

}  // namespace latchkey::net
