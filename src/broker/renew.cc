// How a token is renewed: by its refresh token, by the company's token, by what
// is kept, and after a crash.

#include "broker/backoff.h"
#include "broker/broker.h"
#include "broker/call.h"

namespace latchkey::broker {
namespace {

/// Asking for exactly the longest lifetime would be refused by a clock that is a
/// little behind ours.
constexpr Seconds kClockMargin{300};
constexpr Seconds kUsualDelegation{86400};

/// The provider has looked at the refresh token and will not take it any more.
bool token_is_dead(Why why) {
  return why == Why::kInvalidToken || why == Why::kExpired || why == Why::kRevoked ||
         why == Why::kReplayed;
}

/// The provider answered, and the answer says that nothing was spent.
bool surely_not_spent(Why why) {
  return why == Why::kTooMany || (!is_passing(why) && !token_is_dead(why));
}

}  // namespace

Result<Entry> Broker::do_refresh(const Profile& profile, Entry entry) {
  auto answers = TRY(gather(profile, {}, entry, false, nullptr));
  Call call = TRY(open_call(profile, std::move(answers)));
  if (call.traits().rotation == engine::Rotation::kSingleUse) return spend(profile, std::move(entry), call);

  const Instant asked_at = now();
  auto tokens = expect<engine::TokenSet>(
      patiently(call, profile.dialect->refresh(call.answers, entry.refresh_token)));
  if (!tokens && token_is_dead(tokens.error().why)) {
    entry.refresh_token = Secret();
    TRY(vault_.store(profile.name, entry));
    if (means_of(profile, entry).can_log_in_alone) return log_in_alone(profile, std::move(entry));
  }
  if (!tokens) return fail(std::move(tokens).error());
  Entry fresh = updated(std::move(entry), *tokens, call.traits(), asked_at);
  TRY(vault_.store(profile.name, fresh));
  return fresh;
}

Result<Entry> Broker::spend(const Profile& profile, Entry entry, Call& call) {
  const Instant asked_at = now();
  const engine::Operation refresh = profile.dialect->refresh(call.answers, entry.refresh_token);
  entry.spending_since = asked_at;
  TRY(vault_.store(profile.name, entry));

  auto tokens = expect<engine::TokenSet>(call.perform(refresh, asked_at));
  if (tokens) {
    Entry fresh = updated(std::move(entry), *tokens, call.traits(), asked_at);
    TRY(vault_.store(profile.name, fresh));
    return fresh;
  }
  Error error = std::move(tokens).error();
  // What stays in doubt (kNoAnswer, kBadResponse) keeps `spending_since`.
  if (error.why == Why::kUnavailable || surely_not_spent(error.why)) {
    entry.spending_since.reset();
    TRY(vault_.store(profile.name, entry));
  } else if (token_is_dead(error.why)) {
    entry.spending_since.reset();
    entry.refresh_token = Secret();
    TRY(vault_.store(profile.name, entry));
    if (means_of(profile, entry).can_log_in_alone) return log_in_alone(profile, std::move(entry));
    error.say += "; run: " + login_command(profile);
  }
  return fail(std::move(error));
}

Result<Entry> Broker::recover(const Profile& profile, Entry entry) {
  const auto window = profile.dialect->traits().replay_window;
  if (window > Seconds{0} && now() - *entry.spending_since < window &&
      alive(entry.refresh_token, entry.refresh_until, now()))
    return do_refresh(profile, std::move(entry));
  entry.spending_since.reset();
  entry.refresh_token = Secret();
  TRY(vault_.store(profile.name, entry));
  if (means_of(profile, entry).can_log_in_alone) return log_in_alone(profile, std::move(entry));
  return fail(Why::kLostRotation,
              "the refresh token of " + profile.name.text + " was spent, but the answer never "
              "arrived; the provider has no way to ask again: run: " + login_command(profile));
}

Result<engine::TokenSet> Broker::delegate(Call& call, const Secret& company) {
  const auto number = parse_int(dialect::answer(call.answers, "operator"));
  if (!number) return fail(Why::kUsage, "operator must be a number");
  const Seconds longest = call.traits().access_lifetime.value_or(kUsualDelegation);
  const engine::Operation asked =
      engine::Delegate{company, *number, now() + std::max(longest - kClockMargin, longest / 2)};
  return expect<engine::TokenSet>(patiently(call, asked));
}

Result<Entry> Broker::do_delegate(const Profile& profile, Entry entry) {
  auto answers = TRY(gather(profile, {}, entry, false, nullptr));
  Call call = TRY(open_call(profile, std::move(answers)));
  const Instant asked_at = now();
  auto tokens = delegate(call, entry.parent_token);
  if (!tokens && token_is_dead(tokens.error().why)) {
    entry.parent_token = Secret();
    TRY(vault_.store(profile.name, entry));
    if (means_of(profile, entry).can_log_in_alone) return log_in_alone(profile, std::move(entry));
  }
  if (!tokens) return fail(std::move(tokens).error());
  Entry fresh = updated(std::move(entry), *tokens, call.traits(), asked_at);
  TRY(vault_.store(profile.name, fresh));
  return fresh;
}

}  // namespace latchkey::broker
