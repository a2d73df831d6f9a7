#include <algorithm>

#include "engine/answer.h"
#include "engine/local_authority.h"
#include "engine/rules.h"
#include "engine/standard.h"

namespace latchkey::engine {

// Who may refresh, with everything that a new token is made from. A replay is
// not an error here: whoever asked must first be made to pay for it.
Result<RefreshSeen> LocalAuthority::look_at(Tx& tx, const Refresh& asked, Instant now) {
  ClientId client = asked.client.id;
  if (policy_.refresh_needs_client) {
    const auto known = TRY(check_client_for(tx, keys_, realm_, asked.client, "refresh_token"));
    TRY(must_prove(*known, asked.dpop));
  }
  if (policy_.refresh_needs_partner) {
    const auto partner = TRY(tx.client_of_partner(realm_, asked.partner));
    const bool known = partner && !asked.partner.empty() && !partner->disabled;
    if (!known) return fail(Why::kForbidden, "no such partner");
    if (client.empty()) client = partner->id;
  }
  auto held = TRY(tx.holding(realm_, keys_.token_hash(asked.refresh_token)));
  if (!held) return fail(Why::kInvalidToken, "refresh token is invalid");
  const Result<> may = may_refresh(*held, client, now);
  const bool replayed = !may && may.error().why == Why::kReplayed;
  if (!may && !replayed) return fail(may.error());
  TRY(check_suspended(tx, held->grant.client));
  if (!replayed) TRY(may_go_on(policy_, held->grant, now));
  const std::string& key = held->token.bound_to;  // checklist 39
  if (!key.empty() && key != key_of(asked.dpop))
    return fail(Why::kInvalidToken, "refresh token is bound to another key");
  RefreshSeen seen{std::move(held), nobody(), replayed, tx.directory_version()};
  if (replayed || seen.held->grant.subject.empty()) return seen;
  auto subject = TRY(tx.subject(realm_, seen.held->grant.subject));
  if (!subject) return fail(Why::kRevoked, "refresh token has been revoked");
  TRY(may_act(*subject));
  seen.subject = std::move(subject);
  return seen;
}

// Whether there was anything to end.
Result<bool> LocalAuthority::punish_replay(Tx& tx, const Grant& grant, Instant now) {
  constexpr const char* kWhy = "refresh token used twice";
  switch (policy_.on_replay) {
    case OnReplay::kRefuse: return false;
    case OnReplay::kRevokeFamily:  // checklist 22
      return tx.revoke_grant(realm_, grant.id, kWhy, now);
    case OnReplay::kRevokeClient: {
      const int ended = TRY(tx.revoke_grants(all_of_client(grant), kWhy, now));
      return ended > 0;
    }
  }
  return fail(Why::kBug, "", "an OnReplay that is none of the three");
}

Result<Tokens> LocalAuthority::next_tokens(const Refresh& asked, const RefreshSeen& seen,
                                           Instant now) {
  Wanted wanted{
      .grant = seen.held->grant, .subject = *seen.subject, .parent = seen.held->token.hash};
  wanted.refresh_token = policy_.rotation != Rotation::kReusable;
  const Grant& grant = seen.held->grant;
  if (policy_.standard.on) {
    wanted.narrowed = TRY(narrow_scope(grant.scope, asked.narrow_to));
    wanted.resource = TRY(narrow_resources(grant.resource, asked.resources));
    wanted.bound_to = key_of(asked.dpop);
    wanted.refresh_bound_to = seen.held->token.bound_to;
  } else if (!asked.narrow_to.empty()) {
    const std::string all = attribute(seen.subject->attributes, policy_.narrow_attribute);
    wanted.narrowed = TRY(narrow(all, asked.narrow_to));
  }
  Tokens tokens = TRY(make_tokens(maker(), wanted, now));
  if (!wanted.refresh_token && seen.held->token.until < kEndOfTime) {
    tokens.set.refresh_until = seen.held->token.until;
  }
  return tokens;
}

// What the token was answered when it was spent, for a client that lost it on its way:
// inside the window, and as long as nobody has used what was answered.
Result<std::optional<TokenSet>> LocalAuthority::answered_before(Tx& tx, const RefreshSeen& found,
                                                                Instant now) {
  if (policy_.replay_window == Seconds{0}) return std::nullopt;
  const Grant& grant = found.held->grant;
  const auto kept = TRY(tx.answer(realm_, found.held->token.hash));
  if (!kept || now >= kept->until) return std::nullopt;
  if (!grant.subject.empty()) {
    const auto subject = TRY(tx.subject(realm_, grant.subject));
    if (!subject) return fail(Why::kRevoked, "refresh token has been revoked");
    TRY(may_act(*subject));
  }
  const Secret text = TRY(keys_.open(kept->tokens, answer_context(realm_, grant.id)));
  TokenSet tokens = TRY(read_answer(text));
  return tokens;
}

// One answer for ever; the token that is spent now was the successor of its parent,
// so whoever holds it has the parent's answer, and that window closes.
Result<> LocalAuthority::keep_answer(Tx& tx, const Holding& spent, const TokenSet& answer,
                                     Instant now) {
  if (policy_.replay_window == Seconds{0}) return {};
  if (!spent.token.parent.empty()) TRY(tx.drop_answer(realm_, spent.token.parent));
  const std::string context = answer_context(realm_, spent.grant.id);
  return tx.put_answer(realm_, {.spent = spent.token.hash,
                                .tokens = keys_.seal(write_answer(answer, now), context),
                                .until = now + policy_.replay_window});
}

Result<Rotated> LocalAuthority::give(Tx& tx, const Holding& spent, const Tokens& next,
                                     Instant now) {
  if (next.rows.empty()) return fail(Why::kBug, "", "a spent token came back to life");
  const bool spends = policy_.rotation == Rotation::kSingleUse;  // the access tokens ended with it
  if (policy_.refresh_ends_access && !spends)
    TRY(tx.end_access_tokens(realm_, spent.grant.id, now));
  TRY(keep_tokens(tx, policy_, spent.grant, next, now));
  if (spends) TRY(keep_answer(tx, spent, next.set, now));
  return Rotated{};
}

Result<Spend> LocalAuthority::spend(Tx& tx, const Hash& token, Instant now) {
  return policy_.refresh_ends_access ? tx.spend_ending_access(realm_, token, now)
                                     : tx.spend(realm_, token, now);
}

// Whether what was seen before this transaction is true in it, and the token is spent now. Of
// clients and accounts nothing has changed; that the token and its family live, spend() knows;
// a token's other facts never change.
Result<bool> LocalAuthority::spend_as_seen(Tx& tx, const RefreshSeen& seen, Instant now) {
  const bool same = seen.directory && seen.directory == tx.directory_version();
  if (seen.replayed || !same || policy_.rotation != Rotation::kSingleUse) return false;
  const Spend used = TRY(spend(tx, seen.held->token.hash, now));
  return used == Spend::kSpent;
}

// Revocation and refresh meet here: what this transaction reads is what counts
// (checklist 23).
Result<Rotated> LocalAuthority::rotate(Tx& tx, const Refresh& asked, const RefreshSeen& seen,
                                       const Tokens& next, Instant now) {
  const bool as_seen = TRY(spend_as_seen(tx, seen, now));
  if (as_seen) return give(tx, *seen.held, next, now);
  const RefreshSeen found = TRY(look_at(tx, asked, now));
  const bool single_use = policy_.rotation == Rotation::kSingleUse;
  Spend used = found.replayed ? Spend::kAlreadySpent : Spend::kSpent;
  if (!found.replayed && single_use) used = TRY(spend(tx, found.held->token.hash, now));
  if (used == Spend::kUnknown) return fail(Why::kInvalidToken, "refresh token is invalid");
  if (used == Spend::kAlreadySpent) {
    auto again = TRY(answered_before(tx, found, now));
    if (again) return Rotated{Rotated::How::kAgain, std::move(again)};
    const bool ended = TRY(punish_replay(tx, found.held->grant, now));
    return Rotated{.how = Rotated::How::kReused, .ended = ended};
  }
  return give(tx, *found.held, next, now);
}

/// A refresh whose new tokens are made and not yet given.
class LocalAuthority::Refreshing final : public Begun {
 public:
  Refreshing(LocalAuthority& authority, const Refresh& asked, Caller caller, Instant now,
             RefreshSeen seen)
      : authority_(authority),
        asked_(asked),
        caller_(std::move(caller)),
        now_(now),
        seen_(std::move(seen)) {}

