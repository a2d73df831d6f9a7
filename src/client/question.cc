#include "client/question.h"

namespace latchkey::client {

Failure failure_of(const Error& error) {
  return {exit_code(error.why), error.say.empty() ? name_of(error.why) : error.say,
          error.retry_after};
}

bool Question::answer(Outcome outcome) {
  Then then;
  {
    const std::scoped_lock lock(mutex_);
    if (answered_.exchange(true, std::memory_order_acq_rel)) return false;
    then = std::move(then_);
    then_ = nullptr;
    if (!then) outcome_ = std::move(outcome);
    changed_.notify_all();
  }
  if (then) then(std::move(outcome));
  return true;
}

std::optional<Outcome> Question::wait() {
  std::unique_lock lock(mutex_);
  while (!outcome_ && !deadline_.is_over()) changed_.wait_for(lock, deadline_.left());
  if (!outcome_) return std::nullopt;
  auto taken = std::move(outcome_);
  outcome_.reset();
  return taken;
}

}  // namespace latchkey::client
