#include "store/sqlite/group.h"

#include <algorithm>
#include <vector>

namespace latchkey::store {

void Group::serve(Ticket& mine, const Lead& lead) {
  std::unique_lock lock(mutex_);
  queue_.push_back(&mine);
  mine.wake_.wait(lock, [&] { return mine.answered_ || queue_.front() == &mine; });
  if (mine.answered_) return;

  // The leader's tickets stay in the queue until they are answered: as long as
  // its own is in front, nobody else leads.
  const auto size = static_cast<std::ptrdiff_t>(std::min(queue_.size(), kMostTogether));
  const std::vector<Ticket*> together(queue_.begin(), queue_.begin() + size);
  lock.unlock();
  lead(together);
  lock.lock();
  queue_.erase(queue_.begin(), queue_.begin() + size);
  for (Ticket* each : together) {
    each->answered_ = true;
    if (each != &mine) each->wake_.notify_one();
  }
  if (!queue_.empty()) queue_.front()->wake_.notify_one();
}

}  // namespace latchkey::store
