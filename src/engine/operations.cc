#include "engine/operations.h"

namespace latchkey::engine {
namespace {

struct Namer {
  const char* operator()(const RequestOtp&) const { return "request_otp"; }
  const char* operator()(const Login&) const { return "login"; }
  const char* operator()(const Authorize&) const { return "authorize"; }
  const char* operator()(const Exchange&) const { return "exchange"; }
  const char* operator()(const Delegate&) const { return "delegate"; }
  const char* operator()(const Refresh&) const { return "refresh"; }
  const char* operator()(const Validate&) const { return "validate"; }
  const char* operator()(const Revoke&) const { return "revoke"; }
  const char* operator()(const Use&) const { return "use"; }
  const char* operator()(const ListOrganizations&) const { return "list_organizations"; }
  const char* operator()(const ListOperators&) const { return "list_operators"; }
  const char* operator()(const SynchronizeOperators&) const { return "synchronize_operators"; }
  const char* operator()(const SetOperatorStatus&) const { return "set_operator_status"; }
};

}  // namespace

const char* name_of(const Operation& operation) { return std::visit(Namer{}, operation); }

std::string attribute(const Attributes& attributes, std::string_view name) {
  for (const auto& [key, value] : attributes) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace latchkey::engine
