#pragma once

#include <optional>

#include "base/result.h"
#include "base/time.h"

namespace latchkey::broker {

/// The shortest and the longest pause between two questions, whatever a provider says.
inline constexpr Seconds kShortestPoll{1};
inline constexpr Seconds kLongestPoll{300};
/// What an answer of "slow down" adds, for good (RFC 8628 section 3.5).
inline constexpr Seconds kSlowDown{5};
/// A code that is said to live for longer is asked for no longer than this.
inline constexpr Seconds kLongestPatience{3600};

/// When a machine asks whether a person has approved its login (RFC 8628 section 3.5).
/// Pure: it is told the time.
class Polling {
 public:
  /// `until`: when the code dies; `interval`: the least pause, as the provider said.
  Polling(Instant asked, Instant until, Seconds interval);

  /// How long to wait before the next question; nullopt: there is none, the code is
  /// over by then.
  std::optional<Seconds> pause(Instant now) const;
  /// How long a person still has.
  Seconds left(Instant now) const;
  /// Takes in an answer that was no token. False: it is the end.
  ///
  ///   kPending                 | the same pause
  ///   kTooMany                 | 5 s more, for good, and as long as it said
  ///   kUnavailable, kNoAnswer  | twice the pause, for good
  ///   anything else            | the end
  bool go_on(const Error& answer);

 private:
  Instant until_;
  Seconds pause_;
};

}  // namespace latchkey::broker
