#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "engine/store.h"

namespace latchkey::server {

/// Deletes dead rows, a bounded number a tick, for as long as it lives.
class Sweeper {
 public:
  static constexpr std::chrono::seconds kEvery{20};
  static constexpr int kRows = 2000;     ///< a tick, in slices
  static constexpr int kSlice = 200;     ///< a transaction, so that nobody waits long
  static constexpr Seconds kKept{3600};  ///< how long the dead stay, for whoever looks into a case

  Sweeper(engine::Store& store, const Clock& clock);
  ~Sweeper();

 private:
  void run();
  void sweep();

  engine::Store& store_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace latchkey::server
