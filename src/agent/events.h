#pragma once

#include <vector>

#include "broker/clocks.h"
#include "broker/profile.h"

namespace latchkey::agent {

/// What there is to tell about a profile.
enum class What {
  kRotated,         ///< there is another access token, by a renewal or a login
  kFailed,          ///< a renewal failed; told once until it works or fails for another reason
  kPersonNeeded,    ///< nothing works without a person any more
  kHumanActionDue,  ///< it still works, but not for much longer without a person
  kForgot,          ///< the profile was logged out
};
/// "rotated", "failed", "needs-a-person", "human-action-due", "forgot"
const char* name_of(What what);

struct Event {
  What what = What::kRotated;
  ProfileName profile = {};
  Instant at = {};
  broker::Clocks clocks = {};
  std::optional<Error> error = {};  ///< of kFailed; only `why` and `say` are shown
};

/// What an entry's change means. Either may be null: there was none, there is none.
std::vector<What> changes_between(const broker::Entry* before, const broker::Entry* after);

/// How urgent a person is.
enum class Standing { kFine, kSoon, kNow };
struct Reminder {
  Standing standing = Standing::kFine;
  std::optional<Instant> due = {};
  friend bool operator==(const Reminder&, const Reminder&) = default;
};
/// kNow: the login is over; kSoon: a person must act within `remind`, or should have
/// changed the credentials. A profile that nobody ever logged in is fine: it was never
/// promised to work.
Reminder reminder_of(const broker::Entry& entry, const broker::Clocks& clocks, Instant now,
                     Seconds remind);
/// What is to be told of the one after the other was told: each standing once, and again
/// when it is about another time.
std::optional<What> news_of(const Reminder& told, const Reminder& is);

/// One JSON object, as the stream and the hook have it; holds no secret.
json::Object described(const broker::Profile& profile, const Event& event);

}  // namespace latchkey::agent
