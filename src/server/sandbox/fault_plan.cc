#include "server/sandbox/fault_plan.h"

#include <cmath>

namespace latchkey::server {
namespace {

bool is_for(const FaultRule& rule, std::string_view system, std::string_view operation,
            std::string_view client, std::string_view user) {
  return (rule.system.empty() || rule.system == system) &&
         (rule.operation.empty() || rule.operation == operation) &&
         (rule.client.empty() || rule.client == client || rule.client == user);
}

/// Counts the request; whether it is struck.
bool take(FaultPlan::State& state) {
  const FaultRule& rule = state.rule;
  const std::int64_t n = state.matched++ - rule.skip;
  if (n < 0 || (rule.count && state.struck >= *rule.count)) return false;
  if (!strikes_at(rule.seed, rule.probability, static_cast<std::uint64_t>(n))) return false;
  ++state.struck;
  return true;
}

}  // namespace

bool strikes_at(std::uint64_t seed, double probability, std::uint64_t n) {
  if (probability >= 1) return true;
  std::uint64_t z = seed + (n + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  z ^= z >> 31;
  return z < static_cast<std::uint64_t>(std::ldexp(probability, 64));
}

Result<std::int64_t> FaultPlan::add(FaultRule rule) {
  std::scoped_lock lock(mutex_);
  if (states_.size() >= kMostRules)
    return fail(Why::kConflict, "there are enough faults already; clear them first");
  states_.push_back({.number = ++last_, .rule = std::move(rule)});
  return last_;
}

std::optional<Fault> FaultPlan::next(std::string_view system, std::string_view operation,
                                     std::string_view client, std::string_view user) {
  std::scoped_lock lock(mutex_);
  for (State& state : states_)
    if (is_for(state.rule, system, operation, client, user) && take(state)) return state.rule.fault;
  return std::nullopt;
}

std::size_t FaultPlan::clear() {
  std::scoped_lock lock(mutex_);
  return std::exchange(states_, {}).size();
}

std::vector<FaultPlan::State> FaultPlan::states() const {
  std::scoped_lock lock(mutex_);
  return states_;
}

}  // namespace latchkey::server
