#pragma once

#include <optional>

#include "base/result.h"

namespace latchkey::server {

/// Where running sandboxes of this user leave a note, so that `latchkeyd sandbox
/// advance …` finds them: $XDG_RUNTIME_DIR, else /tmp/latchkey-UID (0700).
class SandboxPlace {
 public:
  /// kStore when the directory is not this user's own.
  static Result<SandboxPlace> make(const std::optional<std::string>& runtime_directory);

  Result<> announce(std::uint16_t port, const std::string& url) const;
  void withdraw(std::uint16_t port) const;
  /// The URL of the sandbox on `port`; of the only one there is when it is 0.
  /// kUnknownName when there is none, or more than one.
  Result<std::string> find(std::uint16_t port) const;

 private:
  explicit SandboxPlace(std::string directory) : directory_(std::move(directory)) {}
  std::string note(std::uint16_t port) const;

  std::string directory_;
};

}  // namespace latchkey::server
