#include <algorithm>

#include "base/trouble.h"
#include "engine/local_authority.h"
#include "engine/scope.h"
#include "engine/standard.h"
#include "engine/token_types.h"

// Token exchange (RFC 8693): a client that was handed somebody's token gets one of its
// own to act for that person further on. The result is never wider than the subject's
// token, the actor's, the client and the policy; it says who acts; it ends when the first of the
// tokens that it was made from ends or is revoked, and there is no refresh token.

namespace latchkey::engine {
namespace {

struct Seen {
  Party party = {};  ///< the client that asks, and the person it is about
  Bearer subject = {};
  std::optional<Bearer> actor = {};
};

bool is_access_token(std::string_view type) { return type == kAccessTokenType || type == kJwtType; }

std::unexpected<Error> bad_token(const char* which, std::string note) {
  return fail(Why::kMalformed, std::string("the ") + which + " token is invalid", std::move(note));
}

// RFC 8693 section 2.2.2: whatever is wrong with a token is told as one thing. It has
// to be the client's own, or for one of its resources; and a token that is bound to a
// key is of use only to who has the key.
Result<Bearer> token_for(Tx& tx, const Keys& keys, const Policy& policy, const Client& client,
                         const Secret& token, const char* which, const std::string& key,
                         Instant now) {
  auto bearer = bearer_of(tx, keys, client.realm, token, now);
  if (!bearer) {
    if (is_trouble(bearer.error().why)) return fail(std::move(bearer).error());
    return bad_token(which, name_of(bearer.error().why));
  }
  const Holding& held = *bearer->held;
  const auto audiences = audiences_of(policy.standard, held);
  const bool is_for_client = std::ranges::any_of(audiences, [&](const std::string& uri) {
    return std::ranges::find(client.resources, uri) != client.resources.end();
  });
  if (held.grant.client != client.id && !is_for_client) return bad_token(which, "another's");
  if (!held.token.bound_to.empty() && held.token.bound_to != key) {
    return bad_token(which, "bound to another key");
  }
  return std::move(*bearer);
}

// "openid" and "offline_access" were the person's to give to the first client.
std::string widest_scope(const Policy& policy, const Seen& seen) {
  const auto joined = [](const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
      if (name != "openid" && name != "offline_access") text += (text.empty() ? "" : " ") + name;
    }
    return text;
  };
  const std::string by_policy = joined(policy.standard.scopes);
  const std::string by_client = joined(seen.party.client->scopes);
  std::vector<std::string_view> others{by_policy};
  if (!seen.party.client->scopes.empty()) others.emplace_back(by_client);
  if (seen.actor) others.emplace_back(scope_of(*seen.actor->held));
  return common_scope(scope_of(*seen.subject.held), others);
}

Result<std::string> scope_for(const Policy& policy, const Seen& seen, std::string_view asked) {
  const std::string widest = widest_scope(policy, seen);
  const auto wanted = parse_scope(asked);
  if (!wanted) return fail(Why::kConflict, wanted.error().say);
  if (wanted->empty()) {
    if (widest.empty()) return fail(Why::kConflict, "there is no scope that all of them have");
    return widest;
  }
  return narrow_scope(widest, *wanted);
}

// Who acts by the result: the actor, or the client that asks. A client that changes
// its own token for a narrower one adds nobody.
Result<std::string> actors_for(const Policy& policy, const Seen& seen) {
  const std::string& before = seen.subject.held->grant.actors;
  std::string actor = seen.party.client->id.text;
  if (seen.actor) {
    const Grant& grant = seen.actor->held->grant;
    actor = grant.subject.empty() ? grant.client.text : grant.subject.text;
  } else if (seen.subject.held->grant.client == seen.party.client->id) {
    return before;
  }
  if (!policy.standard.act) return fail(Why::kBug, "", "a realm without a form for actors");
  return policy.standard.act(actor, before);
}

// What the result is for: never more than a client's own token was for, nor, of another's,
// than the resources that an operator gave to the client that asks.
Result<std::string> resources_for(const Policy& policy, const Seen& seen,
                                  const ExchangeToken& asked) {
  const Holding& from = *seen.subject.held;
  const bool own = from.grant.client == seen.party.client->id;
  const auto may = own ? audiences_of(policy.standard, from) : seen.party.client->resources;
  const auto beyond = [&](const std::string& uri) {
    return std::ranges::find(may, uri) == may.end();
  };
  auto targets = asked.resources;
  targets.insert(targets.end(), asked.audiences.begin(), asked.audiences.end());
  if (std::ranges::any_of(targets, beyond)) {
    return fail(Why::kNotFound, "the resource is not one that the client may have tokens for");
  }
  if (targets.empty()) {
    targets = audiences_of(policy.standard, from);
    std::erase_if(targets, beyond);
  }
  return grant_resources(policy.standard, targets);
}

Result<> check_types(const ExchangeToken& asked) {
  if (!is_access_token(asked.subject_type)) {
    return fail(Why::kMalformed, "the subject_token_type is not one that is exchanged here");
  }
  if (asked.actor_token.empty() != asked.actor_type.empty()) {
    return fail(Why::kMalformed, "actor_token and actor_token_type belong together");
  }
  if (!asked.actor_token.empty() && !is_access_token(asked.actor_type)) {
    return fail(Why::kMalformed, "the actor_token_type is not one that is exchanged here");
  }
  if (!asked.wanted_type.empty() && asked.wanted_type != kAccessTokenType) {
    return fail(Why::kMalformed, "the requested_token_type is not given here");
  }
  return {};
}

// The end of either is the end of what was made from it, however soon.
Result<> keep_descents(Tx& tx, const Seen& seen, const GrantId& made, Instant until) {
  TRY(tx.put_descent({.parent = seen.subject.held->grant.id, .child = made, .until = until}));
  if (!seen.actor) return {};
  return tx.put_descent({.parent = seen.actor->held->grant.id, .child = made, .until = until});
}

}  // namespace

