#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "broker/key_ring.h"
#include "client/question.h"

namespace latchkey::client {

/// One thread's own key ring. Opens the vault anew when another file has taken its place.
class Bench {
 public:
  using Make = std::function<std::unique_ptr<broker::KeyRing>()>;
  /// Keeps a key ring whose vault was replaced: what watches it may still be read.
  using Retire = std::function<void(std::unique_ptr<broker::KeyRing>)>;

  Bench(Make make, Retire retire) : make_(std::move(make)), retire_(std::move(retire)) {}
  Result<broker::Vault*> vault(bool create);
  Result<broker::Broker*> broker(bool create);
  /// For when the thread ends.
  std::unique_ptr<broker::KeyRing> leave() { return std::move(ring_); }

 private:
  bool replaced() const;
  broker::KeyRing& ring();

  Make make_;
  Retire retire_;
  std::unique_ptr<broker::KeyRing> ring_;
  std::uint64_t device_ = 0;
  std::uint64_t file_ = 0;
};

/// Questions that are worked on one after the other. What waits together is given
/// to `work` together.
struct Lane {
  using Batch = std::deque<QuestionPtr>;
  std::function<void(Bench&, const Batch&)> work;
  Batch waiting = {};  ///< guarded by the crew
  bool busy = false;   ///< guarded by the crew
};

/// The threads of a ring. As many as lanes have had work at one time, so that a lane
/// whose provider does not answer delays no other. They block all signals. A thread
/// that cannot be started is a failure of the question, unless another thread is free.
class Crew {
 public:
  explicit Crew(Bench::Make make);
  ~Crew() { stop(); }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  /// `lane` must live until stop().
  void ask(Lane& lane, QuestionPtr question);
  /// Cancels what waits, and waits for what is being worked on. What is asked later
  /// is cancelled.
  void stop();
  bool stopping() const { return stopping_; }

 private:
  void run();
  void work_off(Bench& bench, Lane& lane, std::unique_lock<std::mutex>& lock);
  bool start_one();

  const Bench::Make make_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Lane*> ready_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  std::atomic<bool> stopping_ = false;
  std::vector<std::unique_ptr<broker::KeyRing>> retired_;
};

/// A thread that blocks all signals; throws std::system_error as std::thread does.
std::thread quiet_thread(std::function<void()> body);

}  // namespace latchkey::client
