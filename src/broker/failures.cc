#include "broker/failures.h"

#include <algorithm>

#include "broker/backoff.h"

namespace latchkey::broker {
namespace {

/// What the attempt's failure is called in the table of failures.h.
enum class Kind { kNone, kPassing, kRefusedLogin, kRefused };

Kind kind_of(Why why, Attempt attempt) {
  switch (why) {
    case Why::kTooMany:
    case Why::kUnavailable:
    case Why::kNoAnswer:
    case Why::kBadResponse: return Kind::kPassing;
    case Why::kBadCredentials:
    case Why::kOtpRequired:
    case Why::kOtpWrong:
    case Why::kPending:
    case Why::kDeclined: return attempt == Attempt::kLogin ? Kind::kRefusedLogin : Kind::kRefused;
    case Why::kMalformed:
    case Why::kUnsupported:
    case Why::kNotFound:
    case Why::kConflict:
    case Why::kForbidden: return Kind::kRefused;
    case Why::kInvalidToken:
    case Why::kExpired:
    case Why::kRevoked:
    case Why::kReplayed:
    case Why::kPersonNeeded:
    case Why::kUnknownName:
    case Why::kPolicy:
    case Why::kStore:
    case Why::kLostRotation:
    case Why::kUsage:
    case Why::kBug: return Kind::kNone;
  }
  return Kind::kNone;
}

/// first, 2·first, 4·first, … and no more than longest, for times = 1, 2, 3, …
Seconds doubled(Seconds first, int times, Seconds longest) {
  Seconds pause = first;
  for (int i = 1; i < times && pause < longest; ++i) pause *= 2;
  return std::min(pause, longest);
}

Instant free_at(Kind kind, int count, Instant now) {
  switch (kind) {
    case Kind::kRefusedLogin: return kEndOfTime;
    case Kind::kRefused: return now + doubled(kFirstRefusalPause, count, kLongestRefusalPause);
    case Kind::kPassing:
    case Kind::kNone: break;
  }
  return count < 2 ? now : now + doubled(kFirstCoolDown, count - 1, kLongestCoolDown);
}

std::string two_digits(long long number) {
  return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

}  // namespace

std::optional<Failure> after(const std::optional<Failure>& before, const Error& error,
                             Attempt attempt, Instant now) {
  const Kind kind = kind_of(error.why, attempt);
  if (kind == Kind::kNone) return std::nullopt;
  Failure next{.serial = 1, .count = 1, .why = error.why, .noted = now};
  if (before) {
    next.serial = before->serial + 1;
    const bool in_a_row = before->noted <= now && now - before->noted < kFailureMemory;
    if (in_a_row) next.count = std::min(before->count, 1000) + 1;
  }
  next.say = error.say.substr(0, kMostSaidBytes);
  next.until = free_at(kind, next.count, now);
  return next;
}

bool forbids(const Failure& failure, Instant now) {
  if (failure.count == 0 || failure.until <= now) return false;
  if (failure.until == kEndOfTime) return true;
  return failure.noted <= now && failure.until - now <= kLongestHold;
}

Failure hold_for(const Error& error, Instant now) {
  // `now` is cut to whole seconds: one more, so that it is never too early.
  const Seconds asked = std::clamp(error.retry_after, Seconds{0}, kLongestHold);
  const Seconds pause = std::min(asked + Seconds{1}, kLongestHold);
  return {.serial = 1,
          .count = 1,
          .why = error.why,
          .say = error.say.substr(0, kMostSaidBytes),
          .noted = now,
          .until = now + pause};
}

Error held_back(const Failure& failure, Instant now, bool account, const std::string& profile) {
  const std::string said = failure.say.empty() ? name_of(failure.why) : failure.say;
  if (failure.until == kEndOfTime)
    return {.why = Why::kPersonNeeded,
            .say = "the login of " + profile + " was refused at " + clock_time(failure.noted, now) +
                   " (" + said + ") and is not tried again; run: " + "latchkey login " + profile};
  Error error{.why = failure.why, .retry_after = failure.until - now};
  const std::string when = "not before " + clock_time(failure.until, now);
  if (account) error.say = said + "; " + when + "; the provider said so";
  else
    error.say = said + "; failed " + std::to_string(failure.count) +
                (failure.count == 1 ? " time" : " times in a row") + ", " + when +
                "; to try now run: latchkey refresh " + profile;
  return error;
}

std::string clock_time(Instant at, Instant now) {
  const auto day_of = [](Instant t) { return std::chrono::floor<std::chrono::days>(t); };
  if (day_of(at) != day_of(now)) return to_rfc3339(at);
  const long long second = (at - day_of(at)).count();
  return two_digits(second / 3600) + ":" + two_digits(second / 60 % 60) + ":" +
         two_digits(second % 60) + " UTC";
}

}  // namespace latchkey::broker
