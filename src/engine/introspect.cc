#include <algorithm>

#include "engine/local_authority.h"
#include "engine/rules.h"
#include "engine/standard.h"

namespace latchkey::engine {
namespace {

/// An access token is shown to its client and to whoever it is for; a refresh token to
/// its client alone.
bool may_see(const StandardPolicy& policy, const Client& caller, const Holding& held) {
  if (held.grant.client == caller.id) return true;
  if (held.token.kind != TokenKind::kAccess) return false;
  return std::ranges::any_of(audiences_of(policy, held), [&](const std::string& uri) {
    return std::ranges::find(caller.resources, uri) != caller.resources.end();
  });
}

bool is_live(const Holding& held, Instant now) {
  if (held.token.kind == TokenKind::kAccess) return may_use(held, now).has_value();
  return may_refresh(held, held.grant.client, now).has_value();
}

}  // namespace

// checklist 34: whoever asks proves who it is; a dead token, an unknown one and one that
// is none of the caller's business look the same.
Result<Outcome> LocalAuthority::introspect(const Introspect& asked, Instant now) {
  return store_.read([&](Tx& tx) -> Result<Outcome> {
    const auto caller = TRY(check_client(tx, keys_, realm_, asked.client));
    if (is_public(*caller)) return fail(Why::kBadCredentials, "client is invalid");
    const auto held = TRY(tx.holding(realm_, keys_.token_hash(asked.token)));
    if (!held || !may_see(policy_.standard, *caller, *held) || !is_live(*held, now))
      return Introspection{};
    const Grant& grant = held->grant;
    if (!grant.subject.empty()) {
      const auto subject = TRY(tx.subject(realm_, grant.subject));
      if (!subject || subject->disabled) return Introspection{};
    }
    Introspection shown{
        .active = true,
        .kind = held->token.kind == TokenKind::kAccess ? "access_token" : "refresh_token",
        .client = grant.client,
        .subject = grant.subject,
        .scope = scope_of(*held),
        .audiences = audiences_of(policy_.standard, *held),
        .issued = held->token.issued,
        .thumbprint = held->token.bound_to,
        .actors = grant.actors};
    if (held->token.until < kEndOfTime) shown.until = held->token.until;
    return shown;
  });
}

}  // namespace latchkey::engine
