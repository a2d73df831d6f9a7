#pragma once

#include "base/json.h"
#include "broker/entry.h"
#include "broker/profile.h"

namespace latchkey::broker {

/// What a person must do for a profile.
enum class Duty {
  kLogIn,              ///< the login itself is over, or will be
  kRotateCredentials,  ///< the password or secret has the age at which it is to be changed
};

struct HumanAction {
  Duty duty = Duty::kLogIn;
  Instant at{};  ///< not later than `now`: it is due
  friend bool operator==(const HumanAction&, const HumanAction&) = default;
};

/// The two clocks of a profile: its access token's, and a person's.
struct Clocks {
  std::optional<Instant> access_until;  ///< nullopt: no token, or one without a stated end
  std::optional<HumanAction> human;     ///< nullopt: nothing that anybody knows of
};

/// The earlier of: when the login dies (next_human_action), and when the credentials
/// were first used plus `rotate_credentials_after` of the profile. Pure.
Clocks clocks_of(const Profile& profile, const Entry& entry, Instant now);

/// "log in again", "change the credentials"
std::string_view in_words(Duty duty);
/// What helps: "latchkey login desk", with "get new credentials from …, then: " before
/// it where they are to be changed.
std::string remedy(const Profile& profile, Duty duty);

/// For status, the agent's stream and the hook, one shape:
///   {"until": "…Z", "local": "…+07:00", "epoch": n, "seconds": n}; null without an end
json::Value described(const std::optional<Instant>& at, Instant now);
///   the same with "kind": "log-in" | "rotate-credentials", "what" and "remedy"
json::Value described(const Profile& profile, const std::optional<HumanAction>& human, Instant now);

/// RFC 3339 in the zone of this machine: "2026-03-01T19:00:00+07:00".
std::string to_local_rfc3339(Instant at);

/// Starts the credentials' clock in `entry` when these answers are other ones than
/// those that it was started for. Called for a login that worked. What is kept for the
/// comparison is sixteen bits of a hash: too short to tell anything of a password.
void note_credentials(Entry& entry, const Profile& profile, const dialect::Answers& answers,
                      Instant now);

}  // namespace latchkey::broker
