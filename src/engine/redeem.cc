#include "engine/local_authority.h"
#include "engine/rules.h"
#include "engine/standard.h"

// The exchange of a code as standard OAuth has it: any mismatch burns the code, the
// second use ends what the first one got.

namespace latchkey::engine {
namespace {

struct Found {
  Party party = {};
  Code code = {};
  std::optional<Error> refused = {};  ///< told only after the code was burnt
};

bool burns(Why why) {
  return why == Why::kReplayed || why == Why::kInvalidToken || why == Why::kOtpWrong;
}

Result<Found> find_code(Tx& tx, const Keys& keys, const Realm& realm, const Exchange& asked,
                        Instant now) {
  Found found;
  found.party.client = TRY(check_client_for(tx, keys, realm, asked.client, "authorization_code"));
  TRY(must_prove(*found.party.client, asked.dpop));
  auto code = TRY(tx.code(realm, keys.hash_of(asked.code)));
  if (!code) return fail(Why::kInvalidToken, "authorization code is invalid");
  found.code = *std::move(code);
  const Result<> may = may_redeem(found.code, asked, now);
  if (!may && burns(may.error().why)) {
    found.refused = may.error();
    return found;
  }
  TRY(may);
  found.party.subject = TRY(tx.subject(realm, found.code.subject));
  if (!found.party.subject) return fail(Why::kInvalidToken, "authorization code is invalid");
  if (!may_act(*found.party.subject))
    return fail(Why::kInvalidToken, "authorization code is invalid", "suspended");
  return found;
}

Wanted wanted_for(const Grant& grant, const Found& found, const Exchange& asked,
                  std::string resource) {
  const Client& client = *found.party.client;
  const std::string key = key_of(asked.dpop);
  return {.grant = grant,
          .subject = *found.party.subject,
          .refresh_token = has_grant(client, "refresh_token"),
          .resource = std::move(resource),
          .bound_to = key,
          .refresh_bound_to = is_public(client) ? key : std::string{},
          .nonce = found.code.nonce};
}

}  // namespace

Result<Outcome> LocalAuthority::redeem(const Exchange& asked, Instant now) {
  const Hash hash = keys_.hash_of(asked.code);
  const auto look = [&](Tx& tx) { return find_code(tx, keys_, realm_, asked, now); };
  const Found seen = TRY(store_.read(look));
  TRY(count_client(asked.client.id, now));
  Grant grant =
      new_grant(realm_, policy_, asked.client.id, seen.party.subject_id(), policy_.tier, now);
  grant.scope = seen.code.scope;
  grant.resource = seen.code.resource;
  grant.authenticated = seen.code.authenticated;
  grant.amr = seen.code.amr;
  Tokens tokens;
  if (!seen.refused) {
    auto resource = TRY(narrow_resources(grant.resource, asked.resources));
    tokens = TRY(make_tokens(maker(), wanted_for(grant, seen, asked, std::move(resource)), now));
  }
  GrantId first;  // what the code's first use gave
  // A refusal is told as a value: an error would undo what it calls for.
  const auto refused = TRY(store_.transact([&](Tx& tx) -> Result<std::optional<Error>> {
    const Found found = TRY(look(tx));
    if (found.refused) {
      first = found.code.grant;
      if (found.refused->why == Why::kReplayed)
        TRY(tx.revoke_grant(realm_, first, "code used twice", now));  // checklist 2
      else if (found.code.client == asked.client.id)
        TRY(tx.spend_code(realm_, hash, GrantId{}, now));  // checklist 5
      return found.refused;
    }
    TRY(still_as_read(tx, seen.party));
    // checklist 1, 3: of many parallel exchanges one is told kSpent
    const Spend spend = TRY(tx.spend_code(realm_, hash, grant.id, now));
    if (spend != Spend::kSpent) return fail(Why::kBug, "", "a code was spent as we looked");
    TRY(keep_family(tx, policy_, grant, tokens, now));
    return std::optional<Error>{};
  }));
  if (refused) {
    if (refused->why == Why::kReplayed)
      tell(now, "reuse", {.id = first, .client = asked.client.id, .subject = seen.code.subject},
           "authorization code");
    return fail(*refused);
  }
  tell(now, "exchange", grant);
  return std::move(tokens.set);
}

}  // namespace latchkey::engine
