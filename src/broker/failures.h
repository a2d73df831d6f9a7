#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace latchkey::broker {

/// What the last tries of a profile came to, as the vault keeps it, so that all
/// programs together ask no more often than one patient program would. An account at
/// a provider has such a record too: there, `until` is what Retry-After said.
struct Failure {
  std::int64_t serial = 0;  ///< counts what was ever noted: a waiter sees that somebody failed
  int count = 0;            ///< in a row; 0: the last try went well
  Why why = Why::kUnavailable;
  std::string say = {};  ///< what the provider said, or what was met on the way to it
  Instant noted = {};
  Instant until = {};  ///< nobody tries before; kEndOfTime: not until a person has logged in

  friend bool operator==(const Failure&, const Failure&) = default;
};

/// The first failure binds nobody but those who waited for its end. From the second
/// in a row on, the pause doubles.
inline constexpr Seconds kFirstCoolDown{2};
inline constexpr Seconds kLongestCoolDown{300};
/// For a refusal that will not pass by itself, but that a person may mend elsewhere.
inline constexpr Seconds kFirstRefusalPause{60};
inline constexpr Seconds kLongestRefusalPause{3600};
/// Failures in a row are only those with less than this between two of them.
inline constexpr Seconds kFailureMemory{3600};
/// Retry-After is believed up to here.
inline constexpr Seconds kLongestHold{24 * 60 * 60};
inline constexpr std::size_t kMostSaidBytes = 300;

/// What a try was for. A login that was refused is not tried again: each try would
/// bring the account closer to being locked.
enum class Attempt { kRenewal, kLogin };

/// The record after one more failure; nullopt for an error that says nothing about
/// the provider (kStore, kPersonNeeded, …) or that the entry itself remembers (a
/// token that is dead).
///
///   the error                                   | nobody tries before
///   passes by itself, the first in a row        | now
///   … the second, third, …                      | 2 s, 4 s, … 5 min from now
///   a login was refused                         | a person has logged in
///   anything else was refused                   | 1 min, 2 min, … 1 h from now
std::optional<Failure> after(const std::optional<Failure>& before, const Error& error,
                             Attempt attempt, Instant now);

/// Whether the record stands in the way now. A time that lies before `noted`, or
/// further ahead than any pause is long, was written by a clock that has been moved:
/// such a record binds nobody.
bool forbids(const Failure& failure, Instant now);

/// The error for whoever may not try: the remembered reason, until when, and how a
/// person may still try. `account`: the record is an account's, so the provider asked.
Error held_back(const Failure& failure, Instant now, bool account, const std::string& profile);

/// A Retry-After as a record of the account: a second more, because instants are whole
/// seconds, and never longer than kLongestHold.
Failure hold_for(const Error& error, Instant now);

/// "14:03:05 UTC", with the date before it on another day than `now`.
std::string clock_time(Instant at, Instant now);

}  // namespace latchkey::broker
