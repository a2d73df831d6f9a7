#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>

#include "net/relay_server.h"

namespace latchkey::net {

/// What the connections of one relay share.
struct RelayShared {
  RelayHandler handler;
  ServerLimits limits;
  std::atomic<bool> draining{false};
  int stop = -1;  ///< an eventfd, readable once the server drains

  /// The sockets that are open, so that they can be cut.
  std::mutex mutex;
  std::set<int> open;
};

/// Serves the requests of one connection until it ends; closes the socket.
void serve_relay_connection(RelayShared& shared, int socket);

}  // namespace latchkey::net
