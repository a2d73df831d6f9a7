#include <algorithm>

#include "store/memory/memory_tx.h"

// Grants and tokens.

namespace latchkey::store {

using namespace engine;

namespace {

bool matches(const GrantFilter& filter, const Grant& grant) {
  return (filter.realm.empty() || filter.realm == grant.realm) &&
         (filter.client.empty() || filter.client == grant.client) &&
         (filter.subject.empty() || filter.subject == grant.subject) &&
         (filter.operator_id == 0 || filter.operator_id == grant.operator_id) &&
         (filter.except.empty() || filter.except != grant.id);
}

/// The family and all that descends from it; how many of them lived.
int revoke(State& state, const GrantId& first, std::string_view why, Instant now) {
  int revoked = 0;
  std::vector<GrantId> due{first};
  while (!due.empty()) {
    const GrantId id = std::move(due.back());
    due.pop_back();
    const auto found = state.grants.find(id);
    if (found == state.grants.end() || found->second.row.revoked) continue;
    found->second.row.revoked = now;
    found->second.row.revoked_why = why;
    ++revoked;
    for (auto it = state.descents.lower_bound({id, GrantId{}});
         it != state.descents.end() && it->second.parent == id; ++it) {
      due.push_back(it->second.child);
    }
  }
  return revoked;
}

}  // namespace

Result<> MemoryTx::put_grant(const Grant& grant) {
  State* state = TRY(changing());
  const bool is_new = state->grants.insert({grant.id, {state->last_place + 1, grant}}).second;
  if (!is_new) return fail(Why::kConflict, "", "store: that grant id is taken");
  ++state->last_place;
  return {};
}

Result<> MemoryTx::put_descent(const Descent& descent) {
  State* state = TRY(changing());
  state->descents.insert({{descent.parent, descent.child}, descent});
  return {};
}

Result<> MemoryTx::put_token(const Token& token) {
  State* state = TRY(changing());
  if (!state->grants.contains(token.grant)) {
    return fail(Why::kConflict, "", "store: a token of no family");
  }
  if (!state->tokens.insert({token.hash, token}).second) {
    return fail(Why::kConflict, "", "store: that token is there");
  }
  Grant& grant = state->grants.at(token.grant).row;
  grant.used = std::max(grant.used, token.issued);
  return {};
}

Result<Shared<Holding>> MemoryTx::holding(const Realm& realm, const Hash& hash) {
  const auto token = look_up(state_.tokens, hash);
  if (!token) return std::nullopt;
  const auto grant = look_up(state_.grants, token->grant);
  if (!grant || grant->row.realm != realm) return std::nullopt;
  return Holding{.token = *token, .grant = grant->row};
}

Result<Spend> MemoryTx::spend(const Realm& realm, const Hash& hash, Instant now) {
  State* state = TRY(changing());
  const auto held = TRY(holding(realm, hash));
  if (!held || held->token.kind != TokenKind::kRefresh) return Spend::kUnknown;
  if (held->token.spent) return Spend::kAlreadySpent;
  if (held->token.ended || held->grant.revoked) return Spend::kUnknown;
  state->tokens.at(hash).spent = now;
  return Spend::kSpent;
}

Result<> MemoryTx::put_answer(const Realm& realm, const KeptAnswer& kept) {
  State* state = TRY(changing());
  const bool is_new = state->answers.insert({{realm, kept.spent}, kept}).second;
  if (!is_new) return fail(Why::kConflict, "", "store: that token has an answer");
  return {};
}

Result<std::optional<KeptAnswer>> MemoryTx::answer(const Realm& realm, const Hash& spent) {
  return look_up(state_.answers, {realm, spent});
}

Result<> MemoryTx::drop_answer(const Realm& realm, const Hash& spent) {
  State* state = TRY(changing());
  state->answers.erase({realm, spent});
  return {};
}

Result<int> MemoryTx::revoke_grants(const GrantFilter& filter, std::string_view why, Instant now) {
  State* state = TRY(changing());
  int revoked = 0;
  for (const auto& [id, grant] : state->grants) {
    if (matches(filter, grant.row)) revoked += revoke(*state, id, why, now);
  }
  return revoked;
}

Result<bool> MemoryTx::revoke_grant(const Realm& realm, const GrantId& id, std::string_view why,
                                    Instant now) {
  State* state = TRY(changing());
  const auto found = state->grants.find(id);
  if (found == state->grants.end()) return false;
  if (found->second.row.realm != realm) return false;
  return revoke(*state, id, why, now) > 0;
}

Result<int> MemoryTx::end_refresh_tokens(const Realm& realm, const SubjectId& subject,
                                         Instant now) {
  State* state = TRY(changing());
  int ended = 0;
  for (auto& [hash, token] : state->tokens) {
    const auto grant = look_up(state->grants, token.grant);
    if (!grant || grant->row.realm != realm || grant->row.subject != subject) continue;
    if (token.kind != TokenKind::kRefresh || token.spent || token.ended) continue;
    token.ended = now;
    ++ended;
  }
  return ended;
}

Result<int> MemoryTx::end_access_tokens(const Realm& realm, const GrantId& id, Instant now) {
  State* state = TRY(changing());
  const auto grant = look_up(state->grants, id);
  if (!grant || grant->row.realm != realm) return 0;
  int ended = 0;
  for (auto& [hash, token] : state->tokens) {
    if (token.grant != id || token.kind != TokenKind::kAccess || token.ended) continue;
    token.ended = now;
    ++ended;
  }
  return ended;
}

Result<std::vector<Grant>> MemoryTx::grants(const GrantFilter& filter, int most) {
  std::vector<Placed<Grant>> found;
  for (const auto& [id, grant] : state_.grants) {
    if (filter.only_live && grant.row.revoked) continue;
    if (matches(filter, grant.row)) found.push_back(grant);
  }
  std::ranges::sort(found, std::ranges::greater{}, &Placed<Grant>::place);
  std::vector<Grant> rows;
  for (const auto& grant : found) {
    if (std::ssize(rows) >= most) break;
    rows.push_back(grant.row);
  }
  return rows;
}

Result<std::vector<Token>> MemoryTx::live_tokens(const Realm& realm, const GrantId& id, int most) {
  std::vector<Token> rows;
  const auto grant = look_up(state_.grants, id);
  if (!grant || grant->row.realm != realm) return rows;
  for (const auto& [hash, token] : state_.tokens) {
    if (std::ssize(rows) >= most) break;
    if (token.grant == id && !token.spent && !token.ended) rows.push_back(token);
  }
  return rows;
}

}  // namespace latchkey::store
