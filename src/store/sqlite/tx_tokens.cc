#include <algorithm>

#include "store/sqlite/family_row.h"
#include "store/sqlite/sqlite_tx.h"

// Tokens: the hot path. A refresh is spend_ending_access() and put_tokens_of().

namespace latchkey::store {

using namespace engine;

// Of a token set, the columns of either token. What a refresh token keeps stands in the row where
// it is the only one.
#define ACCESS_COLUMNS                                                                \
  "t.access, iif(t.said & 1, t.number, 0), f.id, 0, t.issued, t.access_until, NULL, " \
  "t.access_ended, t.parent, t.narrowed, t.resource, t.access_bound_to"
#define REFRESH_COLUMNS                                                                    \
  "t.refresh, iif(t.said & 2, t.number, 0), f.id, 1, t.issued, t.refresh_until, t.spent, " \
  "t.refresh_ended, t.parent, "                                                            \
  "iif(t.access IS NULL, t.narrowed, ''), iif(t.access IS NULL, t.resource, ''), "         \
  "t.refresh_bound_to"
#define ACCESS_LIVES "t.live AND t.access IS NOT NULL AND t.access_ended IS NULL"
#define REFRESH_LIVES \
  "t.live AND t.refresh IS NOT NULL AND t.refresh_ended IS NULL AND t.spent IS NULL"
// The row of ?1, a token's hash: of the number ?3 that its text says, or from the index of those
// that say none. The index has no others, so each look-up must be asked.
#define ACCESS_BY_NUMBER "t.number = ?3 AND t.access = ?1 AND t.said & 1"
#define REFRESH_BY_NUMBER "t.number = ?3 AND t.refresh = ?1 AND t.said & 2"
#define ACCESS_BY_HASH "t.access = ?1 AND t.said & 1 = 0"
#define REFRESH_BY_HASH "t.refresh = ?1 AND t.said & 2 = 0"
#define HELD_PLACE FAMILY_PLACE ", t.number, t.access"
#define OF_REALM " FROM token_sets t JOIN families f ON f.number = t.family AND f.realm = ?2 WHERE "
#define HOLDING_WHERE(ACCESS, REFRESH)                                         \
  "SELECT " ACCESS_COLUMNS ", " FAMILY_COLUMNS ", " HELD_PLACE OF_REALM ACCESS \
  " UNION ALL SELECT " REFRESH_COLUMNS ", " FAMILY_COLUMNS ", " HELD_PLACE OF_REALM REFRESH

namespace {

Hash found_hash_from(Statement& row) {
  const Hash hash = row.hash();
  return Hash(hash, row.number());
}

Result<Token> token_from(Statement& row) {
  return Token{.hash = found_hash_from(row),
               .grant = row.id<GrantId>(),
               .kind = row.enumerator<TokenKind>(),
               .issued = row.time(),
               .until = row.time(),
               .spent = row.maybe_time(),
               .ended = row.maybe_time(),
               .parent = row.hash(),
               .narrowed = row.text(),
               .resource = row.text(),
               .bound_to = row.text()};
}

Result<Holding> holding_from(Statement& row) {
  Holding held;
  held.token = TRY(token_from(row));
  held.grant = TRY(grant_from(row));
  return held;
}

/// Whether one row can say both.
bool are_a_set(const Token& access, const Token& refresh) {
  return access.kind == TokenKind::kAccess && refresh.kind == TokenKind::kRefresh &&
         access.grant == refresh.grant && access.issued == refresh.issued &&
         access.parent == refresh.parent && refresh.narrowed.empty() && refresh.resource.empty();
}

/// Whose text says the number of the row: bits, as token_sets.said has them.
int said_by(const Token& access, const Token& refresh, std::int64_t number) {
  if (number == 0) return 0;
  return (access.hash.number() == number ? 1 : 0) | (refresh.hash.number() == number ? 2 : 0);
}

}  // namespace

Result<int> SqliteTx::add_set(std::int64_t number, const Token* access, const Token* refresh) {
  const Token& first = access != nullptr ? *access : *refresh;
  static const Token kNone{};
  const Token &a = access != nullptr ? *access : kNone, &r = refresh != nullptr ? *refresh : kNone;
  const Parameter none = std::optional<Instant>();
  const int added = TRY(db_.run(
      "INSERT INTO token_sets (number, family, issued, parent, narrowed, resource, access,"
      " access_until, access_ended, access_bound_to, refresh, refresh_until, refresh_ended,"
      " refresh_bound_to, spent, said) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
      " ON CONFLICT (number) DO NOTHING",
      {number, family_->number, first.issued, first.parent, first.narrowed, first.resource,
       access != nullptr ? Parameter(a.hash) : none, a.until, a.ended, a.bound_to,
       refresh != nullptr ? Parameter(r.hash) : none, r.until, r.ended, r.bound_to, r.spent,
       said_by(a, r, number)}));
  explained_ += added;
  return added;
}

// A number may be taken: by another process, or because one of these tokens stands there already.
// No other process makes a row meanwhile, and in this one each number is given out once.
Result<> SqliteTx::put_at_another_number(const Token* access, const Token* refresh) {
  for (const Token* token : {access, refresh}) {
    if (token == nullptr || token->hash.number() == 0) continue;
    const auto same =
        TRY(db_.number("SELECT count(*) FROM token_sets WHERE number = ?1"
                       " AND iif(?3, access, refresh) = ?2",
                       {token->hash.number(), token->hash, token == access}));
    if (same != 0) return fail(Why::kConflict, "", "store: that token is there");
  }
  const auto last = TRY(db_.number("SELECT max(number) FROM token_sets"));
  numbers_->skip(last);
  const int added = TRY(add_set(numbers_->next(), access, refresh));
  if (added == 0) return fail(Why::kBug, "", "store: a number was given out twice");
  return {};
}

Result<> SqliteTx::put_set(const Token* access, const Token* refresh) {
  if (numbers_ == nullptr) return fail(Why::kBug, "", "store: a read may not write");
  const Token& first = access != nullptr ? *access : *refresh;
  const bool there = TRY(meet(first.grant));
  if (!there) return fail(Why::kConflict, "", "store: a token of no family");
  std::int64_t number = first.hash.number();
  if (number == 0 && refresh != nullptr) number = refresh->hash.number();
  if (number == 0) number = numbers_->next();
  const int added = TRY(add_set(number, access, refresh));
  if (added == 0) TRY(put_at_another_number(access, refresh));
  const Instant until = std::max(access != nullptr ? access->until : Instant{},
                                 refresh != nullptr ? refresh->until : Instant{});
  if (until > family_->until || first.issued > family_->used) {
    family_->until = std::max(family_->until, until);
    family_->used = std::max(family_->used, first.issued);
    lengthened_ = true;
  }
  if (refresh != nullptr)
    places_.put(refresh->hash,
                {db_.last_number(), access != nullptr ? access->hash : Hash(), *family_});
  return {};
}

Result<> SqliteTx::put_token(const Token& token) {
  const bool access = token.kind == TokenKind::kAccess;
  return put_set(access ? &token : nullptr, access ? nullptr : &token);
}

Result<> SqliteTx::put_tokens_of(const Grant& family, std::span<const Token> tokens) {
  if (tokens.size() == 2 && are_a_set(tokens[0], tokens[1])) {
    TRY(put_set(&tokens[0], &tokens[1]));
  } else {
    for (const Token& token : tokens) TRY(put_token(token));
  }
  for (const Token& token : tokens) {
    if (family.id != token.grant || family.revoked) continue;
    Holding held{.token = token, .grant = family};
    held.grant.used = family_->used;
    fresh_.emplace_back(std::move(held));
  }
  return {};
}

Result<Shared<Holding>> SqliteTx::holding(const Realm& realm, const Hash& hash) {
  if (known_ != nullptr)
    if (auto held = known_->holding(realm, hash)) return held;
  TRY(finish());
  std::optional<TokenPlace> met;
  const auto read = [&](Statement& row) -> Result<Holding> {
    auto held = TRY(holding_from(row));
    FamilyPlace family{
        .id = held.grant.id, .number = row.number(), .until = row.time(), .used = row.time()};
    met = TokenPlace{.number = row.number(), .access = row.hash(), .family = std::move(family)};
    return held;
  };
  std::optional<Holding> found;
  if (hash.number() != 0) {
    found = TRY(row_of(
        db_.query(HOLDING_WHERE(ACCESS_BY_NUMBER, REFRESH_BY_NUMBER), {hash, realm, hash.number()}),
        read));
  }
  if (!found) {
    found =
        TRY(row_of(db_.query(HOLDING_WHERE(ACCESS_BY_HASH, REFRESH_BY_HASH), {hash, realm}), read));
  }
  if (met) {
    if (found->token.kind == TokenKind::kRefresh) places_.put(hash, *met);
    family_ = std::move(met->family);
  }
  Shared<Holding> held = std::move(found);
  if (known_ != nullptr && held) known_->keep(mark_, held);
  return held;
}

Result<Spend> SqliteTx::spend(const Realm& realm, const Hash& hash, Instant now) {
  return use_up(realm, hash, now, Ends::kNothingElse);
}

Result<Spend> SqliteTx::spend_ending_access(const Realm& realm, const Hash& hash, Instant now) {
  return use_up(realm, hash, now, Ends::kAccess);
}

// The access token that was issued with it ends in the same change of the same row.
Result<bool> SqliteTx::use_up_in_place(const Realm& realm, const Hash& hash, Instant now,
                                       Ends ends) {
  auto place = places_.take(hash);
  if (!place) return false;
  const int spent =
      TRY(db_.run("UPDATE token_sets SET spent = ?2,"
                  " access_ended = iif(?6, ifnull(access_ended, ?2), access_ended)"
                  " WHERE number = ?5 AND refresh = ?1 AND spent IS NULL AND refresh_ended IS NULL"
                  " AND family = ?3 AND EXISTS (SELECT 1 FROM families"
                  " WHERE number = ?3 AND realm = ?4 AND revoked IS NULL)",
                  {hash, now, place->family.number, realm, place->number, ends == Ends::kAccess}));
  forget(place->family.id, spent);
  if (spent != 1) return false;
  over_.push_back(hash);
  if (ends == Ends::kAccess && !place->access.empty()) over_.push_back(place->access);
  family_ = std::move(place->family);
  return true;
}

Result<Spend> SqliteTx::use_up(const Realm& realm, const Hash& hash, Instant now, Ends ends) {
  TRY(finish());
  bool spent = TRY(use_up_in_place(realm, hash, now, ends));
  if (!spent) {
    const auto held = TRY(holding(realm, hash));  // and its place, where there is one
    if (!held || held->token.kind != TokenKind::kRefresh) return Spend::kUnknown;
    if (held->token.spent) return Spend::kAlreadySpent;
    spent = TRY(use_up_in_place(realm, hash, now, ends));
  }
  if (!spent) return Spend::kUnknown;
  if (ends == Ends::kAccess) TRY(end_access(now));
  return Spend::kSpent;
}

Result<> SqliteTx::put_answer(const Realm& realm, const KeptAnswer& kept) {
  TRY(run_unknown("INSERT INTO answers (realm, spent, tokens, until) VALUES (?, ?, ?, ?)",
                  {realm, kept.spent, kept.tokens, kept.until}));
  return {};
}

Result<std::optional<KeptAnswer>> SqliteTx::answer(const Realm& realm, const Hash& spent) {
  return row_of(db_.query("SELECT spent, tokens, until FROM answers WHERE realm = ? AND spent = ?",
                          {realm, spent}),
                [](Statement& row) -> Result<KeptAnswer> {
                  return KeptAnswer{
                      .spent = row.hash(), .tokens = row.bytes(), .until = row.time()};
                });
}

Result<> SqliteTx::drop_answer(const Realm& realm, const Hash& spent) {
  TRY(run_unknown("DELETE FROM answers WHERE realm = ? AND spent = ?", {realm, spent}));
  return {};
}

Result<int> SqliteTx::end_refresh_tokens(const Realm& realm, const SubjectId& subject,
                                         Instant now) {
  return db_.run("UPDATE token_sets AS t SET refresh_ended = ?3 WHERE " REFRESH_LIVES
                 " AND family IN (SELECT number FROM families WHERE realm = ?1 AND subject = ?2)",
                 {realm, subject, now});
}

Result<int> SqliteTx::end_access_tokens(const Realm& realm, const GrantId& id, Instant now) {
  const bool there = TRY(meet(id));
  if (!there) return 0;
  const auto theirs = TRY(db_.number("SELECT count(*) FROM families WHERE number = ? AND realm = ?",
                                     {family_->number, realm}));
  if (theirs == 0) return 0;
  return end_access(now);
}

Result<int> SqliteTx::end_access(Instant now) {
  // One update of all would keep their numbers in a table of its own, made anew each time.
  const auto live =
      TRY(rows_of(db_.query("SELECT number FROM token_sets t WHERE family = ? AND " ACCESS_LIVES,
                            {family_->number}),
                  [](Statement& row) -> Result<std::int64_t> { return row.number(); }));
  for (const std::int64_t number : live)
    TRY(db_.run("UPDATE token_sets SET access_ended = ?2 WHERE number = ?1", {number, now}));
  forget(family_->id, static_cast<int>(live.size()));
  return static_cast<int>(live.size());
}

Result<std::vector<Token>> SqliteTx::live_tokens(const Realm& realm, const GrantId& id, int most) {
  return rows_of(
      db_.query("SELECT " ACCESS_COLUMNS " FROM families f JOIN token_sets t ON t.family = f.number"
                " AND " ACCESS_LIVES " WHERE f.id = ?1 AND f.realm = ?2"
                " UNION ALL SELECT " REFRESH_COLUMNS
                " FROM families f JOIN token_sets t ON t.family = f.number"
                " AND " REFRESH_LIVES " WHERE f.id = ?1 AND f.realm = ?2"
                " LIMIT ?3",
                {id, realm, std::max(0, most)}),
      token_from);
}

}  // namespace latchkey::store
