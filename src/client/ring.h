#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "client/callbacks.h"

namespace latchkey::client {

struct RingOptions {
  std::string config = {};  ///< as of broker::KeyRing
  broker::AskPassphrase ask = {};
  std::chrono::milliseconds timeout{60'000};  ///< of questions that name none
  Seconds recheck{10};                        ///< how long memory is trusted about the vault's file
  const Clock* clock = nullptr;               ///< for memory; null: the world's
};

/// How often this process became the child of a fork since the library was loaded.
extern std::atomic<std::uint64_t> forks;
inline std::uint64_t fork_count() { return forks.load(std::memory_order_relaxed); }

/// One profile of the configuration, and what is in memory of it.
struct Desk {
  broker::Profile profile;
  Slot<Issued> memory;
  Lane renewals;
  std::atomic<std::uint64_t> renewed{0};  ///< counts renewals by this ring
  std::mutex publishing;
  std::int64_t newest = 0;  ///< the generation that memory comes from
};

/// The passphrase of a vault, while a ring is open: each thread of its crew opens the
/// vault for itself, and a person is asked once.
class Passphrase {
 public:
  Result<Secret> ask(const broker::AskPassphrase& person, bool is_new);
  /// It may have been the wrong one.
  void forget();

 private:
  std::mutex mutex_;
  Secret known_;
};

/// A key ring for a program of many threads. A token that lives comes from memory; the
/// rest is done by a crew: one lane reads the vault, and each profile has one for what
/// needs its provider. Safe from any thread, but for the destructor.
class Ring {
 public:
  /// Reads the configuration. `registry`, and what `world` and `options` point at, must
  /// outlive it.
  static Result<std::unique_ptr<Ring>> open(const dialect::Registry& registry, broker::World world,
                                            RingOptions options);
  /// Cancels what waits, makes the last calls back, and waits for what is under way.
  ~Ring();

  /// kUnknownName as a failure, listing what there is, when nullptr.
  Desk* find(std::string_view profile) const;
  Failure unknown(std::string_view profile) const;

  /// From memory alone; null when it is not there.
  Ref<Issued> recall(const Desk& desk, long long need) const {
    Ref<Issued> kept = desk.memory.take();
    if (kept && kept->serves(clock_->now(), need)) return kept;
    return {};
  }
  /// What a question of a negative need or patience means.
  Seconds need_of(const Desk& desk, long long need) const;
  std::chrono::milliseconds patience_of(long long milliseconds) const;

  /// Asks, and waits for the outcome, no longer than it may; with no patience at all,
  /// memory is all that there is.
  Outcome ask(Question::Asked asked);
  /// Asks, and gives the outcome to `then` on the thread of callbacks. nullptr when
  /// there can be no such thread.
  QuestionPtr ask_later(Question::Asked asked, Question::Then then);
  /// True on the thread of callbacks.
  bool in_callback() const { return callbacks_.is_this_thread(); }
  /// In which process it was opened: fork_count() then.
  std::uint64_t home() const { return home_; }

 private:
  Ring(const dialect::Registry& registry, broker::World world, RingOptions options,
       const broker::Config& config);
  std::unique_ptr<broker::KeyRing> key_ring();
  Lane& lane_of(const Question& question);

  // On the thread of the vault's lane.
  void look(Bench& bench, const Lane::Batch& batch);
  Result<Answer> status(Bench& bench, const Desk& desk);
  /// Brings memory up to what the vault has.
  Result<> reload(Bench& bench, Desk& desk);

  // On the thread of the desk's lane.
  void renew(Bench& bench, const Lane::Batch& batch);
  Outcome work(Bench& bench, const Question& question);
  Result<Answer> obtain(Bench& bench, Desk& desk, const Question::Asked& asked);
  Result<Answer> invalidate(Bench& bench, Desk& desk, const Secret& refused);

  void publish(Desk& desk, std::int64_t generation, Ref<Issued> issued);
  Issued::Trust trust_now(const broker::Vault& vault, const broker::VaultMark& mark) const;
  /// When the time of a question is over.
  Outcome late(const Question::Asked& asked) const;

  const std::uint64_t home_;
  const dialect::Registry& registry_;
  const broker::World world_;
  const RingOptions options_;
  const broker::Config config_;
  const Clock* clock_;
  Passphrase passphrase_;
  std::vector<std::unique_ptr<Desk>> desks_;
  std::vector<Desk*> table_;  ///< by hash of the name; a power of two, at most half full
  Lane vault_lane_;
  Crew crew_;
  Callbacks callbacks_;
};

/// Ends it with kCancelled, unless it has its outcome.
void cancel(const QuestionPtr& question);

}  // namespace latchkey::client
