#pragma once

#include <mutex>

#include "net/signals.h"
#include "server/authority_service.h"

namespace latchkey::server {

/// Drains the service at SIGTERM or SIGINT, also when the signal comes before
/// there is a service; runs `reopen` at SIGHUP, if there is one. Make it before the
/// first thread.
class Stopper {
 public:
  explicit Stopper(std::function<void()> reopen = {})
      : signals_([this] { stop(); }, std::move(reopen)) {}

  /// Serves until a signal.
  void run(Service& service) {
    {
      std::scoped_lock lock(mutex_);
      service_ = &service;
      if (stopped_) service.drain();
    }
    service.run();
    std::scoped_lock lock(mutex_);
    service_ = nullptr;
  }

 private:
  void stop() {
    std::scoped_lock lock(mutex_);
    stopped_ = true;
    if (service_ != nullptr) service_->drain();
  }

  std::mutex mutex_;
  Service* service_ = nullptr;
  bool stopped_ = false;
  net::StopSignals signals_;
};

}  // namespace latchkey::server
