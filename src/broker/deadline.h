#pragma once

#include <algorithm>
#include <chrono>

namespace latchkey::broker {

/// Beyond a profile's timeout, for which a holder may be busy: whoever waits should
/// learn how it ended rather than give up in the same moment.
inline constexpr std::chrono::milliseconds kWaitMargin{1000};

/// How long we are still willing to wait for another process. The one place of this
/// folder that reads a clock, and not the one that tokens live by: how long a wait
/// took is no decision about time.
class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds patience) : at_(Clock::now() + patience) {}
  /// Never negative.
  std::chrono::milliseconds left() const {
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(at_ - Clock::now()),
                    std::chrono::milliseconds{0});
  }
  bool is_over() const { return left() == std::chrono::milliseconds{0}; }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point at_;
};

}  // namespace latchkey::broker
