#pragma once

#include <unistd.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace latchkey::broker {

// What the code that touches files and programs shares; nobody outside includes it.

/// Closes a file descriptor when it goes.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  void reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

using WipingText = std::vector<char, WipingAllocator<char>>;

/// The text without the newline at its end, or its first line.
enum class LineEnd { kAtTheEnd, kFirst };
Secret first_line(const WipingText& text, LineEnd end);

/// Gives a finished file its name; kConflict, and the file is gone, when that name
/// is taken. Durable.
Result<> rename_new(const std::string& from, const std::string& to);

}  // namespace latchkey::broker
