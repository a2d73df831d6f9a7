#include "engine/local_authority.h"
#include "engine/standard.h"

namespace latchkey::engine {

// RFC 6749 section 4.4: for clients that prove who they are; no refresh token, because
// the client can ask again.
Result<Outcome> LocalAuthority::client_credentials(const ClientCredentials& asked, Instant now) {
  const auto look = [&](Tx& tx) -> Result<Party> {
    auto client = TRY(check_client_for(tx, keys_, realm_, asked.client, "client_credentials"));
    if (is_public(*client)) return fail(Why::kForbidden, "a public client acts for nobody");
    TRY(must_prove(*client, asked.dpop));
    return Party{std::move(client), std::nullopt};
  };
  const Party party = TRY(store_.read(look));
  TRY(count_client(asked.client.id, now));
  Grant grant = new_grant(realm_, policy_, asked.client.id, {}, policy_.tier, now);
  grant.scope = TRY(grant_scope(policy_, *party.client, asked.scope));
  grant.resource = TRY(grant_resources(policy_.standard, asked.resources));
  const Subject nobody{.realm = realm_};
  Tokens tokens = TRY(make_tokens(
      maker(),
      {.grant = grant, .subject = nobody, .refresh_token = false, .bound_to = key_of(asked.dpop)},
      now));
  TRY(store_.transact([&](Tx& tx) -> Result<> {
    TRY(look(tx));
    TRY(still_as_read(tx, party));
    return keep_family(tx, policy_, grant, tokens, now);
  }));
  tell(now, "client_credentials", grant);
  return std::move(tokens.set);
}

}  // namespace latchkey::engine
