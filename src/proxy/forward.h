#pragma once

#include "net/relay_server.h"
#include "net/stream_client.h"
#include "proxy/rules.h"
#include "proxy/tokens.h"

namespace latchkey::proxy {

inline constexpr std::size_t kMostReplayedBytes = 64 * 1024;  ///< beyond: sent once, in pieces
inline constexpr std::size_t kMostSealedBytes = 1024 * 1024;  ///< beyond: 413
inline constexpr std::size_t kMostHeldBytes = 64 * 1024;      ///< of an answer that is held back

/// What all requests of one proxy share.
struct Forwarding {
  Tokens& tokens;
  net::StreamClient& client;
  const Door& door;
  bool seals = false;
};

/// Takes one request to the provider and its answer back.
void forward(const Forwarding& with, net::RelayExchange& exchange);

}  // namespace latchkey::proxy
