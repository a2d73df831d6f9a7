#pragma once

#include <chrono>
#include <cstddef>

namespace latchkey::net {

/// What a peer of an HTTP server may make it do. Every value is a default that a
/// config may change.
struct ServerLimits {
  std::size_t header_bytes = 16 * 1024;           ///< request line and fields; beyond: 431
  std::size_t header_fields = 100;                ///< beyond: 431
  std::size_t body_bytes = 64 * 1024;             ///< beyond: 413
  int connections = 1024;                         ///< beyond: 503 and close
  std::chrono::milliseconds header_time{10'000};  ///< first byte to end of head; TLS handshake
  std::chrono::milliseconds body_time{20'000};    ///< end of head to end of body
  std::chrono::milliseconds write_time{20'000};   ///< for the peer to take the answer
  std::chrono::milliseconds idle_time{60'000};    ///< between two requests
};

}  // namespace latchkey::net
