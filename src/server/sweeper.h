#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "engine/store.h"

namespace latchkey::server {

/// Deletes dead rows for as long as it lives, a slice at a time, as fast as they die. Ten million
/// grants are looked through in an hour.
class Sweeper {
 public:
  static constexpr int kSlice = 200;     ///< a transaction, so that nobody waits long
  static constexpr Seconds kKept{3600};  ///< how long the dead stay, for whoever looks into a case

  // How long it waits after a slice:
  static constexpr std::chrono::milliseconds kAllSwept{20'000};
  static constexpr std::chrono::milliseconds kMoreToLookAt{500};
  static constexpr int kShare = 4;  ///< when the slice was full: so many times what it took

  Sweeper(engine::Store& store, const Clock& clock);
  ~Sweeper();

 private:
  void run();
  /// One slice, and how long to wait then.
  std::chrono::milliseconds sweep();

  engine::Store& store_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace latchkey::server
