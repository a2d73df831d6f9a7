#pragma once

#include <string>

#include "base/result.h"

namespace latchkey::agent {

/// A file (0600) that standard error goes to, and that does not grow for ever: when it
/// has kMostBytes it becomes "NAME.old", in the place of the one before.
class LogFile {
 public:
  static constexpr long long kMostBytes = 256 * 1024;

  /// kStore when it cannot be opened, or is a link or somebody else's.
  static Result<LogFile> open(const std::string& path);
  /// To be called now and then. When it cannot begin anew it goes on as it is.
  void keep_small() const;

 private:
  explicit LogFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace latchkey::agent
