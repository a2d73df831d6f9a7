#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace latchkey {

using Seconds = std::chrono::seconds;

/// A point in time, whole seconds since 1970-01-01T00:00:00Z. Every decision
/// takes it as an argument; only net/ and apps/ read a real clock.
using Instant = std::chrono::sys_seconds;

/// What a wire says ("expires_in": 1800). It is not a time until someone says
/// when the question was sent, so it cannot be compared with one.
struct Lifetime {
  Seconds value{0};
  friend bool operator==(const Lifetime&, const Lifetime&) = default;
};

/// Counted from when we asked, not from when we were answered: a slow network
/// may make a token look older than it is, never younger. A lifetime that would
/// overflow ends at kEndOfTime.
Instant expiry(Instant asked_at, Lifetime lifetime);

/// 9999-12-31T23:59:59Z, the last instant that RFC 3339 can write. An absurd
/// expiry from a peer is cut to it.
inline constexpr Instant kEndOfTime{Seconds{253402300799}};

/// Seconds since the epoch as a wire writes them.
inline constexpr long long epoch(Instant t) { return t.time_since_epoch().count(); }
inline constexpr Instant from_epoch(long long seconds) { return Instant{Seconds{seconds}}; }

/// A source of the present. Real in net/clock.h; settable in the sandbox.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

/// "2026-03-01T12:00:00Z" (RFC 3339, always UTC).
std::string to_rfc3339(Instant t);

/// Reads RFC 3339 date-times ("Z" or a numeric offset; fractions are cut), and
/// nothing looser: nullopt on any other text or an impossible date.
std::optional<Instant> parse_rfc3339(std::string_view text);

/// Reads "90s", "31m", "25h", "7d" or a sum of them ("1h30m"); nullopt otherwise.
std::optional<Seconds> parse_duration(std::string_view text);

/// "25 h", "31 min", "45 s": the largest unit that divides evenly.
std::string to_words(Seconds duration);

}  // namespace latchkey
