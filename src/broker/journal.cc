#include "broker/journal.h"

#include <algorithm>

#include "broker/mutant.h"

namespace latchkey::broker {
namespace {

/// How often a commit that fails is tried, a second apart.
constexpr int kMostCommits = 10;

constexpr int kServiceUnavailable = 503;

/// A conflict is no refusal: nothing is lost by it, and the next try reads the entry anew.
Result<> or_try_again(Result<> stored) {
  if (!stored && stored.error().why == Why::kConflict)
    return fail(Why::kUnavailable, stored.error().say + " meanwhile; try again");
  return stored;
}

bool token_is_dead(Why why) {
  return why == Why::kInvalidToken || why == Why::kExpired || why == Why::kRevoked ||
         why == Why::kReplayed;
}

}  // namespace

Fate fate_of(const Error& error, int status) {
  const Why why = error.why;
  if (token_is_dead(why)) return Fate::kDead;
  const bool answer_is_missing = why == Why::kNoAnswer || why == Why::kBadResponse;
  if (status == 0) return answer_is_missing ? Fate::kInDoubt : Fate::kUnspent;
  if (status == kServiceUnavailable && error.retry_after > Seconds{0}) return Fate::kUnspent;
  if (status >= 500 || answer_is_missing) return Fate::kInDoubt;
  return Fate::kUnspent;
}

std::optional<Seconds> in_doubt_for(const Entry& entry, Instant now, const Uptime& uptime) {
  if (!entry.spending_since || entry.spending_uptime.boot.empty()) return std::nullopt;
  if (entry.spending_uptime.boot != uptime.boot) return std::nullopt;
  return std::max(now - *entry.spending_since, uptime.seconds - entry.spending_uptime.seconds);
}

bool may_replay(const Entry& entry, const dialect::Traits& traits, Instant now,
                const Uptime& uptime) {
  if (traits.rotation != engine::Rotation::kSingleUse || mutant(Mutant::kSpendAgain)) return true;
  const auto waited = in_doubt_for(entry, now, uptime);
  return waited && *waited < traits.replay_window;
}

std::optional<Entry> merged(const Entry& stored, const Entry& ours, const Secret& spent) {
  const bool same_login = stored.logged_in == ours.logged_in;
  const bool none_newer = stored.refresh_token.empty() || stored.refresh_token == spent;
  if (!same_login || !none_newer) return std::nullopt;
  Entry both = ours;
  both.generation = stored.generation;
  both.kept = stored.kept;
  return both;
}

Result<> Journal::begin(Entry& entry, Instant now, const Uptime& uptime) {
  TRY(vault_.hold_reserve());
  Entry spending = entry;
  spending.spending_since = now;
  spending.spending_uptime = uptime;
  if (!mutant(Mutant::kNoIntent)) TRY(or_try_again(vault_.store(profile_, spending)));
  entry = std::move(spending);
  return {};
}

Result<> Journal::begin_again(Entry& entry) {
  TRY(vault_.hold_reserve());
  return or_try_again(vault_.store(profile_, entry));
}

Result<> Journal::withdraw(Entry& entry) {
  entry.spending_since.reset();
  entry.spending_uptime = {};
  return or_try_again(vault_.store(profile_, entry));
}

Result<Entry> Journal::give_way(const Entry& ours, const Secret& spent) {
  auto stored = TRY(vault_.load(profile_));
  if (!stored)
    return fail(Why::kPersonNeeded, profile_.text +
                                        " was logged out while its token was renewed; run: "
                                        "latchkey login " +
                                        profile_.text);
  auto both = merged(*stored, ours, spent);
  if (!both) return std::move(*stored);
  TRY(vault_.store_with_reserve(profile_, *both));
  return std::move(*both);
}

Result<Entry> Journal::keep(Entry fresh, const Secret& spent, const Deadline& deadline,
                            const Wait& wait) {
  for (int tries = 1;; ++tries) {
    const auto stored = vault_.store_with_reserve(profile_, fresh);
    if (stored || mutant(Mutant::kHandOutUnstored)) return fresh;
    Error error = stored.error();
    if (error.why == Why::kConflict) {
      auto settled = give_way(fresh, spent);
      if (settled) return settled;
      error = std::move(settled).error();
    }
    if (error.why != Why::kStore && error.why != Why::kConflict) return fail(std::move(error));
    if (tries >= kMostCommits || deadline.is_over())
      return fail(Why::kStore, error.say + "; so the new tokens of " + profile_.text +
                                   " could not be stored, and the old refresh token is spent; "
                                   "mend that, then run: latchkey token " +
                                   profile_.text);
    wait(Seconds{1});
  }
}

}  // namespace latchkey::broker
