#pragma once

#include <functional>
#include <thread>

namespace latchkey::net {

/// Runs `stop` on a thread of its own at every SIGTERM or SIGINT, for as long as
/// it lives. Make it before any other thread: it blocks both signals in the
/// thread that makes it, and in all that this one starts. SIGPIPE and SIGXFSZ are ignored from
/// then on. With `reopen` SIGHUP is taken too, and runs that.
class StopSignals {
 public:
  explicit StopSignals(std::function<void()> stop, std::function<void()> reopen = {});
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;

 private:
  void wait();

  std::function<void()> stop_, reopen_;
  int closed_ = -1;  ///< an eventfd: this object is going
  int signals_ = -1;
  std::thread thread_;
};

}  // namespace latchkey::net
