#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "base/ids.h"
#include "base/result.h"

namespace latchkey::broker {

/// The right to be the one refresher of a profile, across all processes that use
/// the same vault: an open file description lock, which the kernel frees when its
/// holder dies. Hold it from re-reading the entry to its durable commit.
class Lease {
 public:
  /// Waits at most `patience`; kUnavailable when somebody else held it all the
  /// while. `directory` is the vault's, so that two HOMEs with one vault meet.
  static Result<Lease> take(const std::string& directory, const ProfileName& profile,
                            std::chrono::milliseconds patience);
  Lease(Lease&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Lease& operator=(Lease&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Lease();

 private:
  explicit Lease(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace latchkey::broker
