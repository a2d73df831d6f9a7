#pragma once

#include <atomic>
#include <mutex>

#include "engine/directory.h"
#include "store/sqlite/shelf.h"

namespace latchkey::store {

/// The numbers of token sets to come. Other processes make rows too: a number may be taken when its
/// row is made. Thread-safe.
class Numbers {
 public:
  /// Above those that were given out or skipped.
  std::int64_t next() { return ++last_; }
  /// There is a row of that number.
  void skip(std::int64_t taken) {
    std::int64_t last = last_;
    while (last < taken && !last_.compare_exchange_weak(last, taken)) {
    }
  }

 private:
  std::atomic<std::int64_t> last_{0};
};

/// A family's row, and what a new token may lengthen.
struct FamilyPlace {
  GrantId id;
  std::int64_t number;
  Instant until;
  Instant used;
};

/// A refresh token's row, and its family's.
struct TokenPlace {
  std::int64_t number;
  engine::Hash access;  ///< of the access token in its row; empty: there is none
  FamilyPlace family;
};

/// Where the refresh tokens stand that were written or found last, by their hash, so that spending
/// one need not ask first. It is a hint: what was undone, swept, revoked or replaced
/// since stays in it, so whoever follows it asks in the same statement whether the token is there
/// and lives. Ends may be older than the row's, never newer: a row's only rise. Thread-safe.
class Places {
 public:
  void put(const engine::Hash& token, TokenPlace place) {
    const std::lock_guard lock(mutex_);
    shelf_.put(token, std::move(place));
  }
  std::optional<TokenPlace> take(const engine::Hash& token) {
    const std::lock_guard lock(mutex_);
    return shelf_.take(token);
  }

 private:
  std::mutex mutex_;
  Shelf<engine::Hash, TokenPlace, 1024> shelf_;
};

}  // namespace latchkey::store
