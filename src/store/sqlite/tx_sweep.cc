#include <algorithm>

#include "store/sqlite/sqlite_tx.h"

namespace latchkey::store {

namespace {

/// How many tokens, and how many families, one sweep looks at: a few
/// milliseconds in which nobody else can write.
constexpr int kMostLooks = 4096;

// A table's sweep: `look` gives (number, until) of some rows after a number, in order;
// `drop` deletes one.
struct Tokens {
  static constexpr const char* kLook =
      "SELECT number, until FROM tokens WHERE number > ? ORDER BY number LIMIT ?";
  static constexpr const char* kDrop = "DELETE FROM tokens WHERE number = ?";
};
struct Families {
  static constexpr const char* kLook =
      "SELECT number, until FROM families WHERE number > ? ORDER BY number LIMIT ?";
  static constexpr const char* kDrop = "DELETE FROM families WHERE number = ?";
};

/// Looks at no more than `looks` rows from `place` on and deletes the dead ones as
/// long as `left` allows. True when the table's end was reached; `place` is then
/// its beginning.
template <class Table>
Result<bool> sweep_on(Connection& db, std::int64_t& place, Instant before, int& looks, int& left) {
  std::vector<std::int64_t> dead;
  bool end = true;
  {
    const std::int64_t from = place;
    Statement row = TRY(db.query(Table::kLook, {from, looks}));
    for (;;) {
      const bool there = TRY(row.step());
      if (!there) break;
      if (std::ssize(dead) == left) {
        end = false;
        break;
      }
      --looks;
      place = row.number();
      if (row.time() < before) dead.push_back(place);
    }
    end = end && looks > 0;
  }
  for (const std::int64_t number : dead) {
    const int gone = TRY(db.run(Table::kDrop, {number}));
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
    const bool end = TRY(sweep_table<Tokens>(db_, place_.token, before, left));
    all = end;
  }
  if (left > 0) {
    const bool end = TRY(sweep_table<Families>(db_, place_.family, before, left));
    all = all && end;
  }
  return engine::Swept{.gone = most - left, .more = !all || left <= 0};
}

}  // namespace latchkey::store
