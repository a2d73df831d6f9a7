// How a provider is asked: in turn with all other programs, not before it said that
// it may be, and by the command's deadline.

#include "broker/backoff.h"
#include "broker/broker.h"
#include "broker/budget.h"
#include "broker/call.h"
#include "broker/mutant.h"

namespace latchkey::broker {

Result<Broker::Call> Broker::open_call(const Profile& profile, Entry& entry,
                                       dialect::Answers answers, Described described) {
  // How long it took to gather the answers (a password manager) is not the provider's.
  if (deadline_ && !asked_) deadline_.emplace(profile.timeout);
  TRY(describe(profile, entry, described));
  Call call{profile, std::move(answers), traits_of(profile, entry), entry.description};
  call.proof_key = entry.proof_key;
  call.nonces = &nonces_;
  call.account = account_of(profile, entry);
  call.keyring = std::make_unique<ProfileKeyring>(call.answers);
  if (const auto* issuer = profile.dialect->issuer())
    call.codec = TRY(issuer->codec(profile.settings, call.description));
  else call.codec = profile.dialect->codec(profile.settings, call.keyring.get());
  TRY(limit(call, left(profile)));
  if (profile.api_url != profile.base_url) call.api = TRY(world_.connect(profile, profile.api_url));
  return call;
}

Seconds Broker::left(const Profile& profile) const {
  if (!deadline_) return profile.timeout;
  return std::min(std::chrono::ceil<Seconds>(deadline_->left()), profile.timeout);
}

Result<> Broker::limit(Call& call, Seconds most) {
  const Seconds wanted = std::max(most, Seconds{1});
  if (call.client != nullptr && call.limit == wanted) return {};
  Profile limited = call.profile;
  limited.timeout = wanted;
  call.client = TRY(world_.connect(limited, limited.base_url));
  call.others.clear();
  call.connect = [this, limited](const std::string& url) { return world_.connect(limited, url); };
  call.limit = wanted;
  return {};
}

Result<> Broker::await_turn(Call& call) {
  if (deadline_ && deadline_->is_over())
    return fail(Why::kUnavailable, call.profile.base_url + ": no time is left to ask again");
  const auto hold = TRY(vault_.failure(call.account));
  if (hold && forbids(*hold, now()) && !mutant(Mutant::kNoFailureMemory)) {
    const Seconds pause = hold->until - now();
    if (!may_wait_ || pause > left(call.profile))
      return fail(held_back(*hold, now(), true, call.profile.name.text));
    world_.wait(pause);
  }
  const Seconds interval = call.traits().auth_interval;
  if (interval == Seconds{0} || mutant(Mutant::kNoBudget)) return {};
  const Seconds pause =
      TRY(vault_.take_turn(origin_of(call.profile.base_url), interval, now(), left(call.profile)));
  if (pause > Seconds{0}) world_.wait(pause);
  return {};
}

Result<engine::Outcome> Broker::send_now(Call& call, const engine::Operation& operation,
                                         const http::Client::Ready& ready) {
  asked_ = true;
  const auto in_time = [&] { return limit(call, left(call.profile)); };
  auto outcome = call.perform(operation, now(), ready, in_time);
  if (outcome || outcome.error().retry_after <= Seconds{0}) return outcome;
  const int status = call.status;
  if (status != 429 && status != 503) return outcome;
  // Should the vault not take the note, the refusal itself is still what matters.
  static_cast<void>(vault_.note(call.account, hold_for(outcome.error(), now())));
  return outcome;
}

Result<engine::Outcome> Broker::ask(Call& call, const engine::Operation& operation) {
  TRY(await_turn(call));
  TRY(limit(call, left(call.profile)));
  return send_now(call, operation);
}

Result<engine::Outcome> Broker::patiently(Call& call, const engine::Operation& operation) {
  TRY(await_turn(call));
  for (int failed = 1;; ++failed) {
    TRY(limit(call, left(call.profile)));
    auto outcome = send_now(call, operation);
    if (outcome) return outcome;
    const auto pause = pause_before_retry(outcome.error(), failed, left(call.profile));
    const bool in_time = !deadline_ || !deadline_->is_over();
    if (!pause || !may_wait_ || !in_time) return outcome;
    world_.wait(*pause);
    // When there is no turn in time, what went wrong is the better thing to say.
    if (!await_turn(call)) return outcome;
  }
}

std::optional<Error> Broker::held_back_now(const Profile& profile, const Entry& entry, Step step,
                                           bool by_person) {
  if (step == Step::kUse || step == Step::kAskPerson || mutant(Mutant::kNoFailureMemory))
    return std::nullopt;
  const std::string& name = profile.name.text;
  const auto hold = vault_.failure(account_of(profile, entry));
  if (!hold) return hold.error();
  if (*hold && forbids(**hold, now()) && (*hold)->until - now() > left(profile))
    return held_back(**hold, now(), true, name);
  // A replay window does not wait for a cool-down.
  if (step == Step::kRecover) return std::nullopt;
  const auto record = vault_.failure(record_of(profile));
  if (!record) return record.error();
  if (!*record || !forbids(**record, now())) return std::nullopt;
  const bool only_logins = (*record)->until == kEndOfTime;
  if (only_logins ? step != Step::kLogIn : by_person) return std::nullopt;
  return held_back(**record, now(), false, name);
}

void Broker::remember(const Profile& profile, const Error& error) {
  if (!asked_) return;
  const auto before = vault_.failure(record_of(profile));
  if (!before) return;
  const auto next = after(*before, error, attempt_, now());
  if (next) static_cast<void>(vault_.note(record_of(profile), *next));
}

Result<> Broker::absolve(const Profile& profile) {
  const auto record = TRY(vault_.failure(record_of(profile)));
  if (!record || record->count == 0) return {};
  return vault_.absolve(record_of(profile));
}

}  // namespace latchkey::broker
