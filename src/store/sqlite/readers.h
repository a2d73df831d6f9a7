#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

#include "store/sqlite/connection.h"
#include "store/sqlite/group.h"
#include "store/sqlite/known.h"
#include "store/sqlite/places.h"

namespace latchkey::store {

/// A few connections that only read, each on a snapshot of the last commit, so
/// that no reader waits for the writer. Opened when first needed; the snapshot is begun when
/// something is asked that is not known. Thread-safe.
class Readers {
 public:
  Readers(std::string path, int most, std::chrono::milliseconds patience, Known& known,
          Places& places)
      : path_(std::move(path)), most_(most), patience_(patience), known_(known), places_(places) {}

  /// Waits only while all connections are in use by other readers.
  Result<> read(const Work& work);

 private:
  Result<std::unique_ptr<Connection>> borrow();
  void give_back(std::unique_ptr<Connection> db);

  const std::string path_;
  const int most_;
  const std::chrono::milliseconds patience_;
  Known& known_;
  Places& places_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Connection>> idle_;
  int open_ = 0;
};

}  // namespace latchkey::store
