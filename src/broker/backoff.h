#pragma once

#include "base/result.h"
#include "base/time.h"

namespace latchkey::broker {

/// How often a call that may safely be repeated is tried.
inline constexpr int kMostAttempts = 3;

/// How long to wait before trying again after `failed` failures (1, 2, …): what
/// the provider asked for, else 2^(failed-1) seconds. nullopt: do not try again:
/// the attempts are used up, waiting would take longer than `patience`, or the
/// reason will not pass by itself (never after bad credentials).
std::optional<Seconds> pause_before_retry(const Error& error, int failed, Seconds patience);

/// True for reasons that pass by themselves; an old token that still lives is
/// handed out when a renewal fails for one of them.
bool is_passing(Why why);

}  // namespace latchkey::broker
