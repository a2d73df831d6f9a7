#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

namespace latchkey::server {

/// How many are inside, for whoever must not go before the last of them. Thread-safe.
class Count {
 public:
  /// One that is inside for as long as this lives.
  class Inside {
   public:
    explicit Inside(Count& count) : count_(&count) {}
    Inside(Inside&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
    Inside& operator=(Inside&&) = delete;
    ~Inside() {
      if (count_ != nullptr) count_->leave();
    }

   private:
    Count* count_;
  };

  Inside enter() {
    const std::scoped_lock lock(mutex_);
    ++inside_;
    return Inside(*this);
  }
  std::size_t inside() const {
    const std::scoped_lock lock(mutex_);
    return inside_;
  }
  void wait_for_none() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [this] { return inside_ == 0; });
  }

 private:
  // Told under the lock: who waits may end this as soon as it has it.
  void leave() {
    const std::scoped_lock lock(mutex_);
    if (--inside_ == 0) none_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable none_;
  std::size_t inside_ = 0;
};

}  // namespace latchkey::server
