#include "broker/decide.h"

#include <algorithm>

namespace latchkey::broker {

bool alive(const Secret& token, const std::optional<Instant>& until, Instant at) {
  return !token.empty() && (!until || *until > at);
}

bool is_fresh(const Entry& entry, Instant now) {
  return !entry.access_token.empty() && entry.renewed <= now && now - entry.renewed < kFresh;
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
  const bool new_but_over =
      !alive(entry.access_token, entry.access_until, now) && is_fresh(entry, now);
  return enough || new_but_over ? Step::kUse : decide_renewal(entry, means, now);
}

std::optional<Instant> next_human_action(const Entry& entry, const Means& means, Instant now) {
  if (means.can_log_in_alone) return std::nullopt;
  const bool has_access = alive(entry.access_token, entry.access_until, now);
  if (has_access && !entry.access_until) return std::nullopt;
  const Instant access_end = has_access ? *entry.access_until : now;
  // A refresh token in doubt may be spent already: it is not counted on.
  if (!entry.spending_since && alive(entry.refresh_token, entry.refresh_until, now)) {
    if (!entry.refresh_until) return std::nullopt;
    return std::max(*entry.refresh_until, access_end);
  }
  if (means.delegates && alive(entry.parent_token, entry.parent_until, now)) {
    if (!entry.parent_until) return std::nullopt;
    return std::max(*entry.parent_until, access_end);
  }
  return access_end;
}

}  // namespace latchkey::broker
