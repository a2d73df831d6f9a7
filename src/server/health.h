#pragma once

#include <atomic>
#include <mutex>

#include "engine/store.h"
#include "http/message.h"

namespace latchkey::server {

/// GET /livez: the process answers. GET /readyz: a real write transaction is
/// committed, at most once a second whoever asks; 503 when it fails or while the
/// server drains. Thread-safe.
class Health {
 public:
  explicit Health(engine::Store& store) : store_(store) {}

  http::Response livez(const http::Request& request) const;
  http::Response readyz(const http::Request& request, Instant now);
  void set_draining() { draining_ = true; }

 private:
  bool can_write(Instant now);

  engine::Store& store_;
  std::atomic<bool> draining_{false};
  std::mutex mutex_;
  Instant asked_{};
  bool writable_ = false;
};

}  // namespace latchkey::server
