#include "agent/events.h"

namespace latchkey::agent {

const char* name_of(What what) {
  switch (what) {
    case What::kRotated: return "rotated";
    case What::kFailed: return "failed";
    case What::kPersonNeeded: return "needs-a-person";
    case What::kHumanActionDue: return "human-action-due";
    case What::kForgot: return "forgot";
  }
  return "?";
}

std::vector<What> changes_between(const broker::Entry* before, const broker::Entry* after) {
  const bool had = before != nullptr;
  if (after == nullptr) return had ? std::vector{What::kForgot} : std::vector<What>{};
  if (after->access_token.empty() || (had && before->access_token == after->access_token))
    return {};
  return {What::kRotated};
}

Reminder reminder_of(const broker::Entry& entry, const broker::Clocks& clocks, Instant now,
                     Seconds remind) {
  if (!clocks.human || entry.logged_in == Instant{}) return {};
  // What is due by now was due at another time each time it is asked.
  if (clocks.human->duty == broker::Duty::kLogIn && clocks.human->at <= now)
    return {Standing::kNow, std::nullopt};
  if (clocks.human->at - now <= remind) return {Standing::kSoon, clocks.human->at};
  return {};
}

std::optional<What> news_of(const Reminder& told, const Reminder& is) {
  if (is.standing == Standing::kFine || is == told) return std::nullopt;
  if (is.standing == Standing::kNow) return What::kPersonNeeded;
  return What::kHumanActionDue;
}

json::Object described(const broker::Profile& profile, const Event& event) {
  json::Object out{{"event", name_of(event.what)},
                   {"profile", event.profile.text},
                   {"provider", profile.dialect->traits().name},
                   {"at", to_rfc3339(event.at)},
                   {"access", broker::described(event.clocks.access_until, event.at)},
                   {"human", broker::described(profile, event.clocks.human, event.at)}};
  if (event.error) {
    out.add("error", latchkey::name_of(event.error->why));
    out.add("message", event.error->say);
  }
  return out;
}

}  // namespace latchkey::agent
