#include "client/ring.h"

#include <pthread.h>

namespace latchkey::client {

std::atomic<std::uint64_t> forks{0};

namespace {

constexpr std::chrono::milliseconds kLongestPatience{24ll * 3600 * 1000};

void count_forks() {
  static const int kRegistered =
      pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  static_cast<void>(kRegistered);
}

/// FNV-1a: names are short words, and nobody else chooses them.
std::size_t hash_of(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return static_cast<std::size_t>(hash ^ hash >> 32);
}

}  // namespace

Result<Secret> Passphrase::ask(const broker::AskPassphrase& person, bool is_new) {
  const std::scoped_lock lock(mutex_);
  if (known_.empty()) known_ = TRY(person(is_new));
  return known_;
}

void Passphrase::forget() {
  const std::scoped_lock lock(mutex_);
  known_ = Secret();
}

Result<std::unique_ptr<Ring>> Ring::open(const dialect::Registry& registry, broker::World world,
                                         RingOptions options) {
  count_forks();
  broker::KeyRing reader(registry, world, {.config = options.config});
  const auto* config = TRY(reader.config());
  return std::unique_ptr<Ring>(new Ring(registry, std::move(world), std::move(options), *config));
}

Ring::Ring(const dialect::Registry& registry, broker::World world, RingOptions options,
           const broker::Config& config)
    : home_(fork_count()),
      registry_(registry),
      world_(std::move(world)),
      options_(std::move(options)),
      config_(config),
      clock_(options_.clock != nullptr ? options_.clock : world_.clock),
      crew_([this] { return key_ring(); }),
      callbacks_([this](const Question& question) { return late(question.asked()); }) {
  vault_lane_.work = [this](Bench& bench, const Lane::Batch& batch) { look(bench, batch); };
  table_.resize(std::bit_ceil(2 * config_.profiles.size() + 1));
  for (const auto& [name, profile] : config_.profiles) {
    auto desk = std::make_unique<Desk>();
    desk->profile = profile;
    desk->renewals.work = [this](Bench& bench, const Lane::Batch& batch) { renew(bench, batch); };
    std::size_t at = hash_of(name.text) & (table_.size() - 1);
    while (table_[at] != nullptr) at = (at + 1) & (table_.size() - 1);
    table_[at] = desk.get();
    desks_.push_back(std::move(desk));
  }
}

Ring::~Ring() {
  crew_.stop();
  callbacks_.stop();
}

std::unique_ptr<broker::KeyRing> Ring::key_ring() {
  broker::AskPassphrase ask;
  if (options_.ask) ask = [this](bool is_new) { return passphrase_.ask(options_.ask, is_new); };
  return std::make_unique<broker::KeyRing>(
      registry_, world_,
      broker::KeyRing::Options{.config = options_.config, .ask = std::move(ask), .ready = config_});
}

Desk* Ring::find(std::string_view profile) const {
  for (std::size_t at = hash_of(profile);; ++at) {
    Desk* desk = table_[at & (table_.size() - 1)];
    if (desk == nullptr || desk->profile.name.text == profile) return desk;
  }
}

Failure Ring::unknown(std::string_view profile) const {
  return failure_of(broker::find_profile(config_, ProfileName(profile)).error());
}

Seconds Ring::need_of(const Desk& desk, long long need) const {
  return need < 0 ? desk.profile.live_for : Seconds{need};
}

std::chrono::milliseconds Ring::patience_of(long long milliseconds) const {
  if (milliseconds < 0) return options_.timeout;
  return std::min(std::chrono::milliseconds{milliseconds}, kLongestPatience);
}

Lane& Ring::lane_of(const Question& question) {
  switch (question.asked().kind) {
    case Question::Kind::kToken:
    case Question::Kind::kStatus: return vault_lane_;
    case Question::Kind::kRefresh:
    case Question::Kind::kInvalidate: break;
  }
  return question.asked().desk->renewals;
}

Outcome Ring::ask(Question::Asked asked) {
  if (asked.patience <= std::chrono::milliseconds{0}) return late(asked);
  asked.renewals = asked.desk->renewed.load();
  const auto question = std::make_shared<Question>(std::move(asked));
  crew_.ask(lane_of(*question), question);
  if (auto outcome = question->wait()) return std::move(*outcome);
  auto over = late(question->asked());
  if (question->answer(over)) return over;
  return std::move(*question->wait());  // it came in the last moment
}

QuestionPtr Ring::ask_later(Question::Asked asked, Question::Then then) {
  if (!callbacks_.start()) return nullptr;
  asked.renewals = asked.desk->renewed.load();
  auto known = recall(*asked.desk, asked.need.count());
  const bool waits = asked.patience > std::chrono::milliseconds{0};
  auto later = [this, then = std::move(then)](Outcome outcome) {
    callbacks_.post([then, outcome = std::move(outcome)] { then(outcome); });
  };
  const auto question = std::make_shared<Question>(std::move(asked), std::move(later));
  if (known) question->answer(Answer{std::move(known), {}});
  else if (!waits) question->answer(late(question->asked()));
  if (question->answered()) return question;
  callbacks_.watch(question);
  crew_.ask(lane_of(*question), question);
  return question;
}

void cancel(const QuestionPtr& question) {
  question->answer(std::unexpected(Failure{kCancelled, "cancelled", {}}));
}

Outcome Ring::late(const Question::Asked& asked) const {
  const Desk& desk = *asked.desk;
  const std::string& name = desk.profile.name.text;
  if (asked.kind == Question::Kind::kToken)
    if (const auto old = recall(desk, 0))
      return Answer{Issued::warned(*old, name + " was not renewed in time; this is the old token"),
                    {}};
  if (asked.patience <= std::chrono::milliseconds{0})
    return std::unexpected(Failure{kTryLater, name + " has no such token in memory", {}});
  return std::unexpected(
      Failure{kTryLater, name + " was not ready in time; try again, or allow more of it", {}});
}

}  // namespace latchkey::client
