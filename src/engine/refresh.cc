#include "engine/local_authority.h"
#include "engine/rules.h"

namespace latchkey::engine {

// Who may refresh, with everything that a new token is made from. A replay is
// not an error here: whoever asked must first be made to pay for it.
Result<RefreshSeen> LocalAuthority::look_at(Tx& tx, const Refresh& asked, Instant now) {
  ClientId client = asked.client.id;
  if (policy_.refresh_needs_client) {
    TRY(check_client_for(tx, keys_, realm_, asked.client, "refresh_token"));
  }
  if (policy_.refresh_needs_partner) {
    const auto partner = TRY(tx.client_of_partner(realm_, asked.partner));
    const bool known = partner && !asked.partner.empty() && !partner->disabled;
    if (!known) return fail(Why::kForbidden, "no such partner");
    if (client.empty()) client = partner->id;
  }
  auto held = TRY(tx.holding(realm_, keys_.hash_of(asked.refresh_token)));
  if (!held) return fail(Why::kInvalidToken, "refresh token is invalid");
  const Result<> may = may_refresh(*held, client, now);
  const bool replayed = !may && may.error().why == Why::kReplayed;
  if (!may && !replayed) return fail(may.error());
  RefreshSeen seen{*std::move(held), {}, replayed};
  if (replayed || seen.held.grant.subject.empty()) return seen;
  auto subject = TRY(tx.subject(realm_, seen.held.grant.subject));
  if (!subject) return fail(Why::kRevoked, "refresh token has been revoked");
  TRY(may_act(*subject));
  seen.subject = *std::move(subject);
  return seen;
}

Result<> LocalAuthority::punish_replay(Tx& tx, const Grant& grant, Instant now) {
  switch (policy_.on_replay) {
    case OnReplay::kRefuse: return {};
    case OnReplay::kRevokeFamily:  // checklist 22
      TRY(tx.revoke_grant(realm_, grant.id, "refresh token used twice", now));
      return {};
    case OnReplay::kRevokeClient:
      TRY(tx.revoke_grants(all_of_client(grant), "refresh token used twice", now));
      return {};
  }
  return fail(Why::kBug, "", "an OnReplay that is none of the three");
}

Result<Tokens> LocalAuthority::next_tokens(const Refresh& asked, const RefreshSeen& seen,
                                           Instant now) {
  Wanted wanted{.grant = seen.held.grant, .subject = seen.subject, .parent = seen.held.token.hash};
  wanted.refresh_token = policy_.rotation != Rotation::kReusable;
  if (!asked.narrow_to.empty()) {
    const std::string all = attribute(seen.subject.attributes, policy_.narrow_attribute);
    wanted.narrowed = TRY(narrow(all, asked.narrow_to));
  }
  Tokens tokens = TRY(make_tokens(maker(), wanted, now));
  if (!wanted.refresh_token && seen.held.token.until < kEndOfTime) {
    tokens.set.refresh_until = seen.held.token.until;
  }
  return tokens;
}

// Revocation and refresh meet here: what this transaction reads is what counts
// (checklist 23). False: the token was spent before, and that has been punished.
Result<bool> LocalAuthority::rotate(Tx& tx, const Refresh& asked, const Tokens& next, Instant now) {
  const RefreshSeen found = TRY(look_at(tx, asked, now));
  bool spent_before = found.replayed;
  if (!spent_before && policy_.rotation == Rotation::kSingleUse) {
    const Spend spend = TRY(tx.spend(realm_, found.held.token.hash, now));
    if (spend == Spend::kUnknown) return fail(Why::kInvalidToken, "refresh token is invalid");
    spent_before = spend == Spend::kAlreadySpent;
  }
  if (spent_before) {
    TRY(punish_replay(tx, found.held.grant, now));
    return false;
  }
  if (next.rows.empty()) return fail(Why::kBug, "", "a spent token came back to life");
  if (policy_.refresh_ends_access) {
    TRY(tx.end_access_tokens(realm_, found.held.grant.id, now));
  }
  TRY(keep_tokens(tx, policy_, found.held.grant, next, now));
  return true;
}

Result<Outcome> LocalAuthority::refresh(const Refresh& asked, Instant now) {
  if (policy_.rotation == Rotation::kNone) return fail(Why::kUnsupported, "no refresh here");
  const RefreshSeen seen = TRY(store_.read([&](Tx& tx) { return look_at(tx, asked, now); }));
  Tokens next;
  if (!seen.replayed) next = TRY(next_tokens(asked, seen, now));
  const bool rotated = TRY(store_.transact([&](Tx& tx) { return rotate(tx, asked, next, now); }));
  if (!rotated) {
    tell(now, "reuse", seen.held.grant, "refresh token");
    return fail(Why::kReplayed, "refresh token is invalid");
  }
  tell(now, "refresh", seen.held.grant);
  return std::move(next.set);
}

}  // namespace latchkey::engine
