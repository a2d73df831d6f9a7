#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dialect/registry.h"
#include "engine/store.h"

namespace latchkey::server {

/// What main() hands to the commands: the edges of the world that a program has
/// and a library must not choose.
struct Edges {
  const dialect::Registry* registry = nullptr;
  const Clock* clock = nullptr;
  std::function<Result<std::unique_ptr<engine::Store>>(const std::string& path)> open_store;
  std::function<std::optional<std::string>(const char* name)> environment;
  std::function<int(Why)> exit_code;
  std::string version;
};

/// `latchkeyd …`: reads the command line, runs one command, gives the exit code.
int run(int argc, char** argv, const Edges& edges);

}  // namespace latchkey::server
