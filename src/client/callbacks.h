#pragma once

#include <deque>

#include "client/crew.h"

namespace latchkey::client {

/// The one thread of a ring that calls back, and that ends questions without a
/// waiting thread at their deadline. It is started when it is first needed.
class Callbacks {
 public:
  using Late = std::function<Outcome(const Question&)>;
  /// `late` gives the outcome of a question whose time is over.
  explicit Callbacks(Late late) : late_(std::move(late)) {}
  ~Callbacks() { stop(); }
  Callbacks(const Callbacks&) = delete;
  Callbacks& operator=(const Callbacks&) = delete;

  /// Starts the thread; false when there can be none.
  bool start();
  /// Ends the question when its time is over.
  void watch(const QuestionPtr& question);
  /// Calls it on the thread.
  void post(std::function<void()> call);
  /// Makes the calls that were posted, and ends.
  void stop();
  bool is_this_thread() const { return thread_id_.load() == std::this_thread::get_id(); }

 private:
  static constexpr std::size_t kTidyAt = 64;
  void run();
  /// Those whose time is over; forgets the answered.
  std::deque<QuestionPtr> overdue();

  const Late late_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread thread_;
  std::atomic<std::thread::id> thread_id_{};
  std::deque<std::function<void()>> calls_;
  std::vector<QuestionPtr> watched_;
  std::size_t tidy_at_ = kTidyAt;         ///< as many of them are looked through for answered ones
  std::optional<broker::Deadline> next_;  ///< none of the watched is over before
  bool stopping_ = false;
};

}  // namespace latchkey::client
