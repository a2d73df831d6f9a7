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

/// Nothing was sent, or the answer says that nothing was spent.
bool surely_not_spent(Why why) { return why != Why::kNoAnswer && why != Why::kBadResponse; }

Error lost(const Profile& profile) {
  return {.why = Why::kLostRotation,
          .say = "the refresh token of " + profile.name.text +
                 " was spent, but the answer never "
                 "arrived; the provider has no way to ask again"};
}

}  // namespace

Result<Entry> Broker::without(Secret Entry::* dead, const Profile& profile, Entry entry,
                              Error error) {
  entry.*dead = Secret();
  entry.spending_since.reset();
  // Where there is one session, what ended it ended its access token as well.
  const bool session_over = error.why == Why::kRevoked || error.why == Why::kReplayed;
  if (session_over && profile.dialect->traits().single_session) {
    entry.access_token = Secret();
    entry.access_until.reset();
  }
  TRY(vault_.store(profile.name, entry));
  if (means_of(profile, entry).can_log_in_alone) return log_in_alone(profile, std::move(entry));
  error.say += (error.say.empty() ? "run: " : "; run: ") + login_command(profile);
  return fail(std::move(error));
}

Result<Entry> Broker::do_refresh(const Profile& profile, Entry entry) {
  auto answers = TRY(gather(profile, {}, entry, For::kRenewal, nullptr));
  Call call = TRY(open_call(profile, std::move(answers)));
  if (call.traits().rotation == engine::Rotation::kSingleUse)
    return spend(profile, std::move(entry), call);

  const Instant asked_at = now();
  auto tokens = expect<engine::TokenSet>(
      patiently(call, profile.dialect->refresh(call.answers, entry.refresh_token)));
  if (tokens) return commit(profile, updated(std::move(entry), *tokens, call.traits(), asked_at));
  Error error = std::move(tokens).error();
  if (!token_is_dead(error.why)) return fail(std::move(error));
  return without(&Entry::refresh_token, profile, std::move(entry), std::move(error));
}

Result<Entry> Broker::spend(const Profile& profile, Entry entry, Call& call) {
  const Instant asked_at = now();
  const engine::Operation refresh = profile.dialect->refresh(call.answers, entry.refresh_token);
  // Sent before, without an answer? The provider's window counts from that time, and
  // a refusal now says nothing about what was done then.
  const bool in_doubt = entry.spending_since.has_value();
  if (!in_doubt) {
    entry.spending_since = asked_at;
    TRY(vault_.store(profile.name, entry));
  }
  auto tokens = expect<engine::TokenSet>(ask(call, refresh));
  if (tokens) return commit(profile, updated(std::move(entry), *tokens, call.traits(), asked_at));

  Error error = std::move(tokens).error();
  if (token_is_dead(error.why))
    return without(&Entry::refresh_token, profile, std::move(entry),
                   in_doubt ? lost(profile) : std::move(error));
  // What stays in doubt (kNoAnswer, kBadResponse) keeps `spending_since`.
  if (!in_doubt && surely_not_spent(error.why)) {
    entry.spending_since.reset();
    TRY(vault_.store(profile.name, entry));
  }
  return fail(std::move(error));
}

Result<Entry> Broker::recover(const Profile& profile, Entry entry) {
  const auto& traits = profile.dialect->traits();
  const bool again = traits.rotation != engine::Rotation::kSingleUse ||
                     now() - *entry.spending_since < traits.replay_window;
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
  Call call = TRY(open_call(profile, std::move(answers)));
  const Instant asked_at = now();
  auto tokens = delegate(call, entry.parent_token);
  if (tokens) return commit(profile, updated(std::move(entry), *tokens, call.traits(), asked_at));
  Error error = std::move(tokens).error();
  if (!token_is_dead(error.why)) return fail(std::move(error));
  return without(&Entry::parent_token, profile, std::move(entry), std::move(error));
}

}  // namespace latchkey::broker
