#include <algorithm>

#include "store/sqlite/sqlite_tx.h"

namespace latchkey::store {

namespace {

/// How many tokens, and how many families, one sweep looks at: a few
/// milliseconds in which nobody else can write.
constexpr int kMostLooks = 4096;

// A table's sweep: `look` gives (number, whether it is over, whether a part of it is) of some rows
// after a number, in order; `drop` deletes one; `strip` deletes of one what is over.
struct TokenSets {
  static constexpr const char* kLook =
      "SELECT number, max(access_until, refresh_until) < ?3, access IS NOT NULL AND access_until < "
      "?3"
      " FROM token_sets WHERE number > ?1 ORDER BY number LIMIT ?2";
  static constexpr const char* kDrop = "DELETE FROM token_sets WHERE number = ?";
  static constexpr const char* kStrip =
      "UPDATE token_sets SET access = NULL, access_until = 0, access_ended = NULL,"
      " access_bound_to = '', narrowed = '', resource = '' WHERE number = ?";
};
struct Families {
  static constexpr const char* kLook =
      "SELECT number, until < ?3, FALSE FROM families WHERE number > ?1 ORDER BY number LIMIT ?2";
  static constexpr const char* kDrop = "DELETE FROM families WHERE number = ?";
  static constexpr const char* kStrip = kDrop;  // none has a part
};

struct Dead {
  std::int64_t number;
  bool whole;
};

/// Looks at no more than `looks` rows from `place` on and deletes the dead ones as
/// long as `left` allows. True when the table's end was reached; `place` is then
/// its beginning.
template <class Table>
Result<bool> sweep_on(Connection& db, std::int64_t& place, Instant before, int& looks, int& left) {
  std::vector<Dead> dead;
  bool end = true;
  {
    const std::int64_t from = place;
    Statement row = TRY(db.query(Table::kLook, {from, looks, before}));
    for (;;) {
      const bool there = TRY(row.step());
      if (!there) break;
      if (std::ssize(dead) == left) {
        end = false;
        break;
      }
      --looks;
      place = row.number();
      const bool whole = row.flag(), part = row.flag();
      if (whole || part) dead.push_back({place, whole});
    }
    end = end && looks > 0;
  }
  for (const Dead& one : dead) {
    const int gone = TRY(db.run(one.whole ? Table::kDrop : Table::kStrip, {one.number}));
    left -= gone;
  }
  if (end) place = 0;
  return end;
}

/// To the end of the table and, if that leaves any looks, from its beginning. True when the end
/// was reached.
template <class Table>
Result<bool> sweep_table(Connection& db, std::int64_t& place, Instant before, int& left) {
  int looks = kMostLooks;
  const bool end = TRY(sweep_on<Table>(db, place, before, looks, left));
  if (end && left > 0) TRY(sweep_on<Table>(db, place, before, looks, left));
  return end;
}

}  // namespace

Result<engine::Swept> SqliteTx::sweep(Instant before, int most) {
  TRY(finish());
  family_.reset();
  int left = most;
  for (const char* drop :
       {"DELETE FROM descents WHERE (parent, child) IN"
        " (SELECT parent, child FROM descents WHERE until < ? ORDER BY until LIMIT ?)",
        "DELETE FROM answers WHERE (realm, spent) IN"
        " (SELECT realm, spent FROM answers WHERE until < ? ORDER BY until LIMIT ?)",
        "DELETE FROM codes WHERE (realm, hash) IN"
        " (SELECT realm, hash FROM codes WHERE until < ? ORDER BY until LIMIT ?)",
        "DELETE FROM device_codes WHERE (realm, hash) IN"
        " (SELECT realm, hash FROM device_codes WHERE until < ? ORDER BY until LIMIT ?)",
        "DELETE FROM pushed_requests WHERE (realm, hash) IN"
        " (SELECT realm, hash FROM pushed_requests WHERE until < ? ORDER BY until LIMIT ?)",
        "DELETE FROM used_ids WHERE (realm, id) IN"
        " (SELECT realm, id FROM used_ids WHERE until < ? ORDER BY until LIMIT ?)",
        "DELETE FROM challenges WHERE number IN"
        " (SELECT number FROM challenges WHERE until < ? ORDER BY until LIMIT ?)",
        "DELETE FROM sessions WHERE (realm, hash) IN"
        " (SELECT realm, hash FROM sessions WHERE until < ? ORDER BY until LIMIT ?)",
        "DELETE FROM signing_keys WHERE number IN"
        " (SELECT number FROM signing_keys WHERE until < ? ORDER BY until LIMIT ?)",
        "DELETE FROM counters WHERE (realm, name) IN"
        " (SELECT realm, name FROM counters WHERE until < ? ORDER BY until LIMIT ?)"}) {
    if (left <= 0) return engine::Swept{.gone = std::max(0, most), .more = true};
    const int gone = TRY(db_.run(drop, {before, left}));
    left -= gone;
  }
  bool all = true;
  if (left > 0) {
    const bool end = TRY(sweep_table<TokenSets>(db_, place_.token_set, before, left));
    all = end;
  }
  if (left > 0) {
    const bool end = TRY(sweep_table<Families>(db_, place_.family, before, left));
    all = all && end;
  }
  return engine::Swept{.gone = most - left, .more = !all || left <= 0};
}

}  // namespace latchkey::store
