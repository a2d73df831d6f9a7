// Who renews: the one that holds the lease. The others wait, and learn from the vault
// how it ended.

#include "broker/backoff.h"
#include "broker/broker.h"
#include "broker/budget.h"
#include "broker/call.h"
#include "broker/files.h"
#include "broker/mutant.h"

namespace latchkey::broker {

Handed Broker::handed(const Wish& wish, const Entry& entry) const {
  Handed token{entry.access_token, entry.access_until, {}, !entry.proof_key.empty()};
  if (!token.until || wish.by_person) return token;
  const Seconds lives = *token.until - now();
  if (lives <= Seconds{0})
    token.warning =
        "by this machine's clock the token is over, though it was renewed just now; "
        "set the clock";
  else if (lives < wish.need)
    token.warning =
        "the token lives for " + to_words(lives) + " only; this provider gives no longer one";
  return token;
}

Result<Handed> Broker::make_do(const Wish& wish, const Entry& entry, Error error) const {
  const bool lives = alive(entry.access_token, entry.access_until, now());
  if (!lives || wish.by_person || !is_passing(error.why)) return fail(std::move(error));
  const std::string why = error.say.empty() ? name_of(error.why) : error.say;
  return Handed{entry.access_token, entry.access_until,
                "not renewed yet (" + why + "); the old token still lives",
                !entry.proof_key.empty()};
}

Result<std::optional<Result<Handed>>> Broker::learn(const Wish& wish, std::int64_t failures) {
  using Outcome = std::optional<Result<Handed>>;
  const Entry entry = TRY(load(wish.profile));
  const bool another =
      !entry.access_token.empty() && !(entry.access_token == wish.seen.access_token);
  const bool good = alive(entry.access_token, entry.access_until, now()) || is_fresh(entry, now());
  // It cannot be any fresher: many who ask for more than the provider gives make one
  // renewal and not one each.
  if (another && good && !mutant(Mutant::kWaiterRefreshes)) return Outcome(handed(wish, entry));
  const auto record = TRY(vault_.failure(record_of(wish.profile)));
  const bool failed = record && record->count > 0 && record->serial > failures;
  if (!failed || mutant(Mutant::kNoFailureMemory)) return Outcome();
  return Outcome(make_do(wish, entry, {.why = record->why, .say = record->say}));
}

Result<std::optional<Lease>> Broker::wait_for_lease(const Wish& wish, std::int64_t failures,
                                                    std::optional<Result<Handed>>& outcome) {
  Vault::Glimpse last{wish.seen.generation, failures};
  const auto settled = [&]() -> Result<bool> {
    const auto look = TRY(vault_.glimpse(wish.profile.name, record_of(wish.profile)));
    if (look == last) return false;
    last = look;
    outcome = TRY(learn(wish, failures));
    return outcome.has_value();
  };
  return Lease::take_unless(directory_of(vault_.path()), wish.profile.name,
                            wish.profile.timeout + kWaitMargin, settled);
}

Result<Handed> Broker::renew(const Wish& wish) {
  vault_.wait_at_most(wish.profile.timeout);
  const auto start = TRY(vault_.glimpse(wish.profile.name, record_of(wish.profile)));
  deadline_.reset();
  const Step step = decide_renewal(wish.seen, means_of(wish.profile, wish.seen), now());
  if (auto no = held_back_now(wish.profile, wish.seen, step, wish.by_person))
    return make_do(wish, wish.seen, *std::move(no));

  std::optional<Result<Handed>> outcome;
  auto lease = wait_for_lease(wish, start.failures, outcome);
  if (outcome) return *std::move(outcome);
  if (!lease) {
    const Entry entry = TRY(load(wish.profile));
    return make_do(wish, entry, std::move(lease).error());
  }
  lease_ = std::move(*lease);
  const LetGo at_end(lease_);
  return renew_alone(wish, start.failures);
}

Result<Handed> Broker::renew_alone(const Wish& wish, std::int64_t failures) {
  const Profile& profile = wish.profile;
  const bool unlocked = mutant(Mutant::kDecideOutsideLock);
  if (!unlocked) {
    auto known = TRY(learn(wish, failures));
    if (known) return *std::move(known);
  }
  const Entry entry = unlocked ? wish.seen : TRY(load(profile));
  const Means means = means_of(profile, entry);
  Step step = decide(entry, means, now(), wish.need);
  const bool once_more = wish.by_person || mutant(Mutant::kWaiterRefreshes);
  if (step == Step::kUse && once_more) step = decide_renewal(entry, means, now());

  deadline_.emplace(profile.timeout);
  may_wait_ = wish.by_person || !alive(entry.access_token, entry.access_until, now());
  asked_ = false;
  attempt_ = Attempt::kRenewal;
  const auto fresh = act(profile, entry, step);
  deadline_.reset();
  may_wait_ = true;
  if (fresh) {
    if (asked_) TRY(absolve(profile));
    return handed(wish, *fresh);
  }
  remember(profile, fresh.error());
  return make_do(wish, entry, fresh.error());
}

Result<Entry> Broker::act(const Profile& profile, Entry entry, Step step) {
  switch (step) {
    case Step::kUse: return entry;
    case Step::kRecover: return recover(profile, std::move(entry));
    case Step::kRefresh: return do_refresh(profile, std::move(entry));
    case Step::kDelegate: return do_delegate(profile, std::move(entry));
    case Step::kLogIn: return log_in_alone(profile, std::move(entry));
    case Step::kAskPerson: break;
  }
  return fail(
      Why::kPersonNeeded,
      entry.logged_in == Instant{}
          ? profile.name.text + " is not logged in; run: " + login_command(profile)
          : "the login of " + profile.name.text + " is over; run: " + login_command(profile));
}

}  // namespace latchkey::broker
