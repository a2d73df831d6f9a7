#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

namespace latchkey::server {

/// One request, as the access log and the sandbox's recorder know it. Holds no
/// secret: the target is without the values of its parameters.
struct Served {
  Instant at = {};
  std::string id = {};
  std::string peer = {};
  std::string forwarded = {};  ///< what a proxy said of the peer
  std::string method = {};
  std::string target = {};
  std::string realm = {};
  std::string operation = {};  ///< "refresh", "page", "" when it could not be read
  int status = 0;
  std::chrono::microseconds took{0};
  std::string fault = {};  ///< what a sandbox did to the answer on purpose
  std::optional<Error> error = {};
};

/// One line at info; at warn or error when it was our fault.
void log_served(const Served& served);

}  // namespace latchkey::server
