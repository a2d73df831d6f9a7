#include "base/result.h"

namespace latchkey {

const char* name_of(Why why) {
  switch (why) {
    case Why::kMalformed: return "malformed";
    case Why::kUnsupported: return "unsupported";
    case Why::kNotFound: return "not_found";
    case Why::kConflict: return "conflict";
    case Why::kBadCredentials: return "bad_credentials";
    case Why::kOtpRequired: return "otp_required";
    case Why::kOtpWrong: return "otp_wrong";
    case Why::kPending: return "pending";
    case Why::kDeclined: return "declined";
    case Why::kForbidden: return "forbidden";
    case Why::kInvalidToken: return "invalid_token";
    case Why::kExpired: return "expired";
    case Why::kRevoked: return "revoked";
    case Why::kReplayed: return "replayed";
    case Why::kTooMany: return "too_many";
    case Why::kUnavailable: return "unavailable";
    case Why::kPersonNeeded: return "person_needed";
    case Why::kUnknownName: return "unknown_name";
    case Why::kPolicy: return "policy";
    case Why::kStore: return "store";
    case Why::kNoAnswer: return "no_answer";
    case Why::kLostRotation: return "lost_rotation";
    case Why::kBadResponse: return "bad_response";
    case Why::kUsage: return "usage";
    case Why::kBug: return "bug";
  }
  return "?";
}

}  // namespace latchkey
