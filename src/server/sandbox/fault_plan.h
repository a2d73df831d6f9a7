#pragma once

#include <mutex>

#include "server/sandbox/fault.h"

namespace latchkey::server {

/// Decides which request is struck by which fault: by counting and by a generator
/// with a seed, so that the same requests in the same order are struck again.
/// Thread-safe.
///
/// Rules are tried in the order in which they came; the first that strikes is the
/// only one. A rule counts the requests that match it and that none before it has
/// struck; the n-th of them (from 0, behind those it skips) is struck when
///
///   mix(seed + (n + 1) * 0x9e3779b97f4a7c15) < probability * 2^64
///
/// with the finalizer of splitmix64 as `mix` (strikes_at).
class FaultPlan {
 public:
  static constexpr std::size_t kMostRules = 100;

  /// Its number, from 1. kConflict when there are kMostRules.
  Result<std::int64_t> add(FaultRule rule);
  /// The fault for a request of a client and a user (any may be empty), if any.
  std::optional<Fault> next(std::string_view system, std::string_view operation,
                            std::string_view client, std::string_view user);
  /// How many there were.
  std::size_t clear();

  struct State {
    std::int64_t number = 0;
    FaultRule rule = {};
    std::int64_t matched = 0;
    std::int64_t struck = 0;
  };
  std::vector<State> states() const;

 private:
  mutable std::mutex mutex_;
  std::vector<State> states_;
  std::int64_t last_ = 0;
};

bool strikes_at(std::uint64_t seed, double probability, std::uint64_t n);

}  // namespace latchkey::server
