#pragma once

#include <chrono>
#include <memory>

#include "base/result.h"
#include "http/message.h"

namespace latchkey::net {

/// Waits on 127.0.0.1 for the browser to come back from a login: for one GET of
/// one path. Everything else is answered 404, 405 or (for a Host that is not
/// this machine, as a rebound name would send) 403, and the wait goes on.
class LoopbackServer {
 public:
  struct Options {
    std::uint16_t port = 0;  ///< 0: any free one
    std::string path = "/";
    std::string page = {};  ///< HTML for the person; empty: "You may close this window."
  };
  /// Listens from now on. kUnavailable when the port is taken.
  static Result<std::unique_ptr<LoopbackServer>> make(Options options);
  ~LoopbackServer();

  std::uint16_t port() const;
  /// The target that the browser came with; nullopt when the deadline passes
  /// first. It may be waited for in slices; it is given out once.
  std::optional<http::Target> wait_until(std::chrono::steady_clock::time_point deadline);

 private:
  struct Impl;
  explicit LoopbackServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace latchkey::net
