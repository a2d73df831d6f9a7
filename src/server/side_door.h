#pragma once

#include <thread>

#include "server/site.h"

namespace latchkey::server {

/// A listener beside the public one, with connections and workers of its own, so that
/// no flood out there takes anything from it.
class SideDoor {
 public:
  /// Errors as of net::HttpServer::make.
  static Result<std::unique_ptr<SideDoor>> make(net::ServerOptions listen,
                                                std::vector<Extra> extras, const Clock& clock,
                                                bool log_requests);
  /// Finishes what has begun, at most kPatience.
  ~SideDoor();

  /// Serves from now on, on a thread of its own.
  void start();
  std::uint16_t port() const { return server_->port(); }
  int connections() const { return server_->connections(); }

 private:
  static constexpr std::chrono::milliseconds kPatience{2000};

  SideDoor() = default;

  std::unique_ptr<Site> site_;
  std::unique_ptr<net::HttpServer> server_;
  std::thread thread_;
};

}  // namespace latchkey::server
