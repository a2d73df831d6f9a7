#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "engine/store.h"

namespace latchkey::store {

class Known;
class Numbers;
class Places;
class Readers;
class Writer;

struct SqliteOptions {
  int readers = 4;                           ///< look-ups at the same time; at least 1
  std::chrono::milliseconds patience{5000};  ///< how long to wait for another process
};

/// An authority's store in one SQLite file (WAL, synchronous=FULL). What
/// transact() acknowledged survives a crash and a power cut. Other processes of
/// the same user may use the file at the same time. Thread-safe.
///
/// Errors: kUnavailable for what may pass (busy, full, unreachable disk), kStore
/// for a damaged file.
class SqliteStore final : public engine::Store {
 public:
  /// Opens the store at `path`, makes it if there is none, and brings an older
  /// schema up to date. kStore, and not a byte changed, when the file is unsafe
  /// (see safe_file.h), is not a store of ours, or has a newer schema.
  static Result<std::unique_ptr<SqliteStore>> open(const std::string& path,
                                                   const SqliteOptions& options = {});
  ~SqliteStore() override;

  std::int64_t next_number() override;

 protected:
  Result<> do_transact(const Work& work) override;
  Result<> do_read(const Work& work) override;
  void do_transact_later(std::vector<Work> works, Done done) override;

 private:
  SqliteStore(std::unique_ptr<Known> known, std::unique_ptr<Places> places,
              std::unique_ptr<Numbers> numbers, std::unique_ptr<Writer> writer,
              std::unique_ptr<Readers> readers);

  std::unique_ptr<Known> known_;
  std::unique_ptr<Places> places_;
  std::unique_ptr<Numbers> numbers_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Readers> readers_;
};

}  // namespace latchkey::store
