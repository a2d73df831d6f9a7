#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "base/exit_code.h"
#include "broker/deadline.h"
#include "client/issued.h"

namespace latchkey::client {

/// The code of what was cancelled: that of a program that was interrupted.
inline constexpr int kCancelled = 130;

/// Why there is no answer, as callers outside of this house see it.
struct Failure {
  int code = kNotUnderstood;
  std::string say = {};
  Seconds retry_after{0};
};
Failure failure_of(const Error& error);

/// The two clocks of a profile.
struct Status {
  bool logged_in = false;
  bool alive = false;
  std::optional<Instant> access_until = {};
  std::optional<Instant> refresh_until = {};
  std::optional<Instant> human_action = {};
  std::string remedy = {};
};

struct Answer {
  Ref<Issued> token = {};
  Status status = {};
};
using Outcome = std::expected<Answer, Failure>;

struct Desk;

/// One question about one profile. It has exactly one outcome: an answer, its
/// deadline, or somebody's cancelling; what comes later is dropped. Safe from any thread.
class Question {
 public:
  enum class Kind { kToken, kRefresh, kInvalidate, kStatus };
  struct Asked {
    Kind kind = Kind::kToken;
    Desk* desk = nullptr;
    Seconds need{0};
    std::chrono::milliseconds patience{0};
    Secret refused = {};         ///< of kInvalidate
    std::uint64_t renewals = 0;  ///< of the desk, when this was asked
  };
  /// Called at most once, with the outcome, on the thread that brings it.
  using Then = std::function<void(Outcome)>;

  explicit Question(Asked asked, Then then = {})
      : asked_(std::move(asked)), deadline_(asked_.patience), then_(std::move(then)) {}

  const Asked& asked() const { return asked_; }
  const broker::Deadline& deadline() const { return deadline_; }
  bool answered() const { return answered_.load(std::memory_order_acquire); }
  /// False when there was an outcome already.
  bool answer(Outcome outcome);
  /// The outcome; nullopt when there is none by the deadline.
  std::optional<Outcome> wait();

 private:
  const Asked asked_;
  const broker::Deadline deadline_;
  Then then_;
  std::atomic<bool> answered_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Outcome> outcome_;
};
using QuestionPtr = std::shared_ptr<Question>;

}  // namespace latchkey::client
