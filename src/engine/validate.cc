#include "engine/local_authority.h"
#include "engine/rules.h"

namespace latchkey::engine {
namespace {

Validation dead(Why why) { return {.valid = false, .why_not = why}; }

}  // namespace

// Only an operator's token of the same company is known here: any other token
// is as unknown as no token, so that nobody can scan for them (checklist 34).
Result<Outcome> LocalAuthority::validate(const Validate& asked, Instant now) {
  if (policy_.delegate_from_tier.empty()) {
    return fail(Why::kUnsupported, "no token is validated here");
  }
  return store_.read([&](Tx& tx) -> Result<Outcome> {
    const Bearer company =
        TRY(bearer_of_tier(tx, keys_, realm_, asked.bearer, policy_.delegate_from_tier, now));
    const auto held = TRY(tx.holding(realm_, keys_.token_hash(asked.token)));
    const bool ours = held && held->grant.operator_id != 0 &&
                      held->grant.tier == policy_.delegate_tier &&
                      held->grant.subject == company.subject->login;
    if (!ours) return dead(Why::kInvalidToken);
    const Result<> may = may_use(*held, now);
    if (!may) return dead(may.error().why);
    const auto of = TRY(tx.operator_of(realm_, company.subject->login, held->grant.operator_id));
    if (!of || of->status != OperatorStatus::kActive) return dead(Why::kRevoked);
    return Validation{.valid = true,
                      .operator_id = of->id,
                      .client_number = company.subject->number,
                      .until = held->token.until};
  });
}

}  // namespace latchkey::engine
