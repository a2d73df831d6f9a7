#include "engine/local_authority.h"
#include "engine/rules.h"
#include "engine/standard.h"

#include <algorithm>

namespace latchkey::engine {
namespace {

constexpr int kMostNotes = 200;             // shown at once
constexpr std::size_t kLongestNote = 4096;  // bytes

}  // namespace

Result<Bearer> LocalAuthority::look_at(Tx& tx, const Use& asked, Instant now) {
  auto bearer = TRY(bearer_of(tx, keys_, realm_, asked.bearer, now));
  TRY(may_present(bearer.held->token, asked.dpop, asked.bearer));
  const Grant& grant = bearer.held->grant;
  TRY(check_suspended(tx, grant.client));
  const auto& tiers = asked.tiers;
  if (!tiers.empty() && std::ranges::find(tiers, grant.tier) == tiers.end()) {
    return fail(Why::kForbidden, "this token may not do that");
  }
  const bool must_name = policy_.login == LoginKind::kBoth;
  if (!must_name && asked.partner.empty()) return bearer;
  const auto partner = TRY(tx.client_of_partner(realm_, asked.partner));
  const bool same = partner && !asked.partner.empty() && partner->id == grant.client;
  if (!same) return fail(Why::kForbidden, "the partner is unknown or another one");
  return bearer;
}

Result<> LocalAuthority::suspend(const Bearer& bearer, Instant now) {
  const SubjectId& login = bearer.subject->login;
  TRY(store_.transact([&](Tx& tx) -> Result<> {
    const auto found = TRY(tx.subject(realm_, login));
    if (!found || found->disabled) return {};
    Subject subject = *found;
    subject.disabled = true;
    subject.disabled_why = "flood";
    return tx.put_subject(subject);
  }));
  tell(now, "suspended", bearer.held->grant, "flood");
  return {};
}

Result<Outcome> LocalAuthority::use(const Use& asked, Instant now) {
  if (asked.note && asked.note->size() > kLongestNote) {
    return fail(Why::kMalformed, "the text is too long");
  }
  Used used;
  const auto look = [&](Tx& tx) -> Result<Bearer> {
    auto bearer = TRY(look_at(tx, asked, now));
    if (!asked.notebook.empty()) {
      used.notes = TRY(tx.notes(realm_, bearer.subject->login, asked.notebook, kMostNotes));
    }
    return bearer;
  };
  const Bearer bearer = TRY(store_.read(look));
  const Token& token = bearer.held->token;
  const Grant& grant = bearer.held->grant;
  TRY(count_client(grant.client, now));
  if (!grant.subject.empty() && !flood_throttle_.take(grant.subject.text, now).allowed) {
    TRY(suspend(bearer, now));
    return fail(Why::kForbidden, "the account is suspended", "suspended: flood");
  }
  if (asked.note && !asked.notebook.empty()) {
    TRY(store_.transact([&](Tx& tx) -> Result<> {
      TRY(look_at(tx, asked, now));
      TRY(tx.add_note(realm_, grant.subject, asked.notebook, *asked.note, now));
      used.notes = TRY(tx.notes(realm_, grant.subject, asked.notebook, kMostNotes));
      return {};
    }));
  }
  used.who = {.client = grant.client,
              .subject = grant.subject,
              .operator_id = grant.operator_id,
              .tier = grant.tier,
              .scope = grant.scope,
              .attributes = attributes_of(*bearer.subject, policy_, token.narrowed),
              .until = token.until};
  return used;
}

}  // namespace latchkey::engine
