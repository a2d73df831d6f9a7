#include "agent/service.h"

#include <sys/stat.h>

#include <algorithm>

#include "agent/known.h"
#include "agent/service_slot.h"
#include "base/log.h"

namespace latchkey::agent {
namespace {

/// The service's thread looks into the vault and must not wait for a writer there.
constexpr std::chrono::milliseconds kNoPatience{0};
constexpr Seconds kReopenPause{5};
constexpr Seconds kOpeningPatience{10};

/// Another one when the file is another or was written.
Service::Stamp stamp_of(const std::string& path) {
  struct stat info{};
  if (stat(path.c_str(), &info) != 0) return {-1};
  return {
      static_cast<long long>(info.st_dev),         static_cast<long long>(info.st_ino),
      static_cast<long long>(info.st_size),        static_cast<long long>(info.st_mode),
      static_cast<long long>(info.st_mtim.tv_sec), static_cast<long long>(info.st_mtim.tv_nsec),
      static_cast<long long>(info.st_ctim.tv_sec), static_cast<long long>(info.st_ctim.tv_nsec)};
}

bool same_vault(const broker::VaultChoice& a, const broker::VaultChoice& b) {
  return a.key == b.key && a.path == b.path && a.key_file == b.key_file && a.askpass == b.askpass;
}

}  // namespace

Service::Service(Edges edges)
    : edges_(std::move(edges)),
      keys_(std::make_shared<Keys>(*edges_.registry, edges_.world, edges_.config)),
      config_path_(broker::KeyRing(*edges_.registry, edges_.world, {edges_.config, {}})
                       .config_path()
                       .value_or("")) {}
Service::~Service() = default;

const broker::Profile* Service::find(const ProfileName& name) const {
  if (!config_) return nullptr;
  const auto found = config_->profiles.find(name);
  return found == config_->profiles.end() ? nullptr : &found->second;
}

void Service::look_at_config() {
  const Stamp stamp = stamp_of(config_path_);
  if (stamp == config_stamp_) return;
  config_stamp_ = stamp;
  broker::KeyRing ring(*edges_.registry, edges_.world, {edges_.config, {}});
  auto read = ring.config();
  if (!read) {
    config_error_ = read.error();
    config_.reset();
    return close();
  }
  if (config_ && !same_vault(config_->vault, (*read)->vault)) close();
  config_ = **read;
  std::erase_if(slots_, [&](const auto& slot) { return find(slot.first) == nullptr; });
  for (auto& [name, slot] : slots_) {
    slot.version = -1;  // what may be done without a person, and the headers, may be others now
    slot.headers.clear();
  }
  seen_version_ = -1;
}

void Service::close() {
  keys_->close();
  watch_.reset();
  slots_.clear();
  seen_version_ = -1;
  state_ = State::kClosed;
  closed_because_ = {};
  ++round_;
  for (const auto& waiting : std::exchange(when_opened_, {}))
    waiting.reply(fail(Why::kUnavailable, kBusy));
}

void Service::lock() {
  close();
  locked_ = true;
}

void Service::unlock(std::optional<Secret> passphrase, std::function<void(Result<>)> reply) {
  look_at_config();
  if (state_ == State::kOpen) return reply({});
  if (state_ == State::kOpening) close();  // it may be waiting for what it was not given
  begin_opening(false, std::move(passphrase),
                [this, reply = std::move(reply)](const Result<>& done) {
                  // What is not there yet needs no lock; a wrong passphrase opens none.
                  if (done || done.error().why == Why::kNotFound) locked_ = false;
                  reply(done);
                });
}

void Service::begin_opening(bool create, std::optional<Secret> passphrase,
                            std::function<void(Result<>)> reply) {
  when_opened_.push_back({create, std::move(reply)});
  if (state_ == State::kOpening) return;
  state_ = State::kOpening;
  creating_ = create;
  closed_at_ = now();
  const auto secret = std::make_shared<std::optional<Secret>>(std::move(passphrase));
  crew_.add({.profile = "\n" + std::to_string(++round_),
             .provider = "\n",
             .work = [this, keys = keys_, post = edges_.post, create, secret, round = round_] {
               auto result = keys->open(create, std::move(*secret));
               post([this, round, result = std::move(result)] { opened(round, result); });
             }});
}

void Service::opened(std::uint64_t round, const Result<>& result) {
  if (round != round_) return;
  state_ = State::kClosed;
  Result<> done = result;
  if (done) {
    auto lent = keys_->lend(kNoPatience);
    if (lent) watch_ = std::move(*lent);
    else done = fail(lent.error());
  }
  if (done) state_ = State::kOpen;
  else closed_because_ = done.error();
  if (!done && done.error().why != Why::kNotFound)
    log::write(log::Level::kWarn, "vault_closed", {{"why", done.error().say}});
  const bool only_looked = !done && done.error().why == Why::kNotFound && !creating_;
  for (auto& waiting : std::exchange(when_opened_, {})) {
    if (only_looked && waiting.create) begin_opening(true, std::nullopt, std::move(waiting.reply));
    else waiting.reply(done);
  }
}

Result<Service::Slot*> Service::look(const broker::Profile& profile) {
  const std::int64_t version = TRY(watch_->version());
  Slot& slot = slots_[profile.name];
  if (slot.version == version) return &slot;
  auto entry = TRY(watch_->load(profile.name));
  learn(profile, slot, std::move(entry));
  slot.version = version;
  return &slot;
}

void Service::learn(const broker::Profile& profile, Slot& slot,
                    std::optional<broker::Entry> entry) {
  const bool is_first = slot.version < 0;
  if (!is_first && entry.has_value() == slot.entry.has_value() &&
      (!entry || entry->generation == slot.entry->generation))
    return;
  auto before = std::move(slot.entry);
  slot.entry.reset();
  slot.headers.clear();
  if (entry) {
    slot.means = broker::Broker::means_of(profile, *entry);
    slot.entry = known_part(*entry);
  }
  if (is_first) return;
  for (const What what :
       changes_between(before ? &*before : nullptr, slot.entry ? &*slot.entry : nullptr)) {
    if (what == What::kRotated) slot.begin_anew();
    tell(profile, slot, what);
  }
}

void Service::ask(const Question& question, Reply reply) {
  look_at_config();
  if (!config_) return reply(fail(config_error_));
  const auto* profile = find(question.profile);
  if (profile == nullptr)
    return reply(fail(broker::find_profile(*config_, question.profile).error()));
  if (locked_) return reply(fail(Why::kStore, "the agent is locked; run: latchkey agent unlock"));
  if (state_ == State::kOpen) return serve(*profile, question, std::move(reply));
  // Who was refused for want of a passphrase is not asked for it again by every caller.
  if (state_ == State::kClosed && closed_because_.why == Why::kPersonNeeded)
    return reply(fail(closed_because_));
  begin_opening(true, std::nullopt,
                [this, question, reply = std::move(reply)](const Result<>& done) {
                  if (!done) return reply(fail(done.error()));
                  ask(question, reply);
                });
}

void Service::serve(const broker::Profile& profile, const Question& question, Reply reply) {
  const Seconds need = question.need.value_or(profile.live_for);
  auto looked = look(profile);
  if (!looked) {
    if (looked.error().why == Why::kConflict) {
      close();  // another vault has taken its place: look at that one
      return ask(question, std::move(reply));
    }
    // The crew may wait for a busy vault, and words what is wrong with it.
    return wish_for(profile, slots_[profile.name], question, need, false, std::move(reply));
  }
  Slot& slot = **looked;
  slot.asked = true;
  slot.need = std::max(slot.need, need);
  // Not decide(): it may let one that is over pass, and the broker then says why.
  const bool lives = slot.entry && slot.entry->proof_key.empty() &&
                     broker::alive(slot.entry->access_token, slot.entry->access_until, now()) &&
                     (!slot.entry->access_until || *slot.entry->access_until - now() >= need);
  if (lives && (!question.headers || !slot.headers.empty()))
    return reply(Answer{slot.entry->access_token,
                        slot.entry->access_until,
                        question.headers ? slot.headers : decltype(slot.headers){},
                        {}});
  wish_for(profile, slot, question, need, false, std::move(reply));
}

void Service::tell(const broker::Profile& profile, const Slot& slot, What what,
                   std::optional<Error> error) {
  Event event{what, profile.name, now(), {}, std::move(error)};
  if (slot.entry) event.clocks = broker::clocks_of(profile, *slot.entry, now());
  edges_.tell(*config_, profile, event);
}

void Service::tick() {
  look_at_config();
  give_up_waiting();
  // Whoever opens the vault may be asking somebody: nobody else is to wait for that.
  if (state_ == State::kOpening && now() - closed_at_ >= kOpeningPatience)
    for (const auto& waiting : std::exchange(when_opened_, {}))
      waiting.reply(fail(Why::kUnavailable, kBusy));
  if (!config_ || locked_) return;
  const bool again = closed_because_.why == Why::kNotFound || closed_because_.say.empty();
  if (state_ == State::kClosed && again && now() - closed_at_ >= kReopenPause)
    return begin_opening(false, std::nullopt, [](const Result<>&) {});
  if (state_ != State::kOpen) return;
  const auto version = watch_->version();
  if (!version && version.error().why == Why::kConflict) return close();
  const bool changed = version && *version != seen_version_;
  for (const auto& [name, profile] : config_->profiles) {
    const auto looked = changed ? look(profile) : Result<Slot*>(&slots_[name]);
    if (!looked) continue;  // a damaged entry is told of to whoever asks for it
    renew_ahead(profile, **looked);
    remind(profile, **looked);
  }
  if (version) seen_version_ = *version;
}

void Service::remind(const broker::Profile& profile, Slot& slot) {
  if (!slot.entry) return;
  const auto clocks = broker::clocks_of(profile, *slot.entry, now());
  const Reminder is = reminder_of(*slot.entry, clocks, now(), config_->agent.remind);
  if (const auto news = news_of(slot.told, is)) tell(profile, slot, *news);
  slot.told = is;
}

void Service::stop() {
  locked_ = true;
  crew_.stop();
  close();
}

}  // namespace latchkey::agent