  Result<> make_tokens() {
    if (!seen_.replayed) next_ = TRY(authority_.next_tokens(asked_, seen_, now_));
    return {};
  }
  Result<> work(Tx& tx) override {
    rotated_ = TRY(authority_.rotate(tx, asked_, seen_, next_, now_));
    return {};
  }
  Result<Outcome> finish() override {
    if (rotated_.how == Rotated::How::kReused) return fail(reused());
    const bool again = rotated_.how == Rotated::How::kAgain;
    authority_.tell(now_, again ? "refresh_again" : "refresh", seen_.held->grant);
    return again ? *std::move(rotated_.again) : std::move(next_.set);
  }
  bool is_grave() const override { return rotated_.how == Rotated::How::kReused; }

 private:
  Error reused() {
    authority_.tell_reuse(now_, *seen_.held, rotated_.ended);
    return authority_.told_of({Why::kReplayed, "refresh token is invalid"}, asked_, caller_, now_);
  }

  LocalAuthority& authority_;
  const Refresh& asked_;
  const Caller caller_;
  const Instant now_;
  const RefreshSeen seen_;
  Tokens next_ = {};
  Rotated rotated_ = {};
};

Result<std::unique_ptr<Begun>> LocalAuthority::prepare_refresh(const Refresh& asked,
                                                               const Caller& caller, Instant now) {
  if (policy_.rotation == Rotation::kNone) return fail(Why::kUnsupported, "no refresh here");
  auto seen = TRY(store_.read([&](Tx& tx) { return look_at(tx, asked, now); }));
  TRY(count_client(seen.held->grant.client, now));
  auto going = std::make_unique<Refreshing>(*this, asked, caller, now, std::move(seen));
  TRY(going->make_tokens());
  return going;
}

// What a refusal tells of the client's secret is counted, and whoever asks too often is told
// nothing more: the same answer to a right secret and a wrong one. Only refusals that somebody
// without a live token gets: a stranger on its network must not stop a running program.
Error LocalAuthority::told_of(Error error, const Refresh& asked, const Caller& caller,
                              Instant now) {
  static constexpr Why kWithoutToken[] = {Why::kBadCredentials, Why::kForbidden, Why::kOtpRequired,
                                          Why::kInvalidToken,   Why::kExpired,   Why::kRevoked,
                                          Why::kReplayed};
  const bool tells = policy_.refresh_needs_client && !asked.client.secret.empty() &&
                     std::ranges::find(kWithoutToken, error.why) != std::end(kWithoutToken);
  if (guard_ == nullptr || !tells) return error;
  const std::string name = guarded_name(asked.client.id);
  auto may = guard_->before_secret(caller, name, now);
  if (!may) return std::move(may).error();
  if (error.why != Why::kBadCredentials) guard_->secret_was_right(caller, name);
  return error;
}

Result<std::unique_ptr<Begun>> LocalAuthority::begin_refresh(const Refresh& asked,
                                                             const Caller& caller, Instant now) {
  auto begun = prepare_refresh(asked, caller, now);
  if (!begun) return fail(told_of(std::move(begun).error(), asked, caller, now));
  return begun;
}

Result<Outcome> LocalAuthority::refresh(const Refresh& asked, const Caller& caller, Instant now) {
  const auto begun = TRY(begin_refresh(asked, caller, now));
  TRY(store_.transact([&](Tx& tx) { return begun->work(tx); }));
  return begun->finish();
}

}  // namespace latchkey::engine
