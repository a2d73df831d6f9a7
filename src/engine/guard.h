#pragma once

#include <string>

#include "base/result.h"
#include "engine/throttle.h"

namespace latchkey::engine {

/// Where a request came from.
struct Caller {
  /// "192.0.2.7" or "2001:db8:1:2::/64" (server/network.h), as the connection or a trusted
  /// proxy says it, never as the request claims; empty: unknown, and not limited.
  std::string network = {};
};

struct GuardLimits {
  Pace guesses{std::chrono::milliseconds{600}, 100};  ///< wrong logins: 100 a minute
  Pace secrets{std::chrono::milliseconds{200}, 300};  ///< wrong secrets of a client: 300
};
/// No limits: for sandboxes and tests.
inline constexpr GuardLimits kNoLimits{Pace{}, Pace{}};

/// What one authority counts of strangers, over all of its realms and dialects: wrong
/// logins by network, wrong client secrets by client and network. Counts before
/// anything is compared, so that k parallel guesses cost k, and takes it back when the
/// guess was right (checklist 57). Live tokens, and refreshes with one, are never refused
/// here: nobody guesses 122 bits, and a stranger must not stop a running program.
///
/// In memory, of fixed size, gone with the process. Thread-safe.
class Guard {
 public:
  explicit Guard(GuardLimits limits = {}) : guesses_(limits.guesses), secrets_(limits.secrets) {}

  /// kTooMany, with Retry-After, when the network has no guess left.
  Result<> before_login(const Caller&, Instant now);
  void login_was_right(const Caller&);
  /// The same for a client's secret. `client` as claimed, with its realm.
  Result<> before_secret(const Caller&, std::string_view client, Instant now);
  void secret_was_right(const Caller&, std::string_view client);

 private:
  Throttle guesses_, secrets_;
};

}  // namespace latchkey::engine
