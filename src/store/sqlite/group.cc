#include "store/sqlite/group.h"

#include <algorithm>

namespace latchkey::store {

/// A ticket that nobody stands behind owns what it needs.
struct Group::Later final : Ticket {
  Later(Work asked, Done done) : Ticket(owned), owned(std::move(asked)) { done_ = std::move(done); }
  const Work owned;
};

namespace {

Result<> outcome_of(Ticket& ticket) {
  if (!ticket.thrown) return std::move(ticket.result);
  try {
    std::rethrow_exception(ticket.thrown);
  } catch (const std::exception& e) {
    return fail(Why::kBug, "", e.what());
  } catch (...) {
    return fail(Why::kBug, "", "an exception that is none of the library's");
  }
}

}  // namespace

Group::~Group() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  absent_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Group::serve(Ticket& mine) {
  std::unique_lock lock(mutex_);
  queue_.push_back(&mine);
  mine.wake_.wait(lock, [&] { return mine.answered_ || queue_.front() == &mine; });
  if (!mine.answered_) lead_some(lock);
}

void Group::serve_later(Work work, Done done) {
  auto later = std::make_unique<Later>(std::move(work), std::move(done));
  const std::lock_guard lock(mutex_);
  if (!thread_.joinable()) thread_ = std::thread([this] { lead_for_the_absent(); });
  queue_.push_back(later.release());
  if (queue_.size() == 1) absent_.notify_one();
}

void Group::lead_for_the_absent() {
  std::unique_lock lock(mutex_);
  for (;;) {
    absent_.wait(lock,
                 [&] { return queue_.empty() ? ends_ : static_cast<bool>(queue_.front()->done_); });
    if (queue_.empty()) return;
    lead_some(lock);
    lock.lock();
  }
}

// The leader's tickets stay in the queue until they are answered: as long as its own is in front,
// nobody else leads. Leaves the lock open.
void Group::lead_some(std::unique_lock<std::mutex>& lock) {
  const auto size = static_cast<std::ptrdiff_t>(std::min(queue_.size(), kMostTogether));
  const std::vector<Ticket*> together(queue_.begin(), queue_.begin() + size);
  lock.unlock();
  lead_(together);
  lock.lock();
  queue_.erase(queue_.begin(), queue_.begin() + size);
  std::vector<std::unique_ptr<Later>> absent;
  for (Ticket* each : together) {
    if (each->done_) {
      absent.emplace_back(static_cast<Later*>(each));
    } else {
      each->answered_ = true;
      each->wake_.notify_one();
    }
  }
  wake_front();
  lock.unlock();
  for (const auto& each : absent) each->done_(outcome_of(*each));
}

void Group::wake_front() {
  if (queue_.empty()) {
    if (ends_) absent_.notify_one();
  } else if (queue_.front()->done_) {
    absent_.notify_one();
  } else {
    queue_.front()->wake_.notify_one();
  }
}

}  // namespace latchkey::store
