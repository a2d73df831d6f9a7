#pragma once

#include <time.h>

#include <atomic>
#include <cstdint>

#include "base/time.h"

namespace latchkey::net {

/// The machine's own clock.
class SystemClock final : public Clock {
 public:
  Instant now() const override {
    return std::chrono::floor<Seconds>(std::chrono::system_clock::now());
  }
};

/// The machine's clock in microseconds since 1970, for records that are compared in order.
inline std::int64_t real_microseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// The same to the second, from the last tick of the kernel: a few nanoseconds and never a
/// system call, whatever the machine counts its time with.
class CoarseClock final : public Clock {
 public:
  Instant now() const override { return from_epoch(::time(nullptr)); }
};

/// How long something took, whatever happens to the clock on the wall.
class Stopwatch {
 public:
  std::chrono::microseconds elapsed() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                 began_);
  }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

/// The sandbox's clock: the machine's, moved. It runs on by itself and is only
/// ever moved forward, so that nothing in a store lies in its future. Thread-safe.
class SettableClock final : public Clock {
 public:
  SettableClock() = default;
  explicit SettableClock(Instant start) { start_at(start); }

  /// Before anybody asked for the time.
  void start_at(Instant start) { offset_ = (start - machine_.now()).count(); }
  Instant now() const override { return machine_.now() + Seconds{offset_.load()}; }
  /// How far it is from the machine's.
  Seconds offset() const { return Seconds{offset_.load()}; }
  /// A step that is not positive changes nothing.
  void advance(Seconds step) {
    if (step > Seconds{0}) offset_ += step.count();
  }

 private:
  SystemClock machine_;
  std::atomic<Seconds::rep> offset_{0};
};

}  // namespace latchkey::net
