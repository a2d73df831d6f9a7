#pragma once

#include <mutex>
#include <vector>

#include "base/json.h"
#include "server/served.h"

namespace latchkey::server {

/// The last requests that the sandbox served, without secrets. Thread-safe. A ring: once it is
/// full, a record is written over the oldest one, into the memory that it has.
class Recorder {
 public:
  static constexpr std::size_t kMost = 10'000;

  void add(const Served& served);
  /// The newest `most`, oldest first.
  json::Array last(std::size_t most) const;

 private:
  mutable std::mutex mutex_;
  std::vector<Served> ring_;
  std::size_t oldest_ = 0;  ///< where the next record goes once the ring is full
};

}  // namespace latchkey::server
