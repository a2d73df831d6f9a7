#pragma once

#include <spawn.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace latchkey::broker {

/// How a program is started that must have nothing of ours: no signal is blocked in it, SIGPIPE
/// ends it as usual, and its descriptors are our standard ones and those that are given here; not
/// the connections of an agent's callers, nor a pipe whose end somebody waits for.
class Spawn {
 public:
  enum class Leads { kGroup, kSession };  ///< of processes, of its own; kSession: no terminal

  /// A program without a slash is looked for in the PATH.
  explicit Spawn(std::string program, Leads leads = Leads::kGroup);
  ~Spawn();
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;

  /// `fd`, open until start(), is its descriptor `as`.
  void give(int fd, int as);
  /// Nothing to read where `as` is standard input; else whatever is written there is lost.
  void give_nothing(int as);
  /// Its group gets the foreground of that terminal.
  void lend(int terminal);

  /// Once. 0 and its process, or the errno. `words[0]` is what it is called.
  int start(const std::vector<std::string>& words, pid_t& child);
  int start(const std::vector<std::string>& words, const std::vector<std::string>& environment,
            pid_t& child);

 private:
  int start(const std::vector<std::string>& words, char* const* environment, pid_t& child);

  const std::string program_;
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
  int last_given_ = 2;
};

}  // namespace latchkey::broker
