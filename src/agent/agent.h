#pragma once

#include <functional>
#include <string>

#include "broker/broker.h"

namespace latchkey::agent {

struct Options {
  const dialect::Registry* registry = nullptr;
  broker::World world;
  std::string config = {};  ///< as broker::KeyRing::Options
  std::string socket = {};  ///< where to listen, from the root
  int handed = -1;          ///< a listening socket of a service manager, instead
  std::string view = {};    ///< client/agent_client.h: how this process sees the world
  std::string version = {};
  std::function<int(Why)> exit_code = {};
  std::function<void()> ready = {};  ///< called when it listens
  std::function<void()> tick = {};   ///< called about every second
};

/// Runs the agent on this thread until SIGTERM, SIGINT or POST /v1/stop; then what has
/// begun is finished. kConflict when one is running already; else as UnixListener.
/// Call it before any other thread is made.
Result<> run(Options options);

}  // namespace latchkey::agent
