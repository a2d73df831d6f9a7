#include "engine/local_authority.h"
#include "engine/scope.h"
#include "engine/standard.h"

namespace latchkey::engine {

// OpenID Connect Core section 5.3: what an access token with "openid" says of the person.
Result<Outcome> LocalAuthority::user_info(const UserInfo& asked, Instant now) {
  return store_.read([&](Tx& tx) -> Result<Outcome> {
    const Bearer bearer = TRY(bearer_of(tx, keys_, realm_, asked.bearer, now));
    const Holding& held = *bearer.held;
    TRY(may_present(held.token, asked.dpop, asked.bearer));
    if (held.grant.subject.empty() || !is_within("openid", scope_of(held)))
      return fail(Why::kForbidden, "the token has no openid in its scope");
    return Used{.who = {.client = held.grant.client,
                        .subject = held.grant.subject,
                        .tier = held.grant.tier,
                        .scope = scope_of(held),
                        .attributes = bearer.subject->attributes,
                        .until = held.token.until,
                        .number = bearer.subject->number,
                        .name = bearer.subject->name}};
  });
}

}  // namespace latchkey::engine
