#include <algorithm>
#include <limits>

#include "store/sqlite/sqlite_tx.h"

// Deliveries, notes, counters, marks and signing keys.

namespace latchkey::store {

using namespace engine;

#define DELIVERY_COLUMNS "realm, client, address, text, transaction_id, at, subject"
#define KEY_COLUMNS "realm, kid, alg, key, created, use_from, retired, until"

namespace {

Result<Delivery> delivery_from(Statement& row) {
  return Delivery{.number = row.number(),
                  .realm = row.id<Realm>(),
                  .client = row.id<ClientId>(),
                  .address = row.text(),
                  .text = row.bytes(),
                  .transaction_id = row.text(),
                  .at = row.time(),
                  .subject = row.id<SubjectId>()};
}

Result<Note> note_from(Statement& row) {
  return Note{.number = row.number(), .at = row.time(), .text = row.text()};
}

Result<StoredKey> key_from(Statement& row) {
  return StoredKey{.realm = row.id<Realm>(),
                   .kid = row.text(),
                   .alg = row.text(),
                   .key = row.bytes(),
                   .created = row.time(),
                   .use_from = row.time(),
                   .retired = row.maybe_time(),
                   .until = row.time()};
}

struct Counter {
  Instant began;
  int count;
};

Result<Counter> counter_from(Statement& row) {
  return Counter{.began = row.time(), .count = static_cast<int>(row.number())};
}

}  // namespace

Result<std::int64_t> SqliteTx::add_delivery(const Delivery& delivery) {
  TRY(db_.run("INSERT INTO deliveries (" DELIVERY_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?)",
              {delivery.realm, delivery.client, delivery.address, delivery.text,
               delivery.transaction_id, delivery.at, delivery.subject}));
  const std::int64_t number = db_.last_number();
  TRY(
      db_.run("DELETE FROM deliveries WHERE number <= (SELECT number FROM deliveries"
              " WHERE realm = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2) AND realm = ?1",
              {delivery.realm, kMostDeliveries}));
  return number;
}

Result<std::vector<Delivery>> SqliteTx::deliveries(const Realm& realm, int most) {
  return rows_of(db_.query("SELECT number, " DELIVERY_COLUMNS " FROM deliveries WHERE realm = ?"
                           " ORDER BY number DESC LIMIT ?",
                           {realm, std::max(0, most)}),
                 delivery_from);
}

Result<Note> SqliteTx::add_note(const Realm& realm, const SubjectId& subject,
                                std::string_view notebook, std::string_view text, Instant now) {
  TRY(db_.run("INSERT INTO notes (realm, subject, notebook, at, text) VALUES (?, ?, ?, ?, ?)",
              {realm, subject, notebook, now, text}));
  return Note{.number = db_.last_number(), .at = now, .text = std::string(text)};
}

Result<std::vector<Note>> SqliteTx::notes(const Realm& realm, const SubjectId& subject,
                                          std::string_view notebook, int most) {
  return rows_of(db_.query("SELECT number, at, text FROM notes"
                           " WHERE realm = ? AND subject = ? AND notebook = ?"
                           " ORDER BY number DESC LIMIT ?",
                           {realm, subject, notebook, std::max(0, most)}),
                 note_from);
}

Result<int> SqliteTx::drop_notes(const Realm& realm) {
  return db_.run("DELETE FROM notes WHERE realm = ?", {realm});
}

Result<int> SqliteTx::count(const Realm& realm, std::string_view name, Instant now,
                            Seconds window) {
  const auto kept = TRY(row_of(
      db_.query("SELECT began, count FROM counters WHERE realm = ? AND name = ?", {realm, name}),
      counter_from));
  Counter counter{.began = now, .count = 0};
  if (kept && now < expiry(kept->began, Lifetime{window})) counter = *kept;
  if (counter.count < std::numeric_limits<int>::max()) ++counter.count;
  TRY(db_.run(
      "INSERT OR REPLACE INTO counters (realm, name, began, until, count)"
      " VALUES (?, ?, ?, ?, ?)",
      {realm, name, counter.began, expiry(counter.began, Lifetime{window}), counter.count}));
  return counter.count;
}

Result<> SqliteTx::reset_count(const Realm& realm, std::string_view name) {
  TRY(db_.run("DELETE FROM counters WHERE realm = ? AND name = ?", {realm, name}));
  return {};
}

Result<int> SqliteTx::counted(const Realm& realm, std::string_view name, Instant now) {
  const auto kept = TRY(row_of(
      db_.query("SELECT began, count FROM counters WHERE realm = ? AND name = ? AND until > ?",
                {realm, name, now}),
      counter_from));
  return kept ? kept->count : 0;
}

Result<std::optional<std::int64_t>> SqliteTx::mark(const Realm& realm, std::string_view name) {
  return row_of(db_.query("SELECT value FROM marks WHERE realm = ? AND name = ?", {realm, name}),
                [](Statement& row) -> Result<std::int64_t> { return row.number(); });
}

Result<bool> SqliteTx::raise_mark(const Realm& realm, std::string_view name, std::int64_t value) {
  const int raised =
      TRY(db_.run("INSERT INTO marks (realm, name, value) VALUES (?, ?, ?)"
                  " ON CONFLICT (realm, name) DO UPDATE SET value = excluded.value"
                  " WHERE excluded.value > value",
                  {realm, name, value}));
  return raised == 1;
}

Result<> SqliteTx::put_key(const StoredKey& key) {
  TRY(db_.run(
      "INSERT INTO signing_keys (" KEY_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      {key.realm, key.kid, key.alg, key.key, key.created, key.use_from, key.retired, key.until}));
  return {};
}

Result<> SqliteTx::change_key(const StoredKey& key) {
  TRY(
      db_.run("UPDATE signing_keys SET use_from = ?, retired = ?, until = ?"
              " WHERE realm = ? AND kid = ?",
              {key.use_from, key.retired, key.until, key.realm, key.kid}));
  return {};
}

Result<std::vector<StoredKey>> SqliteTx::keys(const Realm& realm) {
  return rows_of(db_.query("SELECT " KEY_COLUMNS " FROM signing_keys WHERE realm = ?"
                           " ORDER BY created DESC, number DESC",
                           {realm}),
                 key_from);
}

}  // namespace latchkey::store
