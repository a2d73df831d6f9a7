#pragma once

#include "broker/decide.h"

namespace latchkey::agent {

/// How early a token is renewed.
struct Ahead {
  Seconds ahead{300};  ///< before its end, but not more than a fifth of its life
  Seconds need{60};    ///< how long callers want it to live: they must never wait
};

/// What became of renewals ahead since the token that is there was obtained.
struct Tries {
  int failed = 0;
  Instant last = {};
  Seconds asked_to_wait{0};  ///< by the provider, after the last one
  friend bool operator==(const Tries&, const Tries&) = default;
};

/// When to renew a token ahead of its end; it may lie in the past: then now. nullopt:
/// not at all, because it has no stated end or is gone, nothing can renew it without a
/// person, or it lives so short that a new one would be due at once.
///
/// `spread` (0 … 1023) is drawn once for each token: many that end together are renewed
/// one after another, each up to half of its lead earlier. After a failure the next try
/// comes later each time, and never before the provider wants it.
///
/// Whether anybody has asked for the token is the caller's to know: what nobody asks
/// for is not renewed.
std::optional<Instant> renew_at(const broker::Entry& entry, const broker::Means& means,
                                const Ahead& rule, const Tries& tries, unsigned spread,
                                Instant now);

/// How long before its end the token of this entry is renewed, without the spread.
Seconds lead_of(const broker::Entry& entry, const Ahead& rule);

/// The same number for the same token, another for another.
unsigned spread_of(const ProfileName& profile, std::int64_t generation);

}  // namespace latchkey::agent
