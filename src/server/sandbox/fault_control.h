#pragma once

#include "server/sandbox/demo.h"
#include "server/sandbox/fault_plan.h"

namespace latchkey::server {

/// The control endpoint of the faults, beside Control and with its rules:
///
///   POST fault        a rule (read_fault_rule); answers with it, its number and its seed
///   GET  faults       every rule, with how many requests it matched and struck
///   POST fault/clear  no more faults
///
/// Thread-safe; all referents must outlive it.
class FaultControl {
 public:
  FaultControl(FaultPlan& plan, const std::vector<DemoRealm>& realms)
      : plan_(plan), realms_(realms) {}

  http::Response answer(const http::Request& request);

 private:
  Result<json::Value> dispatch(const http::Request& request);
  Result<json::Value> add(const json::Object& body);
  json::Value states() const;
  Result<> is_there(const FaultRule& rule) const;

  FaultPlan& plan_;
  const std::vector<DemoRealm>& realms_;
};

}  // namespace latchkey::server
