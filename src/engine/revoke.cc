#include "engine/local_authority.h"

namespace latchkey::engine {

// RFC 7009: a token that nobody knows is as good as revoked; another client's
// stays unharmed (checklist 33).
Result<Outcome> LocalAuthority::revoke(const Revoke& asked, Instant now) {
  const Hash hash = keys_.token_hash(asked.token);
  const auto grant = TRY(store_.transact([&](Tx& tx) -> Result<std::optional<Grant>> {
    const bool by_client = !asked.client.id.empty();
    if (by_client) TRY(check_client(tx, keys_, realm_, asked.client));
    const auto held = TRY(tx.holding(realm_, hash));
    if (!held) return std::optional<Grant>{};
    if (by_client && held->grant.client != asked.client.id) {
      return fail(Why::kForbidden, "the token was issued to another client");
    }
    const bool ended = TRY(tx.revoke_grant(realm_, held->grant.id, "by its holder", now));
    if (!ended) return std::optional<Grant>{};
    return held->grant;
  }));
  if (grant) tell(now, "revoked", *grant, "by its holder");
  return Done{};
}

}  // namespace latchkey::engine
