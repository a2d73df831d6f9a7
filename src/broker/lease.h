#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/ids.h"
#include "base/result.h"

namespace latchkey::broker {

/// The right to be the one refresher of a profile, across all processes that use
/// the same vault: an open file description lock, which the kernel frees when its
/// holder dies. Hold it from re-reading the entry to its durable commit.
///
/// The lock is a file beside the vault, so that two homes or two configurations
/// that reach one vault, by a link or a bind mount, meet in it. A program that the
/// holder starts does not get it; a child that it forks does not hold it, and cannot
/// let go of it.
class Lease {
 public:
  /// Waits at most `patience`; kUnavailable when somebody else held it all the
  /// while. `directory` is the vault's.
  static Result<Lease> take(const std::string& directory, const ProfileName& profile,
                            std::chrono::milliseconds patience);
  /// The same; but while somebody else holds it, asks `settled` every few
  /// milliseconds, and ends with nullopt as soon as that says that there is nothing
  /// left to wait for.
  static Result<std::optional<Lease>> take_unless(const std::string& directory,
                                                  const ProfileName& profile,
                                                  std::chrono::milliseconds patience,
                                                  const std::function<Result<bool>()>& settled);
  Lease(Lease&& other) noexcept : fd_(std::exchange(other.fd_, -1)), owner_(other.owner_) {}
  Lease& operator=(Lease&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(owner_, other.owner_);
    return *this;
  }
  ~Lease();

 private:
  explicit Lease(int fd);
  int fd_ = -1;
  pid_t owner_ = 0;
};

}  // namespace latchkey::broker
