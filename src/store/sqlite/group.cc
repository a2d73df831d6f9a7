#include "store/sqlite/group.h"

#include <algorithm>

namespace latchkey::store {

/// A caller that does not wait leaves all that its tickets need.
struct Absent {
  Absent(std::vector<Work> asked, Done hears) : works(std::move(asked)), done(std::move(hears)) {
    for (const Work& work : works) tickets.emplace_back(work);
  }
  const std::vector<Work> works;
  std::deque<Ticket> tickets;  // which do not move
  Done done;
  std::size_t answered = 0;
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

void tell(Absent& caller) {
  std::vector<Result<>> outcomes;
  outcomes.reserve(caller.tickets.size());
  for (Ticket& each : caller.tickets) outcomes.push_back(outcome_of(each));
  caller.done(std::move(outcomes));
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

void Group::serve_later(std::vector<Work> works, Done done) {
  if (works.empty()) return done({});
  auto caller = std::make_unique<Absent>(std::move(works), std::move(done));
  const std::lock_guard lock(mutex_);
  if (!thread_.joinable()) thread_ = std::thread([this] { lead_for_the_absent(); });
  const bool was_idle = queue_.empty();
  for (Ticket& each : caller->tickets) {
    each.absent_ = caller.get();
    queue_.push_back(&each);
  }
  caller.release();
  if (was_idle) absent_.notify_one();
}

void Group::lead_for_the_absent() {
  std::unique_lock lock(mutex_);
  for (;;) {
    absent_.wait(lock, [&] { return queue_.empty() ? ends_ : queue_.front()->absent_ != nullptr; });
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
  std::vector<std::unique_ptr<Absent>> answered;
  for (Ticket* each : together) {
    if (Absent* caller = each->absent_; caller != nullptr) {
      if (++caller->answered == caller->tickets.size()) answered.emplace_back(caller);
    } else {
      each->answered_ = true;
      each->wake_.notify_one();
    }
  }
  wake_front();
  lock.unlock();
  for (const auto& caller : answered) tell(*caller);
}

void Group::wake_front() {
  if (queue_.empty()) {
    if (ends_) absent_.notify_one();
  } else if (queue_.front()->absent_ != nullptr) {
    absent_.notify_one();
  } else {
    queue_.front()->wake_.notify_one();
  }
}

}  // namespace latchkey::store
