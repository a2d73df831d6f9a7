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
  const char* operator()(const ClientCredentials&) const { return "client_credentials"; }
  const char* operator()(const Introspect&) const { return "introspect"; }
  const char* operator()(const AuthorizeDevice&) const { return "authorize_device"; }
  const char* operator()(const PollDevice&) const { return "poll_device"; }
  const char* operator()(const ExchangeToken&) const { return "exchange_token"; }
  const char* operator()(const PushAuthorization&) const { return "push_authorization"; }
  const char* operator()(const RegisterClient&) const { return "register_client"; }
  const char* operator()(const UserInfo&) const { return "user_info"; }
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
