#include "engine/local_authority.h"
#include "engine/rules.h"

namespace latchkey::engine {
namespace {

// How long the token may live. A wish for too long is refused, or cut.
Result<Instant> end_of(const Policy& policy, Instant wanted, Instant now) {
  if (wanted <= now) return fail(Why::kMalformed, "the end that was asked for is past");
  const Instant furthest = expiry(now, Lifetime{policy.delegate_most});
  if (wanted <= furthest) return wanted;
  if (!policy.delegate_strict) return furthest;
  const auto hours = std::chrono::floor<std::chrono::hours>(policy.delegate_most);
  const std::string most = hours == policy.delegate_most ? std::to_string(hours.count()) + " hours"
                                                         : to_words(policy.delegate_most);
  return fail(Why::kMalformed, "the end that was asked for is more than " + most + " ahead");
}

struct Chosen {
  Bearer bearer;
  Operator chosen;
};

}  // namespace

Result<Outcome> LocalAuthority::delegate(const Delegate& asked, Instant now) {
  if (policy_.delegate_from_tier.empty()) return fail(Why::kUnsupported, "nobody delegates here");
  const auto look = [&](Tx& tx) -> Result<Chosen> {
    auto bearer =
        TRY(bearer_of_tier(tx, keys_, realm_, asked.bearer, policy_.delegate_from_tier, now));
    auto found = TRY(tx.operator_of(realm_, bearer.subject->login, asked.operator_id));
    if (!found) return fail(Why::kNotFound, "no such operator");
    if (found->status != OperatorStatus::kActive) {
      return fail(Why::kForbidden, "the operator is not active");
    }
    return Chosen{std::move(bearer), *std::move(found)};
  };
  const Chosen seen = TRY(store_.read(look));
  TRY(pace(seen.bearer.subject->login.text, now));
  const Instant until = TRY(end_of(policy_, asked.expires_at, now));
  Grant grant = new_grant(realm_, policy_, seen.bearer.held->grant.client,
                          seen.bearer.subject->login, policy_.delegate_tier, now);
  grant.operator_id = asked.operator_id;
  Tokens tokens = TRY(make_tokens(maker(),
                                  {.grant = grant,
                                   .subject = *seen.bearer.subject,
                                   .refresh_token = false,
                                   .access_until = until},
                                  now));
  TRY(store_.transact([&](Tx& tx) -> Result<> {
    TRY(look(tx));  // the company or the operator may have gone meanwhile
    TRY(tx.put_grant(grant));
    return keep_tokens(tx, policy_, grant, tokens, now);
  }));
  tell(now, "delegate", grant, "operator " + std::to_string(asked.operator_id));
  return std::move(tokens.set);
}

}  // namespace latchkey::engine
