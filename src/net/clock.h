#pragma once

#include <atomic>

#include "base/time.h"

namespace latchkey::net {

/// The machine's own clock.
class SystemClock final : public Clock {
 public:
  Instant now() const override {
    return std::chrono::floor<Seconds>(std::chrono::system_clock::now());
  }
};

/// The sandbox's clock: the machine's, moved. It runs on by itself and is only
/// ever moved forward, so that nothing in a store lies in its future. Thread-safe.
class SettableClock final : public Clock {
 public:
  SettableClock() = default;
  explicit SettableClock(Instant start) : offset_((start - machine_.now()).count()) {}

  Instant now() const override { return machine_.now() + Seconds{offset_.load()}; }
  /// A step that is not positive changes nothing.
  void advance(Seconds step) {
    if (step > Seconds{0}) offset_ += step.count();
  }

 private:
  SystemClock machine_;
  std::atomic<Seconds::rep> offset_{0};
};

}  // namespace latchkey::net
