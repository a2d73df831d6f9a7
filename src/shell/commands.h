#pragma once

#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

namespace latchkey::shell {

/// An option, as a person reads of it.
struct Flag {
  std::vector<std::string> names;  ///< "--env", "-e"
  std::string value;               ///< "NAME"; empty: none
  std::string help;
};

/// A program, or a command of one, with all that is below it.
struct Command {
  std::string name = {};
  std::string help = {};
  std::string footer = {};
  std::vector<Flag> flags = {};
  std::vector<std::pair<std::string, std::string>> words = {};  ///< positional: name, help
  std::vector<Command> commands = {};
};

/// What that parser takes. A command that hands on what it does not know (CLI11's `fallthrough`)
/// has the flags of those above it too.
Command describe(const CLI::App& parser);

}  // namespace latchkey::shell
