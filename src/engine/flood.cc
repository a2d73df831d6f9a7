#include "engine/local_authority.h"
#include "engine/rules.h"

// A client that floods is suspended until an operator enables it. Only what has proved
// to be the client counts, so that nobody can have another one suspended.

namespace latchkey::engine {

Result<> LocalAuthority::check_suspended(Tx& tx, const ClientId& id) {
  if (policy_.client_flood_per_second <= 0 || id.empty()) return {};
  const auto client = TRY(tx.client(realm_, id));
  if (client) TRY(may_act(*client));
  return {};
}

Result<> LocalAuthority::count_client(const ClientId& id, Instant now) {
  if (id.empty() || client_throttle_.take(id.text, now).allowed) return {};
  const bool fresh = TRY(store_.transact([&](Tx& tx) -> Result<bool> {
    const auto found = TRY(tx.client(realm_, id));
    if (!found || found->disabled) return false;
    Client client = *found;
    client.disabled = true;
    client.disabled_why = "flood";
    TRY(tx.put_client(client));
    return true;
  }));
  if (fresh) tell(now, "suspended", id, {}, "flood");
  return fail(Why::kForbidden, "the client is suspended", "suspended: flood");
}

}  // namespace latchkey::engine
