#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "engine/store.h"
#include "http/message.h"
#include "net/clock.h"

namespace latchkey::server {

/// GET /livez: the process answers. GET /readyz: a real write transaction was
/// committed within the deadline, one a second however many ask; 503 with Retry-After
/// when it was not, or while the server drains. Plain text. Thread-safe.
class Health {
 public:
  static constexpr std::chrono::milliseconds kDeadline{2000};

  explicit Health(engine::Store& store, std::chrono::milliseconds deadline = kDeadline);
  /// Waits for the transaction that is under way.
  ~Health();

  http::Response livez(const http::Request& request) const;
  /// Waits until the deadline at most, so not for a network thread.
  http::Response readyz(const http::Request& request, Instant now);
  /// What /readyz said last: waits for nothing.
  bool was_ready() const { return writable_ && !draining_; }
  void set_draining() { draining_ = true; }

 private:
  void run();
  Result<int> write(Instant now);
  bool can_write(Instant now);

  engine::Store& store_;
  const std::chrono::milliseconds deadline_;
  std::atomic<bool> draining_{false}, writable_{false};
  std::mutex mutex_;
  std::condition_variable wake_, written_;
  std::optional<Instant> wanted_;            ///< when somebody asked, not yet begun
  std::optional<net::Stopwatch> under_way_;  ///< since the transaction began
  std::optional<net::Stopwatch> done_;       ///< since the last one ended
  std::uint64_t count_ = 0;                  ///< transactions that ended
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace latchkey::server
