#include "server/sweeper.h"

#include "base/log.h"

namespace latchkey::server {

Sweeper::Sweeper(engine::Store& store, const Clock& clock)
    : store_(store), clock_(clock), thread_([this] { run(); }) {}

Sweeper::~Sweeper() {
  {
    std::scoped_lock lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Sweeper::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kEvery, [this] { return stopped_; })) {
    lock.unlock();
    sweep();
    lock.lock();
  }
}

void Sweeper::sweep() {
  for (int gone = 0; gone < kRows;) {
    const auto done =
        store_.transact([&](engine::Tx& tx) { return tx.sweep(clock_.now() - kKept, kSlice); });
    if (!done) {
      log::write(
          log::Level::kWarn, "sweep_failed",
          {{"why", std::string_view(name_of(done.error().why))}, {"note", done.error().note}});
      return;
    }
    if (*done < kSlice) return;
    gone += *done;
  }
}

}  // namespace latchkey::server
