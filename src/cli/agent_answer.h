#pragma once

#include <optional>
#include <string>

namespace latchkey::cli {

/// What `latchkey token` and `latchkey header` want of an agent.
struct Wanted {
  std::string profile;
  bool headers = false;
  std::string live_for = {};  ///< empty: as the profile says
  bool json = false;
  std::string config = {};  ///< as given on the command line
};

/// Asks the agent on that socket and prints what it says, exactly as the command would
/// have without it: its exit code. nullopt, and nothing was printed: the command must do
/// it itself, because nobody answered, or because it may be able to do more than an agent
/// is (it has another environment, and perhaps a person who can be asked).
std::optional<int> answer_of_agent(const std::string& socket, const Wanted& wanted);

/// The quick way: `latchkey token P` and `latchkey header P`, with --live-for, --json and
/// --no-input, before anything else is built. nullopt: not such a command, or as above.
std::optional<int> fast_path(int argc, char** argv);

}  // namespace latchkey::cli
