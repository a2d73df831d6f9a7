#include <algorithm>

#include "engine/admin.h"

// How operators end what was issued, and see who has what.

namespace latchkey::engine {
namespace {

constexpr int kMostTokens = 1000;  // of one family that are counted

void add(Admin::Holder& holder, const Token& token, Instant now) {
  if (now >= token.until) return;
  const bool access = token.kind == TokenKind::kAccess;
  ++(access ? holder.access_tokens : holder.refresh_tokens);
  auto& until = access ? holder.access_until : holder.refresh_until;
  until = std::max(until.value_or(token.until), token.until);
}

}  // namespace

Result<int> Admin::revoke(const GrantFilter& filter, std::string_view why, Instant now) {
  return finally(store_.transact([&](Tx& tx) -> Result<int> {
    const bool of_client = !filter.client.empty() && filter.operator_id == 0;
    if (of_client) TRY(tx.drop_begun(filter.realm, filter.client, filter.subject));
    return tx.revoke_grants(filter, why, now);
  }));
}

Result<bool> Admin::revoke_grant(const Realm& realm, const GrantId& id, std::string_view why,
                                 Instant now) {
  return finally(store_.transact([&](Tx& tx) { return tx.revoke_grant(realm, id, why, now); }));
}

Result<bool> Admin::revoke_token(const Realm& realm, const Secret& token, std::string_view why,
                                 Instant now) {
  const Hash hash = keys_.token_hash(token);
  return finally(store_.transact([&](Tx& tx) -> Result<bool> {
    const auto held = TRY(tx.holding(realm, hash));
    if (!held) return false;
    return tx.revoke_grant(realm, held->grant.id, why, now);
  }));
}

Result<int> Admin::revoke_user(const Realm& realm, const SubjectId& login, std::string_view why,
                               Instant now) {
  return finally(store_.transact([&](Tx& tx) -> Result<int> {
    const auto subject = TRY(tx.subject(realm, login));
    if (!subject || login.empty()) return fail(Why::kNotFound, "no such user");
    TRY(tx.drop_sessions(realm, login));
    return tx.revoke_grants({.realm = realm, .subject = login}, why, now);
  }));
}

Result<int> Admin::revoke_everyone(const Realm& realm, std::string_view why, Instant now) {
  if (realm.empty()) return fail(Why::kBug, "", "everyone of no realm");
  return finally(store_.transact([&](Tx& tx) -> Result<int> {
    TRY(tx.drop_pending(realm));
    return tx.revoke_grants({.realm = realm}, why, now);
  }));
}

Result<std::vector<Admin::Holder>> Admin::holders(const GrantFilter& asked, int most, Instant now) {
  GrantFilter filter = asked;
  filter.only_live = true;
  return store_.read([&](Tx& tx) -> Result<std::vector<Holder>> {
    std::vector<Holder> all;
    auto grants = TRY(tx.grants(filter, most));
    for (Grant& grant : grants) {
      const auto tokens = TRY(tx.live_tokens(grant.realm, grant.id, kMostTokens));
      Holder holder{.grant = std::move(grant)};
      for (const Token& token : tokens) add(holder, token, now);
      const bool holds = holder.access_tokens > 0 || holder.refresh_tokens > 0;
      if (holds) all.push_back(std::move(holder));
    }
    return all;
  });
}

}  // namespace latchkey::engine
