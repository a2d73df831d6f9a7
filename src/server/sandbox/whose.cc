#include "server/sandbox/whose.h"

namespace latchkey::server {
namespace {

const Secret kNone;

struct TokenIn {
  const Secret& operator()(const engine::Exchange& asked) const { return asked.code; }
  const Secret& operator()(const engine::Delegate& asked) const { return asked.bearer; }
  const Secret& operator()(const engine::Refresh& asked) const { return asked.refresh_token; }
  const Secret& operator()(const engine::Validate& asked) const { return asked.token; }
  const Secret& operator()(const engine::Revoke& asked) const { return asked.token; }
  const Secret& operator()(const engine::Use& asked) const { return asked.bearer; }
  const Secret& operator()(const engine::ListOrganizations& asked) const { return asked.bearer; }
  const Secret& operator()(const engine::ListOperators& asked) const { return asked.bearer; }
  const Secret& operator()(const engine::SynchronizeOperators& asked) const { return asked.bearer; }
  const Secret& operator()(const engine::SetOperatorStatus& asked) const { return asked.bearer; }
  const Secret& operator()(const engine::Introspect& asked) const { return asked.token; }
  const Secret& operator()(const engine::PollDevice& asked) const { return asked.device_code; }
  const Secret& operator()(const engine::ExchangeToken& asked) const { return asked.subject_token; }
  const Secret& operator()(const engine::UserInfo& asked) const { return asked.bearer; }
  const Secret& operator()(const auto&) const { return kNone; }
};

struct SaysItIs {
  Whose operator()(const engine::RequestOtp& asked) const { return {.client = asked.client.id}; }
  Whose operator()(const engine::Login& asked) const {
    return {.client = asked.client.id, .subject = asked.user.login};
  }
  Whose operator()(const engine::Authorize& asked) const { return {.client = asked.client}; }
  Whose operator()(const engine::Exchange& asked) const { return {.client = asked.client.id}; }
  Whose operator()(const engine::Refresh& asked) const { return {.client = asked.client.id}; }
  Whose operator()(const engine::Revoke& asked) const { return {.client = asked.client.id}; }
  Whose operator()(const engine::ClientCredentials& asked) const {
    return {.client = asked.client.id};
  }
  Whose operator()(const engine::Introspect& asked) const { return {.client = asked.client.id}; }
  Whose operator()(const engine::AuthorizeDevice& asked) const {
    return {.client = asked.client.id};
  }
  Whose operator()(const engine::PollDevice& asked) const { return {.client = asked.client.id}; }
  Whose operator()(const engine::ExchangeToken& asked) const { return {.client = asked.client.id}; }
  Whose operator()(const engine::PushAuthorization& asked) const {
    return {.client = asked.client.id};
  }
  Whose operator()(const auto&) const { return {}; }
};

}  // namespace

const Secret& token_in(const engine::Operation& operation) {
  return std::visit(TokenIn{}, operation);
}

Whose whose_is(engine::Store& store, const engine::Keys& keys, const Realm& realm,
               const Secret& token) {
  if (token.empty()) return {};
  const auto held =
      store.read([&](engine::Tx& tx) { return tx.holding(realm, keys.token_hash(token)); });
  if (!held || !*held) return {};
  const engine::Grant& grant = (*held)->grant;
  return {grant.client, grant.subject, grant.id, grant.revoked.has_value()};
}

Whose whose_is(engine::Store& store, const engine::Keys& keys, const Realm& realm,
               const engine::Operation& operation) {
  const Whose says = std::visit(SaysItIs{}, operation);
  Whose found = whose_is(store, keys, realm, token_in(operation));
  if (found.client.empty()) found.client = says.client;
  if (found.subject.empty()) found.subject = says.subject;
  return found;
}

}  // namespace latchkey::server
