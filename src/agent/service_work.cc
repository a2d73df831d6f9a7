// What the crew does for the service: getting a token that is not at hand, and what
// becomes of those who wait for it.

#include <algorithm>

#include "agent/service_slot.h"

namespace latchkey::agent {
namespace {

/// How long a caller waits for a thread to take his wish up.
constexpr Seconds kMostQueued{5};

using Headers = std::vector<std::pair<std::string, Secret>>;

/// On a thread of the crew, with a connection of its own. `lasting`: the headers belong
/// to this generation of the entry; 0: it changed meanwhile.
struct Got {
  Answer answer = {};
  std::int64_t lasting = 0;
};

Result<std::int64_t> generation_of(broker::Vault& vault, const ProfileName& profile) {
  const auto entry = TRY(vault.load(profile));
  return entry ? entry->generation : 0;
}

Result<Got> get(Keys& keys, const broker::Profile& profile, bool headers, Seconds need) {
  broker::Vault vault = TRY(keys.lend());
  broker::Broker broker(vault, keys.world());
  Got got;
  if (!headers) {
    auto handed = TRY(broker.token(profile, need));
    got.answer = {std::move(handed.token), handed.until, {}, std::move(handed.warning)};
    return got;
  }
  const std::int64_t before = TRY(generation_of(vault, profile.name));
  const auto fields = TRY(broker.headers(profile, need));
  for (const auto& [name, value] : fields) got.answer.headers.emplace_back(name, Secret(value));
  const std::int64_t after = TRY(generation_of(vault, profile.name));
  if (before == after) got.lasting = after;
  return got;
}

}  // namespace

void Service::wish_for(const broker::Profile& profile, Slot& slot, const Question& question,
                       Seconds need, bool ahead, Reply reply) {
  for (const auto& wish : slot.wishes) {
    if (wish->ahead || ahead || wish->need != need || wish->question.headers != question.headers ||
        wish->stage == Wish::kGivenUp)
      continue;
    wish->waiting.push_back(std::move(reply));
    return;
  }
  const auto wish = std::make_shared<Wish>(question, need, ahead, now(),
                                           slot.entry ? slot.entry->access_token : Secret());
  if (reply) wish->waiting.push_back(std::move(reply));
  slot.wishes.push_back(wish);
  crew_.add({.profile = profile.name.text,
             .provider = profile.base_url,
             .ahead = ahead,
             .work = [this, wish, profile, keys = keys_, post = edges_.post] {
               int queued = Wish::kQueued;
               if (!wish->stage.compare_exchange_strong(queued, Wish::kBegun)) return;
               auto got = get(*keys, profile, wish->question.headers, wish->need);
               const auto shared = std::make_shared<Result<Got>>(std::move(got));
               post([this, wish, shared] {
                 auto& result = *shared;
                 if (!result) return finish(wish->question.profile, wish, fail(result.error()));
                 const auto found = slots_.find(wish->question.profile);
                 if (found != slots_.end() && found->second.entry && result->lasting > 0 &&
                     found->second.entry->generation == result->lasting)
                   found->second.headers = result->answer.headers;
                 finish(wish->question.profile, wish, std::move(result->answer));
               });
             }});
}

void Service::finish(const ProfileName& name, const std::shared_ptr<Wish>& wish,
                     Result<Answer> answer) {
  const auto waiting = std::move(wish->waiting);
  const auto found = slots_.find(name);
  const auto* profile = find(name);
  if (found != slots_.end() && profile != nullptr) {
    Slot& slot = found->second;
    std::erase(slot.wishes, wish);
    // What was renewed is told of now and not a second later.
    if (state_ == State::kOpen && !look(*profile)) slot.version = -1;
    std::optional<Error> error;
    if (!answer) error = answer.error();
    else if (wish->ahead && answer->token == wish->before)
      error = Error{Why::kUnavailable, answer->warning};
    if (error || wish->ahead) note_failure(*profile, slot, error);
    if (error && wish->ahead) {
      ++slot.tries.failed;
      slot.tries.last = now();
      slot.tries.asked_to_wait = error->retry_after;
    }
  }
  for (const auto& reply : waiting) reply(answer);
}

void Service::note_failure(const broker::Profile& profile, Slot& slot,
                           const std::optional<Error>& error) {
  const std::optional<Why> why = error ? std::optional(error->why) : std::nullopt;
  // One who never logged in, a vault that is shut, or a token that stays here is no failed renewal.
  if (why && (!slot.entry || why == Why::kStore || why == Why::kUsage || why == Why::kPolicy))
    return;
  const bool news = why && slot.failed != why;
  slot.failed = why;
  if (news) tell(profile, slot, What::kFailed, error);
}

void Service::renew_ahead(const broker::Profile& profile, Slot& slot) {
  if (!slot.asked || !slot.entry || !slot.wishes.empty()) return;
  const Ahead rule{config_->agent.refresh_ahead, slot.need};
  const unsigned spread = spread_of(profile.name, slot.entry->generation);
  const auto at = renew_at(*slot.entry, slot.means, rule, slot.tries, spread, now());
  if (!at || *at > now()) return;
  // More than it has left: so it is renewed, under the lease and as for any caller.
  const Seconds left = std::max(*slot.entry->access_until - now(), Seconds{0});
  wish_for(profile, slot, {profile.name, false, {}}, left + Seconds{1}, true, {});
}

void Service::give_up_waiting() {
  std::vector<Reply> late;
  for (auto& [name, slot] : slots_) {
    for (const auto& wish : slot.wishes) {
      int queued = Wish::kQueued;
      if (now() - wish->since < kMostQueued ||
          !wish->stage.compare_exchange_strong(queued, Wish::kGivenUp))
        continue;
      std::ranges::move(wish->waiting, std::back_inserter(late));
      wish->waiting.clear();
    }
    std::erase_if(slot.wishes, [](const auto& wish) { return wish->stage == Wish::kGivenUp; });
  }
  for (const auto& reply : late) reply(fail(Why::kUnavailable, kBusy));
}

json::Object Service::described(const broker::Profile& profile, const Slot* slot) const {
  json::Object out{{"profile", profile.name.text}, {"provider", profile.dialect->traits().name}};
  const bool known = slot != nullptr && slot->entry;
  const auto clocks = broker::clocks_of(profile, known ? *slot->entry : broker::Entry{}, now());
  out.add("logged_in", known && !slot->entry->access_token.empty());
  out.add("access", broker::described(clocks.access_until, now()));
  out.add("human", broker::described(profile, clocks.human, now()));
  std::optional<Instant> at;
  if (known && slot->asked)
    at = renew_at(*slot->entry, slot->means, {config_->agent.refresh_ahead, slot->need},
                  slot->tries, spread_of(profile.name, slot->entry->generation), now());
  out.add("renews", broker::described(at, now()));
  const bool failed = slot != nullptr && slot->failed;
  out.add("failed", failed ? json::Value(latchkey::name_of(*slot->failed)) : json::Value());
  return out;
}

json::Object Service::status() {
  look_at_config();
  json::Object vault{{"state", locked_                     ? "locked"
                               : state_ == State::kOpen    ? "open"
                               : state_ == State::kOpening ? "opening"
                                                           : "closed"}};
  const bool open = state_ == State::kOpen && watch_;
  vault.add("path", open ? json::Value(watch_->path()) : json::Value());
  vault.add("protected_by", open ? json::Value(watch_->protected_by()) : json::Value());
  const bool why = state_ == State::kClosed && !closed_because_.say.empty();
  vault.add("why", why       ? json::Value(closed_because_.say)
                   : config_ ? json::Value()
                             : json::Value(config_error_.say));
  json::Array profiles;
  if (config_) {
    for (const auto& [name, profile] : config_->profiles) {
      const auto slot = slots_.find(name);
      profiles.push_back(described(profile, slot == slots_.end() ? nullptr : &slot->second));
    }
  }
  return {{"vault", std::move(vault)}, {"profiles", std::move(profiles)}};
}

}  // namespace latchkey::agent
