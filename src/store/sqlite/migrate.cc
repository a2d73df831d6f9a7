#include "store/sqlite/migrate.h"

namespace latchkey::store {

namespace {

/// Runs the next step inside a transaction; false when there was none to run.
Result<bool> step(Connection& db) {
  const int schema = TRY(schema_of(db));
  if (schema == std::ssize(migrations())) return false;
  TRY(db.script(migrations()[static_cast<std::size_t>(schema)]));
  const std::string version = "PRAGMA user_version = " + std::to_string(schema + 1);
  TRY(db.script(version.c_str()));
  const std::string owner = "PRAGMA application_id = " + std::to_string(kApplicationId);
  TRY(db.script(owner.c_str()));
  return true;
}

Result<> run_steps(Connection& db) {
  for (bool more = true; more;) {
    TRY(db.script("BEGIN IMMEDIATE"));
    auto done = step(db);
    if (done) {
      if (auto committed = db.script("COMMIT"); !committed) done = fail(committed.error());
    }
    if (!done) {
      (void)db.undo();
      return fail(done.error());
    }
    more = *done;
  }
  return {};
}

}  // namespace

Result<int> schema_of(Connection& db) {
  // At once: another program may be making the store.
  Statement row =
      TRY(db.query("SELECT count(*), (SELECT user_version FROM pragma_user_version),"
                   " (SELECT application_id FROM pragma_application_id)"
                   " FROM sqlite_schema"));
  TRY(row.step());
  const auto tables = row.number(), version = row.number(), owner = row.number();
  const auto newest = std::ssize(migrations());
  if (owner == 0 && version == 0 && tables == 0) return 0;
  if (owner != kApplicationId || version <= 0) {
    return fail(Why::kStore, "the store is a database of another program");
  }
  if (version > newest) {
    return fail(Why::kStore, "the store has schema " + std::to_string(version) +
                                 ", this program knows only " + std::to_string(newest) +
                                 ": use a newer program");
  }
  return static_cast<int>(version);
}

// A step may sort millions of rows for an index: numbers, and not in memory.
Result<> migrate(Connection& db) {
  TRY(db.script("PRAGMA temp_store = FILE"));
  const auto done = run_steps(db);
  TRY(db.script("PRAGMA temp_store = MEMORY"));
  return done;
}

}  // namespace latchkey::store
