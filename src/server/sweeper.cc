#include "server/sweeper.h"

#include "base/log.h"
#include "net/clock.h"

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
  std::chrono::milliseconds pause = kAllSwept;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, pause, [this] { return stopped_; })) {
    lock.unlock();
    pause = sweep();
    lock.lock();
  }
}

std::chrono::milliseconds Sweeper::sweep() {
  const net::Stopwatch watch;
  const auto done =
      store_.transact([&](engine::Tx& tx) { return tx.sweep(clock_.now() - kKept, kSlice); });
  if (!done) {
    log::write(log::Level::kWarn, "sweep_failed",
               {{"why", std::string_view(name_of(done.error().why))}, {"note", done.error().note}});
    return kAllSwept;
  }
  if (done->gone >= kSlice)
    return std::chrono::ceil<std::chrono::milliseconds>(kShare * watch.elapsed());
  return done->more ? kMoreToLookAt : kAllSwept;
}

}  // namespace latchkey::server
