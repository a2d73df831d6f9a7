#pragma once

#include <string>

#include "broker/entry.h"
#include "broker/profile.h"

namespace latchkey::broker {

// The names under which all programs with one vault share a provider's budgets.

/// How often a profile logs in by itself: kMostLogins at once, then one each
/// kLoginEvery. What ends a session as fast as that is not mended by a login.
inline constexpr int kMostLogins = 10;
inline constexpr Seconds kLoginEvery{360};

/// "https://api.example" of any spelling of it: lower case, no path, no usual port.
/// A provider's pace is kept for everything that goes to this host.
std::string origin_of(const std::string& base_url);

/// The account that profiles have in common, whatever they are called: the host and
/// the profile's first plain answer (a login, a key's name), as a hash. Retry-After
/// binds all of them.
std::string account_of(const Profile& profile, const Entry& entry);

/// The profile's own record of failures, and its logins.
std::string record_of(const Profile& profile);
std::string logins_of(const Profile& profile);

}  // namespace latchkey::broker
