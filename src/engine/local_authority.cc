#include "engine/local_authority.h"

namespace latchkey::engine {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

}  // namespace

LocalAuthority::LocalAuthority(Realm realm, Policy policy, Store& store, const Keys& keys,
                               std::optional<Signer> signer, Messages messages, Listener listener,
                               crypto::PasswordCost cost)
    : realm_(std::move(realm)),
      policy_(std::move(policy)),
      store_(store),
      keys_(keys),
      signer_(std::move(signer)),
      messages_(std::move(messages)),
      listener_(std::move(listener)),
      cost_(cost),
      auth_throttle_(pace_of_interval(policy_.auth_interval)),
      flood_throttle_(pace_per_second(policy_.flood_per_second)) {}

Result<Outcome> LocalAuthority::perform(const Operation& operation, Instant now) {
  if (policy_.standard.on) TRY(take_proofs(operation, now));
  return std::visit(
      Overloaded{
          [&](const RequestOtp& asked) { return request_otp(asked, now); },
          [&](const Login& asked) { return login(asked, now); },
          [&](const Authorize&) -> Result<Outcome> {
            return fail(Why::kUnsupported, "log in with a browser");
          },
          [&](const Exchange& asked) { return exchange(asked, now); },
          [&](const Delegate& asked) { return delegate(asked, now); },
          [&](const Refresh& asked) { return refresh(asked, now); },
          [&](const Validate& asked) { return validate(asked, now); },
          [&](const Revoke& asked) { return revoke(asked, now); },
          [&](const Use& asked) { return use(asked, now); },
          [&](const ListOrganizations& asked) { return list_organizations(asked, now); },
          [&](const ListOperators& asked) { return list_operators(asked, now); },
          [&](const SynchronizeOperators& asked) { return synchronize(asked, now); },
          [&](const SetOperatorStatus& asked) { return set_status(asked, now); },
          [&](const auto&) { return perform_standard(operation, now); },
      },
      operation);
}

// What only standard OAuth 2 has: no other realm knows it.
Result<Outcome> LocalAuthority::perform_standard(const Operation& operation, Instant now) {
  const auto unknown = [&](const auto&) -> Result<Outcome> {
    return fail(Why::kUnsupported, "no such operation here", name_of(operation));
  };
  if (!policy_.standard.on) return unknown(operation);
  return std::visit(
      Overloaded{
          [&](const ClientCredentials& asked) { return client_credentials(asked, now); },
          [&](const Introspect& asked) { return introspect(asked, now); },
          [&](const UserInfo& asked) { return user_info(asked, now); },
          [&](const AuthorizeDevice& asked) { return authorize_device(asked, now); },
          [&](const PollDevice& asked) { return poll_device(asked, now); },
          [&](const ExchangeToken& asked) { return exchange_token(asked, now); },
          [&](const PushAuthorization& asked) { return push_authorization(asked, now); },
          [&](const RegisterClient& asked) { return register_client(asked, now); },
          unknown,
      },
      operation);
}

bool LocalAuthority::can_begin(const Operation& operation) {
  // A signed statement is used up first, and that waits for the disk.
  const auto* refresh = std::get_if<Refresh>(&operation);
  return refresh != nullptr && !refresh->dpop && !refresh->client.assertion;
}

Result<Begun> LocalAuthority::begin(const Operation& operation, Instant now) {
  const auto* refresh = std::get_if<Refresh>(&operation);
  if (refresh == nullptr) return fail(Why::kBug, "", "an operation that cannot be begun");
  return begin_refresh(*refresh, now);
}

Result<> LocalAuthority::pace(std::string_view account, Instant now) {
  const Ruling ruling = auth_throttle_.take(account, now);
  if (ruling.allowed) return {};
  return fail(Error{Why::kTooMany, "slow down", {}, ruling.retry_after});
}

void LocalAuthority::tell(Instant at, std::string_view what, const Grant& grant,
                          std::string_view detail) const {
  if (!listener_) return;
  listener_(
      {at, std::string(what), realm_, grant.client, grant.subject, grant.id, std::string(detail)});
}

void LocalAuthority::tell(Instant at, std::string_view what, const ClientId& client,
                          const SubjectId& subject, std::string_view detail) const {
  if (!listener_) return;
  listener_({at, std::string(what), realm_, client, subject, {}, std::string(detail)});
}

bool is_slow(const Policy& policy, const Operation& operation) {
  const bool by_password = policy.login == LoginKind::kPassword || policy.login == LoginKind::kBoth;
  return by_password && std::holds_alternative<Login>(operation);
}

}  // namespace latchkey::engine
