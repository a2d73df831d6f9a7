#pragma once

#include <string>

#include "base/result.h"

namespace latchkey::server {

/// One authority at a time works on a state directory: it holds "latchkeyd.lock" there,
/// which the kernel frees when it dies.
class StateLock {
 public:
  /// kConflict, naming the process, when an authority runs on it; kStore when the file
  /// cannot be made.
  static Result<StateLock> take(const std::string& state_directory);
  /// Whether an authority runs on it. Waits for nothing.
  static bool is_held(const std::string& state_directory);

  StateLock(StateLock&& other) noexcept;
  StateLock& operator=(StateLock&&) = delete;
  ~StateLock();

 private:
  explicit StateLock(int file) : file_(file) {}
  int file_;
};

}  // namespace latchkey::server
