#include "broker/polling.h"

#include <algorithm>

namespace latchkey::broker {

Polling::Polling(Instant asked, Instant until, Seconds interval)
    : until_(std::min(until, asked + kLongestPatience)),
      pause_(std::clamp(interval, kShortestPoll, kLongestPoll)) {}

std::optional<Seconds> Polling::pause(Instant now) const {
  if (now + pause_ >= until_) return std::nullopt;
  return pause_;
}

Seconds Polling::left(Instant now) const { return std::max(until_ - now, Seconds{0}); }

bool Polling::go_on(const Error& answer) {
  switch (answer.why) {
    case Why::kPending: return true;
    case Why::kTooMany:
      pause_ = std::min(std::max(pause_ + kSlowDown, answer.retry_after), kLongestPoll);
      return true;
    case Why::kUnavailable:
    case Why::kNoAnswer: pause_ = std::min(pause_ * 2, kLongestPoll); return true;
    case Why::kMalformed:
    case Why::kUnsupported:
    case Why::kNotFound:
    case Why::kConflict:
    case Why::kBadCredentials:
    case Why::kOtpRequired:
    case Why::kOtpWrong:
    case Why::kDeclined:
    case Why::kForbidden:
    case Why::kInvalidToken:
    case Why::kExpired:
    case Why::kRevoked:
    case Why::kReplayed:
    case Why::kPersonNeeded:
    case Why::kUnknownName:
    case Why::kPolicy:
    case Why::kStore:
    case Why::kLostRotation:
    case Why::kBadResponse:
    case Why::kUsage:
    case Why::kBug: break;
  }
  return false;
}

}  // namespace latchkey::broker
