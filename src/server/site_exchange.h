#pragma once

#include "net/clock.h"
#include "server/site.h"

namespace latchkey::server {

/// One request and the way back.
struct Site::Exchange {
  net::Reply reply;
  Served served;
  net::Stopwatch watch = {};
  std::optional<DialectCall> call = {};
  http::Request request = {};  // of a page or an extra; a call has its own
};

}  // namespace latchkey::server
