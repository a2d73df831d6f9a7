#include "broker/decide.h"

#include <algorithm>

namespace latchkey::broker {

bool alive(const Secret& token, const std::optional<Instant>& until, Instant at) {
  return !token.empty() && (!until || *until > at);
}

Step decide_renewal(const Entry& entry, const Means& means, Instant now) {
  if (entry.spending_since) return Step::kRecover;
  if (alive(entry.refresh_token, entry.refresh_until, now)) return Step::kRefresh;
  if (means.delegates && alive(entry.parent_token, entry.parent_until, now)) return Step::kDelegate;
  if (means.can_log_in_alone) return Step::kLogIn;
  return Step::kAskPerson;
}

Step decide(const Entry& entry, const Means& means, Instant now, Seconds need) {
  const bool enough = alive(entry.access_token, entry.access_until, now) &&
                      (!entry.access_until || *entry.access_until - now >= need);
  return enough ? Step::kUse : decide_renewal(entry, means, now);
}

std::optional<Instant> next_human_action(const Entry& entry, const Means& means, Instant now) {
  if (means.can_log_in_alone) return std::nullopt;
  if (alive(entry.refresh_token, entry.refresh_until, now)) {
    if (!entry.refresh_until) return std::nullopt;
    return std::max(*entry.refresh_until, entry.access_until.value_or(*entry.refresh_until));
  }
  if (means.delegates && alive(entry.parent_token, entry.parent_until, now))
    return entry.parent_until;
  if (!alive(entry.access_token, entry.access_until, now)) return now;
  return entry.access_until;
}

}  // namespace latchkey::broker
