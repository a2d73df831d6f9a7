#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dialect/registry.h"
#include "engine/store.h"

namespace latchkey::server {

/// What a store's file says of itself (store/sqlite/backup.h).
struct StoreFile {
  int schema = 0, newest = 0;
  std::vector<std::string> steps = {};            ///< what would bring it up to date, in words
  std::map<std::string, std::string> facts = {};  ///< of a backup
};

/// What is done with a store's file besides opening it.
struct StoreTools {
  std::function<Result<StoreFile>(const std::string& path)> look;
  std::function<Result<>(const std::string& from, const std::string& to,
                         const std::map<std::string, std::string>& facts)>
      back_up;
  std::function<Result<>(const std::string& path)> unpack;
};

/// What main() hands to the commands: the edges of the world that a program has
/// and a library must not choose.
struct Edges {
  const dialect::Registry* registry = nullptr;
  const Clock* clock = nullptr;
  std::function<Result<std::unique_ptr<engine::Store>>(const std::string& path)> open_store;
  StoreTools store_tools = {};
  std::function<std::optional<std::string>(const char* name)> environment;
  std::function<int(Why)> exit_code;
  std::string version;
};

/// `latchkeyd …`: reads the command line, runs one command, gives the exit code.
int run(int argc, char** argv, const Edges& edges);

}  // namespace latchkey::server
