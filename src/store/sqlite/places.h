#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "engine/directory.h"

namespace latchkey::store {

/// A family's row, and what a new token may lengthen.
struct FamilyPlace {
  GrantId id;
  std::int64_t number;
  Instant until;
  Instant used;
};

/// Where the families of the refresh tokens stand that were written last, so that spending one
/// need not ask first. It is a hint: what was undone, swept, revoked or replaced since stays in
/// it, so whoever follows it asks in the same statement whether the token is there and lives. Ends
/// may be older than the row's, never newer: a row's only rise. Bounded; one thread's.
class Places {
 public:
  /// The most of a generation; twice as many for a moment.
  static constexpr std::size_t kMost = 4096;

  std::optional<FamilyPlace> find(const engine::Hash&) const;
  void put(const engine::Hash&, const FamilyPlace&);

 private:
  std::unordered_map<std::string, FamilyPlace> young_, old_;
};

}  // namespace latchkey::store
