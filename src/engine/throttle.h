#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace latchkey::engine {

using Micros = std::chrono::microseconds;

/// At most `burst` at once, and one more each `every` after that.
/// Zero `every`: no limit.
struct Pace {
  Micros every{0};
  int burst = 1;
};

/// `per_second` in any one second; 0: no limit.
Pace pace_per_second(int per_second);
/// One an interval; 0: no limit.
Pace pace_of_interval(Seconds interval);

struct Ruling {
  bool allowed = true;
  Micros next{0};          ///< the account's new state, since the epoch
  Seconds retry_after{0};  ///< when not allowed: in how long the next one is; 1 or more
};

/// The generic cell rate algorithm. `next` is the state that the last ruling left
/// (zero: none yet); a refusal leaves it as it was. After a clock that went back
/// nobody waits longer than a full burst.
Ruling rule(Pace pace, Micros next, Instant now);

/// A pace for each of many accounts, in a table that never grows: when a place is
/// wanted, the account that has been quiet longest in its set is forgotten (and
/// may then act at once). Holds no names, only their hashes under a key of this
/// process. Thread-safe.
class Throttle {
 public:
  explicit Throttle(Pace pace);
  /// Counts one act of that account, if it is allowed.
  Ruling take(std::string_view account, Instant now);
  /// The account's last act does not count: take() was early, and it was no offence.
  void give_back(std::string_view account);

 private:
  struct Slot {
    std::uint64_t account = 0;
    Micros next{0};
  };
  Slot* slot_of(std::uint64_t account);  ///< nullptr when there is none

  const Pace pace_;
  const std::uint64_t key_[2];
  std::mutex mutex_;
  std::vector<Slot> slots_;  ///< empty when there is no limit
};

}  // namespace latchkey::engine
