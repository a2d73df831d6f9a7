#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace latchkey::agent {

/// Runs the user's program for every event: one at a time, in a process group of its
/// own, the event as JSON on its standard input and in LATCHKEY_… variables, its output
/// thrown away, ended after kPatience. Nobody waits for it; when events come faster than
/// it runs, the oldest are forgotten. Thread-safe.
class Hook {
 public:
  static constexpr std::chrono::seconds kPatience{30};
  static constexpr std::size_t kMostWaiting = 64;

  struct Call {
    std::vector<std::string> words;                ///< the program and its arguments
    std::string input;                             ///< no secret may be in it
    std::map<std::string, std::string> variables;  ///< added to the environment
    std::vector<std::string> hidden;               ///< taken out of it: they hold secrets
  };

  explicit Hook(std::chrono::milliseconds patience = kPatience);
  /// Ends one that runs and forgets the others.
  ~Hook();
  Hook(const Hook&) = delete;

  void run(Call call);

 private:
  struct State;
  static void serve(State& state);
  const std::unique_ptr<State> state_;
};

}  // namespace latchkey::agent
