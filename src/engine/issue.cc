#include "engine/issue.h"

#include <algorithm>

#include "crypto/random.h"
#include "engine/rules.h"
#include "engine/scope.h"

namespace latchkey::engine {
namespace {

constexpr std::size_t kGrantIdBytes = 12;

// What a TokenSet says of a row's end: nothing, if it has none.
std::optional<Instant> stated(Instant until) {
  if (until >= kEndOfTime) return std::nullopt;
  return until;
}

Instant end_of(Instant from, Seconds lifetime) {
  return lifetime == Seconds{0} ? kEndOfTime : expiry(from, Lifetime{lifetime});
}

Result<NewText> mint_token(const Maker& maker, const Wanted& wanted, TokenKind kind, Instant now,
                           Instant until, const std::string& bound_to) {
  const Policy& policy = maker.policy;
  const TokenForm form = kind == TokenKind::kAccess ? policy.access_form : policy.refresh_form;
  if (form == TokenForm::kOpaque) return NewText{maker.keys.new_opaque_text(maker.number), true};
  if (form != TokenForm::kJwt) return NewText{mint_random(form)};
  const JwtFacts facts{wanted.grant,
                       wanted.subject,
                       attributes_of(wanted.subject, policy, wanted.narrowed),
                       kind,
                       now,
                       until,
                       maker.keys.new_jwt_id(maker.number),
                       wanted.narrowed.empty() ? wanted.grant.scope : wanted.narrowed,
                       wanted.resource.empty() ? wanted.grant.resource : wanted.resource,
                       bound_to};
  return mint_jwt(policy.jwt, maker.signer, facts);
}

Result<Secret> add_token(const Maker& maker, const Wanted& wanted, TokenKind kind, Instant now,
                         Instant until, Tokens& to) {
  const bool access = kind == TokenKind::kAccess;
  const std::string& bound_to = access ? wanted.bound_to : wanted.refresh_bound_to;
  NewText made = TRY(mint_token(maker, wanted, kind, now, until, bound_to));
  if (made.text.empty()) return fail(Why::kBug, "", "a token without a form");
  to.rows.push_back({.hash = maker.keys.token_hash(made.text, made.says_number ? maker.number : 0),
                     .grant = wanted.grant.id,
                     .kind = kind,
                     .issued = now,
                     .until = until,
                     .parent = wanted.parent,
                     .narrowed = access ? wanted.narrowed : std::string{},
                     .resource = access ? wanted.resource : std::string{},
                     .bound_to = bound_to});
  return std::move(made).text;
}

// Of a person who logged in, where "openid" was granted (OpenID Connect Core section 2).
Result<Secret> make_id_token(const Maker& maker, const Wanted& wanted, const TokenSet& set,
                             Instant now) {
  const IdTokenForm& form = maker.policy.standard.id_token;
  const bool wants =
      form.payload && !wanted.grant.subject.empty() && is_within("openid", set.scope);
  if (!wants) return Secret{};
  return mint_id_token(form, maker.signer,
                       {wanted.grant, wanted.subject, now, expiry(now, Lifetime{form.lifetime}),
                        wanted.nonce, set.access_token});
}

}  // namespace

Grant new_grant(const Realm& realm, const Policy& policy, const ClientId& client,
                const SubjectId& subject, std::string_view tier, Instant now) {
  return {.realm = realm,
          .id = GrantId{crypto::random_name(kGrantIdBytes)},
          .client = client,
          .subject = subject,
          .tier = std::string(tier),
          .scope = policy.scope,
          .session = policy.shows_session ? crypto::random_uuid() : std::string{},
          .created = now,
          .used = now};
}

Result<Tokens> make_tokens(const Maker& maker, const Wanted& wanted, Instant now) {
  const Policy& policy = maker.policy;
  Tokens made;
  made.rows.reserve(2);
  const bool standard = policy.standard.on;  // elsewhere a token keeps rights, not scopes
  made.set.scope = standard && !wanted.narrowed.empty() ? wanted.narrowed : wanted.grant.scope;
  made.set.thumbprint = wanted.bound_to;
  made.set.session = wanted.grant.session;

  const Instant last = last_instant(policy, wanted.grant);
  const Instant access_until =
      std::min(last, wanted.access_until.value_or(end_of(now, policy.access_lifetime)));
  auto access = TRY(add_token(maker, wanted, TokenKind::kAccess, now, access_until, made));
  made.set.access_token = std::move(access);
  made.set.access_until = stated(access_until);
  made.set.id_token = TRY(make_id_token(maker, wanted, made.set, now));

  if (!wanted.refresh_token || policy.refresh_form == TokenForm::kNone) return made;
  const Instant from = policy.refresh_from_access_end ? access_until : now;
  const Instant refresh_until = std::min(last, end_of(from, policy.refresh_lifetime));
  auto refresh = TRY(add_token(maker, wanted, TokenKind::kRefresh, now, refresh_until, made));
  made.set.refresh_token = std::move(refresh);
  made.set.refresh_until = stated(refresh_until);
  return made;
}

Result<> keep_tokens(Tx& tx, const Policy& policy, const Grant& grant, const Tokens& tokens,
                     Instant now) {
  const bool replaces = policy.single_refresh_token && !tokens.set.refresh_token.empty();
  if (replaces && !grant.subject.empty()) {
    TRY(tx.end_refresh_tokens(grant.realm, grant.subject, now));
  }
  return tx.put_tokens_of(grant, tokens.rows);
}

Result<> keep_family(Tx& tx, const Policy& policy, const Grant& grant, const Tokens& tokens,
                     Instant now) {
  // An empty member of a filter matches any: one of the two is always there.
  const bool somebody = !grant.client.empty() || !grant.subject.empty();
  if (!somebody) return fail(Why::kBug, "", "a family of nobody");
  if (policy.single_session) {
    TRY(tx.revoke_grants({.realm = grant.realm,
                          .client = grant.client,
                          .subject = grant.subject,
                          .except = grant.id},
                         "superseded", now));
  }
  TRY(tx.put_grant(grant));
  return keep_tokens(tx, policy, grant, tokens, now);
}

GrantFilter all_of_client(const Grant& grant) {
  if (grant.client.empty()) return {.realm = grant.realm, .subject = grant.subject};
  return {.realm = grant.realm, .client = grant.client};
}

Attributes attributes_of(const Subject& subject, const Policy& policy,
                         const std::string& narrowed) {
  Attributes shown = subject.attributes;
  if (narrowed.empty()) return shown;
  for (auto& [name, value] : shown) {
    if (name != policy.narrow_attribute) continue;
    value = narrow(value, split(narrowed, ' ')).value_or("");
  }
  return shown;
}

}  // namespace latchkey::engine