Result<Outcome> LocalAuthority::exchange_token(const ExchangeToken& asked, Instant now) {
  if (!policy_.standard.exchange) return fail(Why::kUnsupported, "tokens are not exchanged here");
  TRY(check_types(asked));
  const std::string key = key_of(asked.dpop);
  const auto look = [&](Tx& tx) -> Result<Seen> {
    Seen seen;
    const auto client = TRY(check_client(tx, keys_, realm_, asked.client));
    const bool may = !client->grants.empty() && has_grant(*client, kTokenExchangeGrantType);
    if (!may || is_public(*client)) return fail(Why::kForbidden, "the client exchanges no tokens");
    TRY(must_prove(*client, asked.dpop));
    seen.party.client = client;
    seen.subject =
        TRY(token_for(tx, keys_, policy_, *client, asked.subject_token, "subject", key, now));
    if (seen.subject.held->grant.subject.empty()) return bad_token("subject", "it is no person's");
    seen.party.subject = seen.subject.subject;
    if (!asked.actor_token.empty()) {
      seen.actor =
          TRY(token_for(tx, keys_, policy_, *client, asked.actor_token, "actor", key, now));
    }
    return seen;
  };
  const Seen seen = TRY(store_.read(look));
  const Grant& from = seen.subject.held->grant;
  Grant grant = new_grant(realm_, policy_, asked.client.id, from.subject, from.tier, now);
  grant.scope = TRY(scope_for(policy_, seen, asked.scope));
  grant.resource = TRY(resources_for(policy_, seen, asked));
  grant.actors = TRY(actors_for(policy_, seen));
  grant.authenticated = from.authenticated;
  grant.amr = from.amr;
  Instant until =
      std::min(expiry(now, Lifetime{policy_.access_lifetime}), seen.subject.held->token.until);
  if (seen.actor) until = std::min(until, seen.actor->held->token.until);
  Tokens tokens = TRY(make_tokens(maker(),
                                  {.grant = grant,
                                   .subject = *seen.subject.subject,
                                   .refresh_token = false,
                                   .access_until = until,
                                   .bound_to = key},
                                  now));
  tokens.set.issued_type = std::string(kAccessTokenType);
  TRY(store_.transact([&](Tx& tx) -> Result<> {
    TRY(look(tx));  // what it is made from may have ended meanwhile
    TRY(still_as_read(tx, seen.party));
    TRY(tx.put_grant(grant));
    TRY(keep_descents(tx, seen, grant.id, until));
    return keep_tokens(tx, policy_, grant, tokens, now);
  }));
  tell(now, "exchange_token", grant, grant.actors);
  return std::move(tokens.set);
}

}  // namespace latchkey::engine
