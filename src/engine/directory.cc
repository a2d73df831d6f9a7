#include "engine/directory.h"

#include "engine/local_authority.h"

#include <algorithm>

namespace latchkey::engine {
namespace {

constexpr std::size_t kMostNewOperators = 1000;  // in one call
constexpr std::size_t kLongestName = 200;        // bytes

// The organization, if it is that company's.
Result<Organization> organization_of(Tx& tx, const Subject& owner, std::int64_t id, Why missing) {
  const auto all = TRY(tx.organizations(owner.realm, owner.login));
  const auto found = std::ranges::find(all, id, &Organization::id);
  if (found != all.end()) return *found;
  return fail(missing, "no such organization");
}

Result<> may_add(const std::vector<NewOperator>& operators) {
  if (operators.size() > kMostNewOperators) return fail(Why::kMalformed, "too many operators");
  for (const NewOperator& one : operators) {
    const bool fits = !one.name.empty() && one.name.size() <= kLongestName && is_utf8(one.name);
    if (!fits) return fail(Why::kMalformed, "an operator's name is empty or too long");
  }
  return {};
}

}  // namespace

Result<Outcome> LocalAuthority::list_organizations(const ListOrganizations& asked, Instant now) {
  return store_.read([&](Tx& tx) -> Result<Outcome> {
    const Bearer company =
        TRY(bearer_of_tier(tx, keys_, realm_, asked.bearer, policy_.delegate_from_tier, now));
    auto list = TRY(tx.organizations(realm_, company.subject->login));
    return Organizations{std::move(list)};
  });
}

// A company names one of its organizations; an operator sees the own one.
Result<Outcome> LocalAuthority::list_operators(const ListOperators& asked, Instant now) {
  return store_.read([&](Tx& tx) -> Result<Outcome> {
    const Bearer bearer = TRY(bearer_of(tx, keys_, realm_, asked.bearer, now));
    const Grant& grant = bearer.held->grant;
    if (policy_.delegate_from_tier.empty()) return fail(Why::kUnsupported, "no operators here");
    std::optional<std::int64_t> wanted = asked.organization_id;
    if (grant.operator_id != 0) {
      const auto self = TRY(tx.operator_of(realm_, grant.subject, grant.operator_id));
      const bool own = self && (!wanted || *wanted == self->organization.id);
      if (!own) return fail(Why::kForbidden, "another organization");
      wanted = self->organization.id;
    } else if (grant.tier != policy_.delegate_from_tier) {
      return fail(Why::kForbidden, "this token may not do that");
    }
    if (!wanted) return fail(Why::kMalformed, "organizationId is required");
    TRY(organization_of(tx, *bearer.subject, *wanted, Why::kNotFound));
    auto list = TRY(tx.operators(realm_, *wanted));
    return Operators{std::move(list)};
  });
}

Result<Outcome> LocalAuthority::synchronize(const SynchronizeOperators& asked, Instant now) {
  return store_.transact([&](Tx& tx) -> Result<Outcome> {
    const Bearer company =
        TRY(bearer_of_tier(tx, keys_, realm_, asked.bearer, policy_.delegate_from_tier, now));
    TRY(may_add(asked.operators));
    Operators added;
    for (const NewOperator& one : asked.operators) {
      TRY(organization_of(tx, *company.subject, one.organization_id, Why::kMalformed));
      auto made = TRY(tx.add_operator(realm_, one.organization_id, one.name));
      added.list.push_back(std::move(made));
    }
    return added;
  });
}

Result<Outcome> LocalAuthority::set_status(const SetOperatorStatus& asked, Instant now) {
  int ended = 0;
  const Grant grant = TRY(store_.transact([&](Tx& tx) -> Result<Grant> {
    const Bearer company =
        TRY(bearer_of_tier(tx, keys_, realm_, asked.bearer, policy_.delegate_from_tier, now));
    const auto one = TRY(tx.operator_of(realm_, company.subject->login, asked.operator_id));
    if (!one) return fail(Why::kNotFound, "no such operator");
    TRY(tx.set_operator_status(realm_, asked.operator_id, asked.status));
    ended = 0;
    if (asked.status != OperatorStatus::kActive && asked.operator_id != 0) {
      ended = TRY(tx.revoke_grants(
          {.realm = realm_, .subject = company.subject->login, .operator_id = asked.operator_id},
          "operator left", now));
    }
    return company.held->grant;
  }));
  if (ended > 0) tell(now, "revoked", grant, "operator " + std::to_string(asked.operator_id));
  return Done{};
}

}  // namespace latchkey::engine
