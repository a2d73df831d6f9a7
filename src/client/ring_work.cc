// What the crew of a ring does: reading the vault, and what needs a provider.

#include "broker/clocks.h"
#include "client/ring.h"

namespace latchkey::client {
namespace {

/// Where commits of others cannot be seen in memory, the vault is asked this often.
constexpr Seconds kBlindRecheck{1};

bool no_vault(const Error& error) { return error.why == Why::kNotFound; }

template <class T>
Outcome outcome_of(Result<T> result) {
  if (!result) return std::unexpected(failure_of(result.error()));
  return std::move(*result);
}

}  // namespace

Issued::Trust Ring::trust_now(const broker::Vault& vault, const broker::VaultMark& mark) const {
  const auto watch = vault.watch();
  const Instant now = clock_->now();
  return {watch, mark, now, now + (watch.blind() ? kBlindRecheck : options_.recheck)};
}

void Ring::publish(Desk& desk, std::int64_t generation, Ref<Issued> issued) {
  const std::scoped_lock lock(desk.publishing);
  if (generation < desk.newest) return;  // read before what is there already
  desk.newest = generation;
  desk.memory.put(std::move(issued));
}

Result<> Ring::reload(Bench& bench, Desk& desk) {
  auto* vault = TRY(bench.vault(false));
  auto* broker = TRY(bench.broker(false));
  // The mark first: what is committed after it makes the memory's answer void.
  const auto mark = vault->watch().mark();
  const auto entry = TRY(vault->load(desk.profile.name));
  if (!entry || entry->access_token.empty()) {
    const std::scoped_lock lock(desk.publishing);
    desk.newest = entry ? entry->generation : 0;
    desk.memory.put({});
    return {};
  }
  auto headers = TRY(broker->headers_of(desk.profile, entry->access_token));
  publish(desk, entry->generation,
          Ref<Issued>(new Issued(entry->access_token, entry->access_until, std::move(headers), {},
                                 trust_now(*vault, mark))));
  return {};
}

Result<Answer> Ring::status(Bench& bench, const Desk& desk) {
  broker::Entry entry;
  auto vault = bench.vault(false);
  if (!vault && !no_vault(vault.error())) return fail(vault.error());
  if (vault) {
    auto kept = TRY((*vault)->load(desk.profile.name));
    entry = std::move(kept).value_or(broker::Entry{});
  }
  const Instant now = clock_->now();
  Answer answer;
  const auto clocks = broker::clocks_of(desk.profile, entry, now);
  const auto duty = clocks.human ? clocks.human->duty : broker::Duty::kLogIn;
  answer.status = {
      .logged_in = !entry.access_token.empty(),
      .alive = broker::alive(entry.access_token, entry.access_until, now),
      .access_until = entry.access_token.empty() ? from_epoch(0) : entry.access_until,
      .refresh_until = entry.refresh_token.empty() ? from_epoch(0) : entry.refresh_until,
      .human_action = clocks.human ? std::optional(clocks.human->at) : std::nullopt,
      .remedy = broker::remedy(desk.profile, duty)};
  return answer;
}

void Ring::look(Bench& bench, const Lane::Batch& batch) {
  for (const auto& question : batch) {
    if (question->answered()) continue;
    Desk& desk = *question->asked().desk;
    if (question->asked().kind == Question::Kind::kStatus) {
      question->answer(outcome_of(status(bench, desk)));
      continue;
    }
    const long long need = question->asked().need.count();
    auto known = recall(desk, need);
    if (!known) {
      const auto read = reload(bench, desk);
      if (!read && !no_vault(read.error())) {
        if (read.error().why == Why::kStore) passphrase_.forget();
        question->answer(std::unexpected(failure_of(read.error())));
        continue;
      }
      known = recall(desk, need);
    }
    if (known) question->answer(Answer{std::move(known), {}});
    else crew_.ask(desk.renewals, question);
  }
}

void Ring::renew(Bench& bench, const Lane::Batch& batch) {
  // Who waited together gets one attempt: nobody asks a provider that failed a moment
  // ago once more for each thread.
  std::optional<Outcome> last;
  Seconds tried{0};
  for (const auto& question : batch) {
    if (question->answered()) continue;
    const auto& asked = question->asked();
    const bool token = asked.kind == Question::Kind::kToken;
    if (crew_.stopping()) {
      cancel(question);
    } else if (auto known = token ? recall(*asked.desk, asked.need.count()) : Ref<Issued>()) {
      question->answer(Answer{std::move(known), {}});
    } else if (token && last && asked.need >= tried) {
      question->answer(*last);
    } else {
      auto outcome = work(bench, *question);
      if (!outcome && outcome.error().code == kStoreBroken) passphrase_.forget();
      if (token) {
        last = outcome;
        tried = asked.need;
      }
      question->answer(std::move(outcome));
    }
  }
}

Outcome Ring::work(Bench& bench, const Question& question) {
  Desk& desk = *question.asked().desk;
  if (question.asked().kind == Question::Kind::kInvalidate)
    return outcome_of(invalidate(bench, desk, question.asked().refused));
  return outcome_of(obtain(bench, desk, question.asked()));
}

Result<Answer> Ring::obtain(Bench& bench, Desk& desk, const Question::Asked& asked) {
  auto* broker = TRY(bench.broker(true));
  // Renewed by this ring since it was asked: that is what it asked for.
  const bool force =
      asked.kind == Question::Kind::kRefresh && desk.renewed.load() == asked.renewals;
  auto handed =
      TRY(force ? broker->refresh(desk.profile) : broker->token(desk.profile, asked.need));
  if (const auto before = desk.memory.take(); force || (before && !before->is(handed.token)))
    ++desk.renewed;
  auto* vault = TRY(bench.vault(true));
  const auto mark = vault->watch().mark();
  const auto entry = TRY(vault->load(desk.profile.name));
  auto headers = TRY(broker->headers_of(desk.profile, handed.token));
  Ref<Issued> issued(
      new Issued(handed.token, handed.until, std::move(headers), {}, trust_now(*vault, mark)));
  if (entry && entry->access_token == handed.token) publish(desk, entry->generation, issued);
  if (!handed.warning.empty()) issued = Issued::warned(*issued, std::move(handed.warning));
  return Answer{std::move(issued), {}};
}

Result<Answer> Ring::invalidate(Bench& bench, Desk& desk, const Secret& refused) {
  auto* broker = TRY(bench.broker(true));
  TRY(broker->bury(desk.profile, refused));
  TRY(reload(bench, desk));
  return Answer{};
}

}  // namespace latchkey::client
