#include "base/exit_code.h"

namespace latchkey {

int exit_code(Why why) {
  switch (why) {
    case Why::kUsage:
    case Why::kUnsupported: return kUsageError;
    case Why::kPersonNeeded:
    case Why::kOtpRequired:
    case Why::kPending: return kNeedsPerson;
    case Why::kUnknownName: return kNoSuchName;
    case Why::kMalformed:
    case Why::kNotFound:
    case Why::kConflict:
    case Why::kBadCredentials:
    case Why::kOtpWrong:
    case Why::kDeclined:
    case Why::kForbidden:
    case Why::kInvalidToken:
    case Why::kExpired:
    case Why::kRevoked:
    case Why::kReplayed: return kRejected;
    case Why::kTooMany:
    case Why::kUnavailable:
    case Why::kNoAnswer: return kTryLater;
    case Why::kStore: return kStoreBroken;
    case Why::kPolicy: return kDenied;
    case Why::kLostRotation: return kLost;
    case Why::kBadResponse:
    case Why::kBug: return kNotUnderstood;
  }
  return kNotUnderstood;
}

}  // namespace latchkey
