#pragma once

#include "base/result.h"

namespace latchkey {

/// What a program or a library of ours ends with. The numbers are an interface:
/// docs/commands.md, docs/library.md.
enum ExitCode {
  kOk = 0,
  kUsageError = 2,
  kNeedsPerson = 3,  ///< the message holds the exact command
  kNoSuchName = 4,
  kRejected = 5,       ///< bad credentials, revoked, expired, forbidden
  kTryLater = 6,       ///< unreachable or throttled
  kStoreBroken = 7,    ///< locked, unwritable or corrupt; never reset by itself
  kDenied = 8,         ///< by the user's own settings
  kLost = 9,           ///< a rotation was lost
  kNotUnderstood = 10  ///< the provider's answer
};

int exit_code(Why why);

}  // namespace latchkey
