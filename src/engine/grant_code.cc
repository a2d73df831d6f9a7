#include <algorithm>

#include "engine/local_authority.h"
#include "engine/rules.h"
#include "engine/standard.h"

// The authorization endpoint of standard OAuth: what may be asked for, and the code.

namespace latchkey::engine {
namespace {

Result<Client> client_of(Tx& tx, const Realm& realm, const Authorize& asked) {
  auto client = TRY(tx.client(realm, asked.client));
  if (!client || client->disabled)
    return fail(Why::kBadCredentials, "client credentials are invalid");
  return *std::move(client);
}

// Whether somebody can still use something of it.
Result<bool> lives(Tx& tx, const Grant& grant, Instant now) {
  constexpr int kMostTokens = 100;
  const auto tokens = TRY(tx.live_tokens(grant.realm, grant.id, kMostTokens));
  return std::ranges::any_of(tokens, [&](const Token& token) { return now < token.until; });
}

constexpr Seconds kFreshFor = std::chrono::hours(24);

// Which of what a client must make anew each time has come before (checklist 11): noticed, not
// refused, because a person may have sent the same request twice.
Result<std::string> repeated_in(Tx& tx, const Keys& keys, const Realm& realm,
                                const Authorize& asked, Instant now) {
  std::string repeated;
  for (const auto& [name, value] :
       {std::pair{"code_challenge", asked.challenge}, {"nonce", asked.nonce}}) {
    if (value.empty()) continue;
    const Hash id = keys.hash_of(Secret(name + ("\n" + asked.client.text + "\n" + value)));
    const bool fresh = TRY(tx.use_once(realm, id, now + kFreshFor, now));
    if (!fresh) repeated += (repeated.empty() ? "" : " ") + std::string(name);
  }
  return repeated;
}

}  // namespace

Result<Client> LocalAuthority::check_redirect(const Authorize& asked) {
  return store_.read([&](Tx& tx) -> Result<Client> {
    auto client = TRY(client_of(tx, realm_, asked));
    const auto uri = TRY(redirect_for(client, asked.redirect_uri));
    client.redirect_uris = {uri};
    return client;
  });
}

Result<> LocalAuthority::check_request(const Authorize& asked) {
  if (!policy_.standard.on) return {};
  const auto client = TRY(store_.read([&](Tx& tx) { return client_of(tx, realm_, asked); }));
  return may_authorize(policy_, client, asked);
}

Result<bool> LocalAuthority::was_granted(const Secret& session, const Authorize& asked,
                                         Instant now) {
  return store_.read([&](Tx& tx) -> Result<bool> {
    const Client client = TRY(client_of(tx, realm_, asked));
    const Subject person = TRY(person_of(tx, session, now));
    if (is_public(client)) return false;  // anybody can say that it is this one
    const auto scope = TRY(grant_scope(policy_, client, asked.scope));
    const auto resource = TRY(grant_resources(policy_.standard, asked.resources));
    constexpr int kMostLooks = 20;
    const auto grants =
        TRY(tx.grants({.realm = realm_, .client = client.id, .subject = person.login}, kMostLooks));
    for (const Grant& grant : grants) {
      // Where somebody acts for the person, a token was exchanged, and the person not asked.
      const bool by_person = grant.actors.empty();
      const bool covers = by_person && grant.resource == resource &&
                          narrow_scope(grant.scope, split(scope, ' ')).has_value();
      if (!covers) continue;
      const bool alive = TRY(lives(tx, grant, now));
      if (alive) return true;
    }
    return false;
  });
}

// Everything is looked at again: what the pages have shown may be long ago.
Result<Authorized> LocalAuthority::grant_code(const Secret& session, const Authorize& asked,
                                              Instant now) {
  Secret text = mint_random(policy_.code_form);
  if (text.empty()) return fail(Why::kUnsupported, "no codes here");
  Code code{.realm = realm_,
            .hash = keys_.hash_of(text),
            .client = asked.client,
            .until = expiry(now, Lifetime{policy_.code_lifetime}),
            .redirect_given = !asked.redirect_uri.empty(),
            .challenge = asked.challenge,
            .nonce = asked.nonce,
            .bound_to = asked.thumbprint};
  std::string repeated;
  TRY(store_.transact([&](Tx& tx) -> Result<> {
    const Client client = TRY(client_of(tx, realm_, asked));
    code.redirect_uri = TRY(redirect_for(client, asked.redirect_uri));
    TRY(may_authorize(policy_, client, asked));
    code.scope = TRY(grant_scope(policy_, client, asked.scope));
    code.resource = TRY(grant_resources(policy_.standard, asked.resources));
    const Subject person = TRY(person_of(tx, session, now));
    const auto open = TRY(tx.session(realm_, keys_.hash_of(session)));
    TRY(spend_request(tx, asked, now));
    code.subject = person.login;
    code.authenticated = open->authenticated;
    code.amr = open->amr;
    repeated = TRY(repeated_in(tx, keys_, realm_, asked, now));
    return tx.put_code(code);
  }));
  tell(now, "consent", asked.client, code.subject, "");
  if (!repeated.empty()) tell(now, "repeated", asked.client, code.subject, repeated);
  return Authorized{std::move(text), code.redirect_uri, asked.state};
}

}  // namespace latchkey::engine
