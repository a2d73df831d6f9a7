#include "crypto/random.h"
#include "engine/local_authority.h"
#include "engine/rules.h"

#include <algorithm>

namespace latchkey::engine {
namespace {

constexpr std::size_t kSessionBytes = 32;

Result<Client> client_for(Tx& tx, const Realm& realm, const Authorize& asked) {
  auto client = TRY(tx.client(realm, asked.client));
  // The older wires have no PKCE, without which a public client's code is anybody's
  // (checklist 10).
  if (!client || client->disabled || client->secret_hash.empty()) {
    return fail(Why::kBadCredentials, "client credentials are invalid");
  }
  const auto& grants = client->grants;
  if (!grants.empty() && std::ranges::find(grants, "authorization_code") == grants.end()) {
    return fail(Why::kForbidden, "`grant_type` is invalid");
  }
  const auto& uris = client->redirect_uris;  // checklist 6: as strings, byte by byte
  if (std::ranges::find(uris, asked.redirect_uri) == uris.end()) {
    return fail(Why::kMalformed, "`redirect_uri` does not match client value");
  }
  return *std::move(client);
}

}  // namespace

// Each login opens a session under a new id (checklist 62), so that an id planted
// before the login is worth nothing after it.
Result<Secret> LocalAuthority::sign_in(const UserKey& user, Instant now, const Caller& caller) {
  auto subject = check_user(user, caller, now);
  if (!subject) {
    tell(now, "sign_in_refused", {}, user.login, name_of(subject.error().why), caller);
    return fail(std::move(subject).error());
  }
  Secret id = crypto::random_base64url(kSessionBytes);
  const Session session{.realm = realm_,
                        .hash = keys_.hash_of(id),
                        .subject = subject->login,
                        .until = expiry(now, Lifetime{policy_.session_lifetime}),
                        .authenticated = now,
                        .amr = "pwd",
                        .challenge = needs_second_step(*subject) ? "due" : ""};
  TRY(begin_second_step(*subject, now));
  TRY(store_.transact([&](Tx& tx) -> Result<> {
    TRY(still_as_read(tx, {.subject = *subject}));
    return tx.put_session(session);
  }));
  tell(now, "sign_in", {}, subject->login, "", caller);
  return id;
}

Result<Subject> LocalAuthority::person_of(Tx& tx, const Secret& session, Instant now) {
  const auto open = TRY(tx.session(realm_, keys_.hash_of(session)));
  if (!open) return fail(Why::kInvalidToken, "nobody is logged in");
  if (now >= open->until) return fail(Why::kExpired, "the login is over");
  if (!open->challenge.empty()) return fail(Why::kOtpRequired, "the second step is due");
  auto subject = TRY(tx.subject(realm_, open->subject));
  if (!subject) return fail(Why::kInvalidToken, "nobody is logged in");
  TRY(may_act(*subject));
  return *std::move(subject);
}

Result<Identity> LocalAuthority::session(const Secret& id, Instant now) {
  return store_.read([&](Tx& tx) -> Result<Identity> {
    const Subject subject = TRY(person_of(tx, id, now));
    const auto open = TRY(tx.session(realm_, keys_.hash_of(id)));
    return Identity{.subject = subject.login,
                    .tier = policy_.tier,
                    .attributes = subject.attributes,
                    .until = open->until,
                    .authenticated = open->authenticated};
  });
}

Result<> LocalAuthority::sign_out(const Secret& id) {
  return store_.transact([&](Tx& tx) { return tx.drop_session(realm_, keys_.hash_of(id)); });
}

Result<Client> LocalAuthority::check_authorize(const Authorize& asked) {
  if (policy_.standard.on) return check_redirect(asked);
  return store_.read([&](Tx& tx) { return client_for(tx, realm_, asked); });
}

Result<Authorized> LocalAuthority::consent(const Secret& session, const Authorize& asked,
                                           Instant now) {
  if (policy_.standard.on) return grant_code(session, asked, now);
  Secret text = mint_random(policy_.code_form);
  if (text.empty()) return fail(Why::kUnsupported, "no codes here");
  Code code{.realm = realm_,
            .hash = keys_.hash_of(text),
            .client = asked.client,
            .redirect_uri = asked.redirect_uri,
            .until = expiry(now, Lifetime{policy_.code_lifetime})};
  TRY(store_.transact([&](Tx& tx) -> Result<> {
    TRY(client_for(tx, realm_, asked));
    const Subject person = TRY(person_of(tx, session, now));
    code.subject = person.login;
    return tx.put_code(code);
  }));
  tell(now, "consent", asked.client, code.subject, "");
  return Authorized{std::move(text), asked.redirect_uri, asked.state};
}

// Tokens that a page shows. The client need not be one that redirects.
Result<TokenSet> LocalAuthority::issue(const Secret& session, const ClientId& client, Instant now) {
  if (signing_) TRY(signing_->look(now));
  const auto look = [&](Tx& tx) -> Result<Party> {
    auto found = TRY(tx.client(realm_, client));
    if (!found || found->disabled) {
      return fail(Why::kBadCredentials, "client credentials are invalid");
    }
    auto subject = TRY(person_of(tx, session, now));
    return Party{*std::move(found), std::move(subject)};
  };
  const Party party = TRY(store_.read(look));
  const Grant grant = new_grant(realm_, policy_, client, party.subject_id(), policy_.tier, now);
  Tokens tokens = TRY(make_tokens(maker(), {.grant = grant, .subject = *party.subject}, now));
  TRY(store_.transact([&](Tx& tx) -> Result<> {
    TRY(look(tx));
    TRY(still_as_read(tx, party));
    return keep_family(tx, policy_, grant, tokens, now);
  }));
  tell(now, "issue", grant);
  return std::move(tokens.set);
}

}  // namespace latchkey::engine
