#include "engine/local_authority.h"
#include "engine/rules.h"

namespace latchkey::engine {
namespace {

struct Found {
  Party party = {};
  GrantId grant = {};  ///< of the first exchange, if this is another
  std::optional<Error> replayed = {};
};

// In the order of the widely used oauth2-server library: client, code, end,
// redirect_uri. A wrong redirect_uri leaves the code good.
Result<Found> find_code(Tx& tx, const Keys& keys, const Realm& realm, const Exchange& asked,
                        Instant now) {
  Found found;
  found.party.client = TRY(check_client_for(tx, keys, realm, asked.client, "authorization_code"));
  const auto code = TRY(tx.code(realm, keys.hash_of(asked.code)));
  if (!code) return fail(Why::kInvalidToken, "authorization code is invalid");
  const Result<> may = may_exchange(*code, asked.client.id, asked.redirect_uri, now);
  if (!may && may.error().why == Why::kReplayed) {
    found.grant = code->grant;
    found.replayed = may.error();
    return found;
  }
  TRY(may);
  found.party.subject = TRY(tx.subject(realm, code->subject));
  if (!found.party.subject) return fail(Why::kInvalidToken, "authorization code is invalid");
  TRY(may_act(*found.party.subject));
  return found;
}

}  // namespace

Result<Outcome> LocalAuthority::exchange(const Exchange& asked, Instant now) {
  if (policy_.standard.on) return redeem(asked, now);
  const Hash hash = keys_.hash_of(asked.code);
  const auto look = [&](Tx& tx) { return find_code(tx, keys_, realm_, asked, now); };
  const Found seen = TRY(store_.read(look));
  TRY(count_client(asked.client.id, now));
  const Grant grant =
      new_grant(realm_, policy_, asked.client.id, seen.party.subject_id(), policy_.tier, now);
  Tokens tokens;
  if (!seen.replayed) {
    tokens = TRY(make_tokens(maker(), {.grant = grant, .subject = *seen.party.subject}, now));
  }
  GrantId ended;  // what the code's first use gave
  // A replay is told as a value: an error would undo the revocation.
  const auto replayed = TRY(store_.transact([&](Tx& tx) -> Result<std::optional<Error>> {
    const Found found = TRY(look(tx));
    if (found.replayed) {
      ended = found.grant;
      TRY(tx.revoke_grant(realm_, ended, "code used twice", now));  // checklist 2
      return found.replayed;
    }
    TRY(still_as_read(tx, seen.party));
    // checklist 1, 3: of many parallel exchanges one is told kSpent
    const Spend spend = TRY(tx.spend_code(realm_, hash, grant.id, now));
    if (spend != Spend::kSpent) return fail(Why::kBug, "", "a code was spent as we looked");
    TRY(keep_family(tx, policy_, grant, tokens, now));
    return std::optional<Error>{};
  }));
  if (replayed) {
    tell(now, "reuse", {.id = ended, .client = asked.client.id, .subject = seen.party.subject_id()},
         "authorization code");
    return fail(*replayed);
  }
  tell(now, "exchange", grant);
  return std::move(tokens.set);
}

}  // namespace latchkey::engine
