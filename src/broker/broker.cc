#include "broker/broker.h"

#include "broker/call.h"
#include "broker/files.h"
#include "broker/mutant.h"

namespace latchkey::broker {
namespace {

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

dialect::Traits traits_of(const Profile& profile, const Entry& entry) {
  auto traits = profile.dialect->traits_under(profile.settings);
  if (traits.rotation_is_assumed && entry.refresh_stays)
    traits.rotation = engine::Rotation::kReusable;
  return traits;
}

Entry updated(Entry entry, const engine::TokenSet& tokens, const dialect::Traits& traits,
              Instant asked_at) {
  entry.access_token = tokens.access_token;
  entry.access_until = tokens.access_until;
  if (!entry.access_until && traits.access_lifetime)
    entry.access_until = expiry(asked_at, Lifetime{*traits.access_lifetime});
  if (traits.rotation_is_assumed && !entry.refresh_token.empty())
    entry.refresh_stays =
        tokens.refresh_token.empty() || tokens.refresh_token == entry.refresh_token;
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
  entry.spending_uptime = {};
  return entry;
}

Result<Entry> Broker::load(const Profile& profile) {
  auto entry = TRY(vault_.load(profile.name));
  return entry.value_or(Entry{});
}

Means Broker::means_of(const Profile& profile, const Entry& entry) {
  const auto traits = profile.dialect->traits_under(profile.settings);
  const auto is_known = [&](std::string_view name) {
    return profile.facts.contains(name) || profile.sources.contains(name) ||
           entry.kept.contains(name);
  };
  Means means;
  means.delegates = traits.delegates && is_known("operator");
  means.can_log_in_alone = traits.presence == dialect::Presence::kNone;
  for (const auto& question : profile.dialect->questions())
    if (profile.dialect->requires_answer(question, profile.settings) && !is_known(question.name))
      means.can_log_in_alone = false;
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
    const bool required = profile.dialect->requires_answer(question, profile.settings);
    const bool wanted = purpose == For::kLogin ||
                        (purpose == For::kRenewal && (question.renewal || !question.secret));
    if (fact != profile.facts.end()) {
      answers.emplace(name, Secret(fact->second));
    } else if (source != profile.sources.end() && wanted) {
      auto secret = TRY(read_source(source->second, world_.environment, name));
      answers.emplace(name, std::move(secret));
    } else if (kept != entry.kept.end()) {
      answers.emplace(name, kept->second);
    } else if (person != nullptr && required) {
      auto secret = TRY(person->ask(question));
      answers.emplace(name, std::move(secret));
    } else if (required && (purpose == For::kLogin || (wanted && question.renewal))) {
      return fail(Why::kPersonNeeded, name + " is needed; run: " + login_command(profile));
    }
  }
  return answers;
}

Error bound_to_key(const Profile& profile) {
  const std::string& name = profile.name.text;
  return {.why = Why::kPolicy,
          .say = "the tokens of " + name +
                 " are bound to a key that stays in the vault (DPoP), and open nothing alone; use: "
                 "latchkey request " +
                 name + ", or latchkey proxy " + name};
}

Result<Handed> Broker::token(const Profile& profile, Seconds need) {
  const Entry entry = TRY(load(profile));
  // Before anybody is asked for one that would stay here.
  if (!entry.proof_key.empty()) return fail(bound_to_key(profile));
  auto handed = TRY(obtain(profile, entry, need));
  if (handed.bound) return fail(bound_to_key(profile));
  return handed;
}

Result<Handed> Broker::lend(const Profile& profile, Seconds need) {
  const Entry entry = TRY(load(profile));
  return obtain(profile, entry, need);
}

Result<Handed> Broker::obtain(const Profile& profile, const Entry& entry, Seconds need) {
  const Wish wish{profile, entry, need, false};
  if (decide(entry, means_of(profile, entry), now(), need) == Step::kUse)
    return handed(wish, entry);
  return renew(wish);
}

Result<Handed> Broker::refresh(const Profile& profile) {
  const Entry entry = TRY(load(profile));
  return renew({profile, entry, profile.live_for, true});
}

Result<> Broker::hold(const Profile& profile, std::chrono::milliseconds at_least) {
  lease_.reset();
  const auto patience =
      std::max<std::chrono::milliseconds>(profile.timeout + kWaitMargin, at_least);
  lease_ = TRY(Lease::take(directory_of(vault_.path()), profile.name, patience));
  return {};
}

Result<> Broker::put(const Profile& profile, Entry& entry) {
  auto stored = vault_.store(profile.name, entry);
  if (!stored && stored.error().why == Why::kConflict)
    return fail(Why::kUnavailable, stored.error().say + " meanwhile; try again");
  return stored;
}

Result<Entry> Broker::commit(const Profile& profile, Entry entry) {
  if (mutant(Mutant::kEarlyRelease)) lease_.reset();
  TRY(put(profile, entry));
  return entry;
}

Result<> Broker::bury(const Profile& profile, const Secret& dead) {
  TRY(hold(profile));
  const LetGo at_end(lease_);
  Entry entry = TRY(load(profile));
  const bool same = entry.access_token == dead || mutant(Mutant::kClearWithoutCompare);
  if (entry.access_token.empty() || !same) return {};
  entry.access_token = Secret();
  entry.access_until.reset();
  return put(profile, entry);
}

Result<bool> Broker::forget(const Profile& profile) {
  TRY(hold(profile));
  const LetGo at_end(lease_);
  return vault_.remove(profile.name);
}

}  // namespace latchkey::broker
