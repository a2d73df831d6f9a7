#include "broker/backoff.h"

namespace latchkey::broker {

bool is_passing(Why why) {
  switch (why) {
    case Why::kTooMany:
    case Why::kUnavailable:
    case Why::kNoAnswer:
    case Why::kBadResponse: return true;
    case Why::kMalformed:
    case Why::kUnsupported:
    case Why::kNotFound:
    case Why::kConflict:
    case Why::kBadCredentials:
    case Why::kOtpRequired:
    case Why::kOtpWrong:
    case Why::kPending:
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
    case Why::kUsage:
    case Why::kBug: return false;
  }
  return false;
}

std::optional<Seconds> pause_before_retry(const Error& error, int failed, Seconds patience) {
  if (!is_passing(error.why) || error.why == Why::kBadResponse || failed < 1 ||
      failed >= kMostAttempts)
    return std::nullopt;
  const Seconds usual{1ll << (failed - 1)};
  const Seconds pause = error.retry_after > Seconds{0} ? error.retry_after : usual;
  if (pause > patience) return std::nullopt;
  return pause;
}

}  // namespace latchkey::broker
