#include "client/callbacks.h"

#include <system_error>

namespace latchkey::client {

bool Callbacks::start() {
  const std::scoped_lock lock(mutex_);
  if (thread_.joinable()) return true;
  if (stopping_) return false;
  try {
    thread_ = quiet_thread([this] { run(); });
    thread_id_ = thread_.get_id();
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

void Callbacks::watch(const QuestionPtr& question) {
  const std::scoped_lock lock(mutex_);
  if (watched_.size() >= tidy_at_) {
    std::erase_if(watched_, [](const QuestionPtr& one) { return one->answered(); });
    tidy_at_ = std::max(kTidyAt, 2 * watched_.size());
  }
  watched_.push_back(question);
  if (next_ && next_->left() <= question->deadline().left()) return;
  next_ = question->deadline();
  changed_.notify_one();
}

void Callbacks::post(std::function<void()> call) {
  const std::scoped_lock lock(mutex_);
  calls_.push_back(std::move(call));
  changed_.notify_one();
}

std::deque<QuestionPtr> Callbacks::overdue() {
  std::deque<QuestionPtr> over;
  std::vector<QuestionPtr> left;
  next_.reset();
  for (auto& question : watched_) {
    if (question->answered()) continue;
    if (question->deadline().is_over()) {
      over.push_back(std::move(question));
      continue;
    }
    if (!next_ || question->deadline().left() < next_->left()) next_ = question->deadline();
    left.push_back(std::move(question));
  }
  watched_.swap(left);
  return over;
}

void Callbacks::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (next_ && next_->is_over()) {
      const auto over = overdue();
      lock.unlock();
      for (const auto& question : over) question->answer(late_(*question));
      lock.lock();
    }
    if (!calls_.empty()) {
      const auto call = std::move(calls_.front());
      calls_.pop_front();
      lock.unlock();
      call();
      lock.lock();
    } else if (stopping_) {
      return;
    } else if (next_) {
      changed_.wait_for(lock, next_->left());
    } else {
      changed_.wait(lock);
    }
  }
}

void Callbacks::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace latchkey::client
