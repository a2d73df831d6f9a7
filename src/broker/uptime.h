#pragma once

#include <string>

#include "base/time.h"

namespace latchkey::broker {

/// A moment by the time that this machine has been up, asleep or not: nobody can set
/// it, and it starts again at each boot.
struct Uptime {
  std::string boot = {};  ///< which boot; empty: unknown
  Seconds seconds{0};
  friend bool operator==(const Uptime&, const Uptime&) = default;
};

/// Now. Linux: CLOCK_BOOTTIME and the kernel's boot id.
Uptime read_uptime();

}  // namespace latchkey::broker
