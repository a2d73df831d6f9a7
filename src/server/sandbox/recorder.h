#pragma once

#include <deque>
#include <mutex>

#include "base/json.h"
#include "server/served.h"

namespace latchkey::server {

/// The last requests that the sandbox served, without secrets. Thread-safe.
class Recorder {
 public:
  static constexpr std::size_t kMost = 10'000;

  void add(const Served& served);
  /// The newest `most`, oldest first.
  json::Array last(std::size_t most) const;

 private:
  mutable std::mutex mutex_;
  std::deque<Served> kept_;
};

}  // namespace latchkey::server
