#include "dialects/oauth2/endpoints.h"

namespace latchkey::dialects::oauth2 {
namespace {

struct EndpointOf {
  Endpoint operator()(const engine::Authorize&) const {
    return {"authorization_endpoint", &Provider::authorize};
  }
  Endpoint operator()(const engine::PushAuthorization&) const {
    return {"pushed_authorization_request_endpoint", &Provider::push};
  }
  Endpoint operator()(const engine::Exchange&) const { return token(); }
  Endpoint operator()(const engine::Refresh&) const { return token(); }
  Endpoint operator()(const engine::ClientCredentials&) const { return token(); }
  Endpoint operator()(const engine::PollDevice&) const { return token(); }
  Endpoint operator()(const engine::ExchangeToken&) const { return token(); }
  Endpoint operator()(const engine::AuthorizeDevice&) const {
    return {"device_authorization_endpoint", &Provider::device};
  }
  Endpoint operator()(const engine::Revoke&) const {
    return {"revocation_endpoint", &Provider::revoke};
  }
  Endpoint operator()(const engine::Introspect&) const {
    return {"introspection_endpoint", &Provider::introspect};
  }
  Endpoint operator()(const engine::UserInfo&) const {
    return {"userinfo_endpoint", &Provider::userinfo};
  }
  template <class Other>
  Endpoint operator()(const Other&) const {
    return {};
  }

 private:
  static Endpoint token() { return {"token_endpoint", &Provider::token}; }
};

}  // namespace

Endpoint endpoint_of(const engine::Operation& operation) {
  return std::visit(EndpointOf{}, operation);
}

}  // namespace latchkey::dialects::oauth2
