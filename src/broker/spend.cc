// How a token is renewed: by its refresh token, by the company's token, and after a
// crash or a lost answer.

#include <utility>

#include "broker/backoff.h"
#include "broker/broker.h"
#include "broker/call.h"
#include "broker/journal.h"
#include "broker/mutant.h"

namespace latchkey::broker {
namespace {

/// Asking for exactly the longest lifetime would be refused by a clock that is a
/// little behind ours.
constexpr Seconds kClockMargin{300};
constexpr Seconds kUsualDelegation{86400};
constexpr Seconds kReplayPause{1};

Error lost(const Profile& profile) {
  return {.why = Why::kLostRotation,
          .say = "the refresh token of " + profile.name.text +
                 " was spent, but the answer never arrived; the provider has no way to ask again"};
}

}  // namespace

Result<Entry> Broker::without(Secret Entry::* dead, const Profile& profile, Entry entry,
                              Error error) {
  entry.*dead = Secret();
  entry.spending_since.reset();
  entry.spending_uptime = {};
  // Where there is one session, what ended it ended its access token as well.
  const bool session_over = error.why == Why::kRevoked || error.why == Why::kReplayed;
  if (session_over && traits_of(profile, entry).single_session) {
    entry.access_token = Secret();
    entry.access_until.reset();
  }
  TRY(put(profile, entry));
  if (means_of(profile, entry).can_log_in_alone) return log_in_alone(profile, std::move(entry));
  error.say += (error.say.empty() ? "run: " : "; run: ") + login_command(profile);
  return fail(std::move(error));
}

Result<Entry> Broker::do_refresh(const Profile& profile, Entry entry) {
  auto answers = TRY(gather(profile, {}, entry, For::kRenewal, nullptr));
  Call call = TRY(open_call(profile, entry, std::move(answers), Described::kFresh));
  if (call.traits().rotation == engine::Rotation::kSingleUse)
    return spend(profile, std::move(entry), call);

  const Instant asked_at = now();
  auto tokens = expect<engine::TokenSet>(
      patiently(call, profile.dialect->refresh(call.answers, entry.refresh_token)));
  if (tokens) return commit(profile, updated(std::move(entry), *tokens, call.traits(), asked_at));
  Error error = std::move(tokens).error();
  if (fate_of(error, call.status) != Fate::kDead) return fail(std::move(error));
  return without(&Entry::refresh_token, profile, std::move(entry), std::move(error));
}

Result<Entry> Broker::spend(const Profile& profile, Entry entry, Call& call) {
  const engine::Operation refresh = profile.dialect->refresh(call.answers, entry.refresh_token);
  const Secret spent = entry.refresh_token;
  Journal journal(vault_, profile.name);
  bool in_doubt = entry.spending_since.has_value();
  bool theirs = in_doubt;  // the mark in the vault
  const auto is_open = [&] { return may_replay(entry, call.traits(), now(), world_.uptime()); };
  const auto ready = [&]() -> Result<> {
    if (!entry.spending_since) return journal.begin(entry, now(), world_.uptime());
    // Not in doubt: it was refused for want of a nonce, and goes out again.
    if (in_doubt && !is_open()) return fail(lost(profile));
    if (std::exchange(theirs, false)) return journal.begin_again(entry);
    return {};
  };
  for (int tries = 1;; ++tries) {
    TRY(await_turn(call));
    if (in_doubt && !is_open())
      return without(&Entry::refresh_token, profile, std::move(entry), lost(profile));
    // Where it may be asked again, some of the time is left for that.
    const bool splits = call.traits().replay_window > Seconds{0} && tries < kMostAttempts;
    TRY(limit(call, splits ? left(profile) / 2 : left(profile)));
    auto tokens = expect<engine::TokenSet>(send_now(call, refresh, ready));
    if (tokens) {
      // From the first time that it was asked for: the answer may be that one.
      const Instant asked_at = *entry.spending_since;
      return keep(profile, updated(std::move(entry), *tokens, call.traits(), asked_at), spent);
    }
    Error error = std::move(tokens).error();
    if (!entry.spending_since) return fail(std::move(error));  // it was not sent
    const Fate fate = fate_of(error, call.status);
    if (fate == Fate::kDead)
      return without(&Entry::refresh_token, profile, std::move(entry),
                     in_doubt ? lost(profile) : std::move(error));
    in_doubt = in_doubt || fate == Fate::kInDoubt;
    if (!in_doubt) {
      TRY(journal.withdraw(entry));
      return fail(std::move(error));
    }
    if (!is_open()) return without(&Entry::refresh_token, profile, std::move(entry), lost(profile));
    // The window is still open for whoever comes next.
    if (tries == kMostAttempts || deadline_->is_over()) return fail(std::move(error));
    if (tries > 1) world_.wait(kReplayPause);
  }
}

Result<Entry> Broker::keep(const Profile& profile, Entry fresh, const Secret& spent) {
  if (mutant(Mutant::kEarlyRelease)) lease_.reset();
  Journal journal(vault_, profile.name);
  return journal.keep(std::move(fresh), spent, *deadline_, world_.wait);
}

Result<Entry> Broker::recover(const Profile& profile, Entry entry) {
  const auto traits = traits_of(profile, entry);
  const bool again = may_replay(entry, traits, now(), world_.uptime());
  if (again && alive(entry.refresh_token, entry.refresh_until, now()))
    return do_refresh(profile, std::move(entry));
  return without(&Entry::refresh_token, profile, std::move(entry), lost(profile));
}

Result<engine::TokenSet> Broker::delegate(Call& call, const Secret& company) {
  const auto number = parse_int(dialect::answer(call.answers, "operator"));
  if (!number) return fail(Why::kUsage, "operator must be a number");
  const Seconds most = call.traits().delegate_most;
  const Seconds longest = most > Seconds{0} ? most : kUsualDelegation;
  const engine::Operation asked =
      engine::Delegate{company, *number, now() + std::max(longest - kClockMargin, longest / 2)};
  return expect<engine::TokenSet>(patiently(call, asked));
}

Result<Entry> Broker::do_delegate(const Profile& profile, Entry entry) {
  auto answers = TRY(gather(profile, {}, entry, For::kRenewal, nullptr));
  Call call = TRY(open_call(profile, entry, std::move(answers), Described::kFresh));
  const Instant asked_at = now();
  auto tokens = delegate(call, entry.parent_token);
  if (tokens) return commit(profile, updated(std::move(entry), *tokens, call.traits(), asked_at));
  Error error = std::move(tokens).error();
  if (fate_of(error, call.status) != Fate::kDead) return fail(std::move(error));
  return without(&Entry::parent_token, profile, std::move(entry), std::move(error));
}

}  // namespace latchkey::broker
