#pragma once

#include <atomic>
#include <future>
#include <mutex>
#include <string>

#include "engine/epoch.h"
#include "engine/local_authority.h"

namespace latchkey::server {

/// The copy of a store's epoch that no restore brings back: the file "epoch" in the
/// state directory, beside the database. Several processes of one state directory may
/// use it at once. Thread-safe.
class EpochFile {
 public:
  EpochFile(engine::Store& store, std::string state_directory)
      : store_(store), directory_(std::move(state_directory)) {}

  /// Before a store is used. A store whose epoch is behind the copy, or that has one
  /// while there is no copy, is not the one that stood here last: everything in it is
  /// ended, and how much that was is the answer. nullopt: it is the same store.
  /// kStore when the file cannot be read or written; then nothing may be served.
  Result<std::optional<int>> check(Instant now);

  /// Durable in both places when it returns. What was acknowledged before is then known
  /// to be missing from every older copy of the store.
  Result<> raise();

  /// For `restore`, with a backup that is to become the store: ends everything in it,
  /// even if it is of the same epoch. How many families there were. The copy is written
  /// by check(), when that store stands in its place.
  Result<int> restored(Instant now);

 private:
  Result<std::int64_t> read() const;  ///< -1: there is no file
  Result<> write(std::int64_t epoch);

  engine::Store& store_;
  const std::string directory_;
};

/// Raises the epoch behind what an authority tells: after everything that must stay
/// ended (revoked, reuse, suspended), before whoever asked is answered; and once in
/// kEvery behind everything else, so that a store from before then is found out, while
/// nobody waits for that.
class EpochKeeper {
 public:
  static constexpr Seconds kEvery{60};

  explicit EpochKeeper(EpochFile& file) : file_(file) {}
  /// For engine::Listener. What cannot be written is logged: the store has it.
  void told(const engine::Event& event);
  /// Returns when nothing is being raised behind anybody's back.
  void settle();

 private:
  void raise();

  EpochFile& file_;

  std::atomic<std::int64_t> raised_{0};
  std::mutex mutex_;
  std::future<void> raising_;  ///< the last one that nobody waits for
};

}  // namespace latchkey::server
