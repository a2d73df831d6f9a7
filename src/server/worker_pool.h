#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace latchkey::server {

/// A fixed number of threads behind a queue of a fixed length. Thread-safe.
class WorkerPool {
 public:
  using Job = std::move_only_function<void()>;

  WorkerPool(int threads, std::size_t queue);
  /// As stop().
  ~WorkerPool();

  /// Takes the job, to be run soon; false, and the job stays the caller's, when
  /// the queue is full or the pool was stopped. A job must not throw.
  bool offer(Job& job);
  /// Takes no more jobs; returns when all that were taken have run.
  void stop();
  /// Jobs that no thread has begun.
  std::size_t waiting() const;

 private:
  void work();

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace latchkey::server
