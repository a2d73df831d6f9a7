#include "engine/local_authority.h"

namespace latchkey::engine {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

// A client's secret that is counted when it is wrong. A login and a refresh count by
// themselves.
template <class Asked>
const ClientKey* guarded_key(const Asked& asked) {
  constexpr bool kElsewhere = std::is_same_v<Asked, Login> || std::is_same_v<Asked, Refresh>;
  if constexpr (!kElsewhere && requires { asked.client.secret; }) return &asked.client;
  return nullptr;
}

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
      flood_throttle_(pace_per_second(policy_.flood_per_second)),
      client_throttle_(pace_per_second(policy_.client_flood_per_second)) {}

Result<Outcome> LocalAuthority::perform(const Operation& operation, Instant now) {
  return perform_for({}, operation, now);
}

Result<Outcome> LocalAuthority::perform_for(const Caller& caller, const Operation& operation,
                                            Instant now) {
  if (signing_) TRY(signing_->look(now));
  if (policy_.standard.on) TRY(take_proofs(operation, now));
  const ClientKey* key =
      std::visit([](const auto& asked) { return guarded_key(asked); }, operation);
  if (guard_ == nullptr || key == nullptr) return perform_counted(caller, operation, now);
  const std::string name = guarded_name(key->id);
  TRY(guard_->before_secret(caller, name, now));
  auto outcome = perform_counted(caller, operation, now);
  const bool wrong = !outcome && outcome.error().why == Why::kBadCredentials;
  if (!wrong) guard_->secret_was_right(caller, name);
  return outcome;
}

Result<Outcome> LocalAuthority::perform_counted(const Caller& caller, const Operation& operation,
                                                Instant now) {
  return std::visit(
      Overloaded{
          [&](const RequestOtp& asked) { return request_otp(asked, now); },
          [&](const Login& asked) { return login(asked, caller, now); },
          [&](const Authorize&) -> Result<Outcome> {
            return fail(Why::kUnsupported, "log in with a browser");
          },
          [&](const Exchange& asked) { return exchange(asked, now); },
          [&](const Delegate& asked) { return delegate(asked, now); },
          [&](const Refresh& asked) { return refresh(asked, caller, now); },
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

// What proves who asks, or which key it has, is used up in a transaction of its own first
// (take_proofs): that is perform()'s.
bool LocalAuthority::can_begin(const Refresh& asked) {
  return !asked.dpop && !asked.client.assertion;
}

Result<std::unique_ptr<Begun>> LocalAuthority::begin(const Operation& operation, Instant now,
                                                     const Caller& caller) {
  const auto* refresh = std::get_if<Refresh>(&operation);
  if (refresh == nullptr || !can_begin(*refresh))
    return fail(Why::kBug, "", "an operation that cannot be begun");
  if (signing_) TRY(signing_->look(now));
  return begin_refresh(*refresh, caller, now);
}

Result<> LocalAuthority::pace(std::string_view account, Instant now) {
  const Ruling ruling = auth_throttle_.take(account, now);
  if (ruling.allowed) return {};
  return fail(Error{Why::kTooMany, "slow down", {}, ruling.retry_after});
}

Result<std::vector<Signer>> LocalAuthority::published_keys(Instant now) const {
  if (signing_) {
    TRY(signing_->look(now));
    return signing_->published();
  }
  if (!signer_ || signer_->key.alg() == crypto::Alg::kHs256) return std::vector<Signer>{};
  return std::vector<Signer>{*signer_};
}

void LocalAuthority::tell(Instant at, std::string_view what, const Grant& grant,
                          std::string_view detail) const {
  if (!listener_) return;
  listener_(
      {at, std::string(what), realm_, grant.client, grant.subject, grant.id, std::string(detail)});
}

void LocalAuthority::tell_reuse(Instant at, const Holding& held, bool ended) const {
  if (!listener_) return;
  const Grant& grant = held.grant;
  Event event{at, "reuse", realm_, grant.client, grant.subject, grant.id, "refresh token"};
  event.token = held.token;
  event.ended_nothing = !ended;
  listener_(event);
}

void LocalAuthority::tell(Instant at, std::string_view what, const ClientId& client,
                          const SubjectId& subject, std::string_view detail,
                          const Caller& caller) const {
  if (!listener_) return;
  Event event{at, std::string(what), realm_, client, subject, {}, std::string(detail)};
  event.network = caller.network;
  listener_(event);
}

bool is_slow(const Policy& policy, const Operation& operation) {
  const bool by_password = policy.login == LoginKind::kPassword || policy.login == LoginKind::kBoth;
  return by_password && std::holds_alternative<Login>(operation);
}

}  // namespace latchkey::engine
