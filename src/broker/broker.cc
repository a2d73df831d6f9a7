#include "broker/broker.h"

#include "broker/backoff.h"
#include "broker/call.h"
#include "broker/files.h"
#include "broker/lease.h"

namespace latchkey::broker {
namespace {

constexpr std::chrono::milliseconds kLeasePatience{45'000};

Result<Secret> read_source(const SecretSource& source, const Environment& environment,
                           const std::string& name) {
  switch (source.kind) {
    case SecretSource::Kind::kFile: {
      auto secret = read_secret_file(source.words.front());
      // Not the vault's trouble, but that of the configuration.
      if (!secret) return fail(Why::kUsage, name + "_file: " + secret.error().say);
      return secret;
    }
    case SecretSource::Kind::kCommand: return secret_from_command(source.words);
    case SecretSource::Kind::kVariable: break;
  }
  auto value = environment(source.words.front().c_str());
  if (!value)
    return fail(Why::kPersonNeeded,
                "the variable " + source.words.front() + " for " + name + " is not set");
  return Secret(*value);
}

}  // namespace

std::string login_command(const Profile& profile) { return "latchkey login " + profile.name.text; }

Entry updated(Entry entry, const engine::TokenSet& tokens, const dialect::Traits& traits,
              Instant asked_at) {
  entry.access_token = tokens.access_token;
  entry.access_until = tokens.access_until;
  if (!entry.access_until && traits.access_lifetime)
    entry.access_until = expiry(asked_at, Lifetime{*traits.access_lifetime});
  if (!tokens.refresh_token.empty()) {
    entry.refresh_token = tokens.refresh_token;
    entry.refresh_until = tokens.refresh_until;
    if (!entry.refresh_until && traits.refresh_lifetime) {
      const Instant from =
          traits.refresh_from_access_end && entry.access_until ? *entry.access_until : asked_at;
      entry.refresh_until = expiry(from, Lifetime{*traits.refresh_lifetime});
    }
  }
  if (!tokens.scope.empty()) entry.scope = tokens.scope;
  if (!tokens.session.empty()) entry.session = tokens.session;
  entry.renewed = asked_at;
  entry.spending_since.reset();
  return entry;
}

Result<Entry> Broker::load(const Profile& profile) {
  auto entry = TRY(vault_.load(profile.name));
  return entry.value_or(Entry{});
}

Means Broker::means_of(const Profile& profile, const Entry& entry) {
  const auto& traits = profile.dialect->traits();
  const auto is_known = [&](std::string_view name) {
    return profile.facts.contains(name) || profile.sources.contains(name) ||
           entry.kept.contains(name);
  };
  Means means;
  means.delegates = traits.delegates && is_known("operator");
  means.can_log_in_alone = traits.presence == dialect::Presence::kNone;
  for (const auto& question : profile.dialect->questions())
    if (question.required && !is_known(question.name)) means.can_log_in_alone = false;
  return means;
}

Result<dialect::Answers> Broker::gather(const Profile& profile, const dialect::Answers& given,
                                        const Entry& entry, For purpose, Person* person) const {
  dialect::Answers answers = given;
  for (const auto& question : profile.dialect->questions()) {
    if (answers.contains(question.name)) continue;
    const std::string name(question.name);
    const auto fact = profile.facts.find(question.name);
    const auto source = profile.sources.find(question.name);
    const auto kept = entry.kept.find(question.name);
    const bool wanted = purpose == For::kLogin ||
                        (purpose == For::kRenewal && (question.renewal || !question.secret));
    if (fact != profile.facts.end()) {
      answers.emplace(name, Secret(fact->second));
    } else if (source != profile.sources.end() && wanted) {
      auto secret = TRY(read_source(source->second, world_.environment, name));
      answers.emplace(name, std::move(secret));
    } else if (kept != entry.kept.end()) {
      answers.emplace(name, kept->second);
    } else if (person != nullptr && question.required) {
      auto secret = TRY(person->ask(question));
      answers.emplace(name, std::move(secret));
    } else if (question.required && (purpose == For::kLogin || (wanted && question.renewal))) {
      return fail(Why::kPersonNeeded, name + " is needed; run: " + login_command(profile));
    }
  }
  return answers;
}

Result<Broker::Call> Broker::open_call(const Profile& profile, dialect::Answers answers) {
  Call call{profile, std::move(answers), nullptr, nullptr, nullptr, nullptr};
  call.keyring = std::make_unique<ProfileKeyring>(call.answers);
  call.codec = profile.dialect->codec(profile.settings, call.keyring.get());
  call.client = TRY(world_.connect(profile, profile.base_url));
  if (profile.api_url != profile.base_url) call.api = TRY(world_.connect(profile, profile.api_url));
  return call;
}

Result<Handed> Broker::token(const Profile& profile, Seconds need) {
  const Entry entry = TRY(load(profile));
  if (decide(entry, means_of(profile, entry), now(), need) == Step::kUse)
    return Handed{entry.access_token, entry.access_until, {}};
  return renew(profile, entry.access_token, need, false);
}

Result<Handed> Broker::refresh(const Profile& profile) {
  const Entry entry = TRY(load(profile));
  return renew(profile, entry.access_token, profile.live_for, true);
}

Handed Broker::old_one(const Entry& entry, const Error& error) const {
  const std::string why = error.say.empty() ? name_of(error.why) : error.say;
  return {entry.access_token, entry.access_until,
          "not renewed yet (" + why + "); the old token still lives"};
}

Result<Handed> Broker::renew(const Profile& profile, const Secret& known, Seconds need,
                             bool force) {
  auto lease = Lease::take(directory_of(vault_.path()), profile.name, kLeasePatience);
  if (!lease && !is_passing(lease.error().why)) return fail(lease.error());
  const Entry entry = TRY(load(profile));
  const bool lives = alive(entry.access_token, entry.access_until, now());
  if (!lease)
    return lives && !force ? Result<Handed>(old_one(entry, lease.error())) : fail(lease.error());

  const Means means = means_of(profile, entry);
  // Somebody renewed it while we waited: it cannot be any fresher, so that many who
  // ask for more than the provider gives make one renewal and not one each.
  const bool renewed_meanwhile = !(entry.access_token == known);
  Step step = decide(entry, means, now(), need);
  if (lives && renewed_meanwhile) step = Step::kUse;
  else if (step == Step::kUse && force) step = decide_renewal(entry, means, now());

  may_wait_ = force || !lives;
  auto fresh = act(profile, entry, step);
  may_wait_ = true;
  if (!fresh && !force && lives && is_passing(fresh.error().why))
    return old_one(entry, fresh.error());
  if (!fresh) return fail(std::move(fresh).error());
  Handed handed{fresh->access_token, fresh->access_until, {}};
  if (!force && handed.until && *handed.until - now() < need)
    handed.warning = "the token lives for " + to_words(*handed.until - now()) +
                     " only; this provider gives no longer one";
  return handed;
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

Result<Entry> Broker::commit(const Profile& profile, Entry entry) {
  TRY(vault_.store(profile.name, entry));
  return entry;
}

Result<> Broker::bury(const Profile& profile, const Secret& dead) {
  const auto lease = TRY(Lease::take(directory_of(vault_.path()), profile.name, kLeasePatience));
  Entry entry = TRY(load(profile));
  if (entry.access_token.empty() || !(entry.access_token == dead)) return {};
  entry.access_token = Secret();
  entry.access_until.reset();
  return vault_.store(profile.name, entry);
}

Result<engine::Outcome> Broker::ask(Call& call, const engine::Operation& operation) {
  const Seconds interval = call.traits().auth_interval;
  if (interval > Seconds{0}) {
    const Seconds pause =
        TRY(vault_.take_turn(call.profile.base_url, interval, now(), call.profile.timeout));
    if (pause > Seconds{0}) world_.wait(pause);
  }
  return call.perform(operation, now());
}

Result<engine::Outcome> Broker::patiently(Call& call, const engine::Operation& operation) {
  for (int failed = 1;; ++failed) {
    auto outcome = ask(call, operation);
    if (outcome) return outcome;
    const auto pause = pause_before_retry(outcome.error(), failed, call.profile.timeout);
    if (!pause || !may_wait_) return outcome;
    world_.wait(*pause);
  }
}

Result<bool> Broker::forget(const Profile& profile) {
  auto lease = Lease::take(directory_of(vault_.path()), profile.name, kLeasePatience);
  if (!lease) return fail(lease.error());
  return vault_.remove(profile.name);
}

}  // namespace latchkey::broker
