#pragma once

#include <functional>

#include "cli/context.h"

namespace latchkey::cli {

/// What one profile hands to a command, and how.
struct Handover {
  std::string profile;
  // The names of the variables; empty: not wanted.
  std::string token_variable;  ///< holds the token
  std::string token_file;      ///< holds the path of a file with the token, kept fresh
  std::string headers_file;    ///< … of a file with the header lines that carry it
};

/// NAME=VALUE for the command's environment.
struct Variable {
  std::string name;
  Secret value;
};

/// A process beside the command that keeps the files fresh. It opens the vault, so that
/// the one that waits for the command holds no secret; it removes the files when the
/// other one ends, however that happens; and it is never ended in the middle of a
/// renewal, which could cost a single-use token.
class Keeper {
 public:
  /// Starts it in a directory of its own below the runtime directory. Gives the
  /// variables once every file is there; the keeper's own error otherwise.
  static Result<Keeper> start(Context& context, std::vector<Handover> handovers, Seconds need);
  Keeper(Keeper&& other) noexcept;
  Keeper& operator=(Keeper&&) = delete;
  ~Keeper() { end(); }
  /// Lets it go, and removes the files.
  void end();

  const std::vector<Variable>& variables() const { return variables_; }
  /// Readable when it has something to say; -1 when it is gone.
  int channel() const { return channel_; }
  /// Says what it has to say; once it is gone, that.
  void listen();

 private:
  Keeper(int channel, std::string directory)
      : channel_(channel), directory_(std::move(directory)) {}

  int channel_ = -1;
  std::string directory_;
  std::vector<Variable> variables_;
};

/// What a keeper's process does until `channel` is closed by the other side.
void keep_fresh(Context& context, const std::vector<Handover>& handovers, Seconds need,
                const std::string& directory, int channel);

/// Runs the command with these variables, passing signals on. Ends this process by the
/// command's signal, or gives its exit code; 127 or 126 when it cannot be run.
int run_and_wait(const std::vector<std::string>& words, Keeper& keeper);

/// Becomes the command; the exit code when it cannot.
int become(const std::vector<std::string>& words, const std::vector<Variable>& variables);

}  // namespace latchkey::cli
