#include "store/sqlite/sqlite_tx.h"

// Device codes, pushed requests, and ids that are good once.

namespace latchkey::store {

using namespace engine;

#define DEVICE_COLUMNS                                                                     \
  "realm, hash, user_hash, client, scope, resource, until, poll, polled, state, subject, " \
  "authenticated, amr, family"
#define PUSHED_COLUMNS "realm, hash, client, request, until, spent"

namespace {

Result<DeviceCode> device_from(Statement& row) {
  return DeviceCode{.realm = row.id<Realm>(),
                    .hash = row.hash(),
                    .user_hash = row.hash(),
                    .client = row.id<ClientId>(),
                    .scope = row.text(),
                    .resource = row.text(),
                    .until = row.time(),
                    .interval = Seconds{row.number()},
                    .polled = row.maybe_time(),
                    .state = row.enumerator<DeviceState>(),
                    .subject = row.id<SubjectId>(),
                    .authenticated = row.maybe_time(),
                    .amr = row.text(),
                    .grant = row.id<GrantId>()};
}

Result<PushedRequest> pushed_from(Statement& row) {
  return PushedRequest{.realm = row.id<Realm>(),
                       .hash = row.hash(),
                       .client = row.id<ClientId>(),
                       .request = row.text(),
                       .until = row.time(),
                       .spent = row.maybe_time()};
}

}  // namespace

Result<> SqliteTx::put_device(const DeviceCode& device) {
  TRY(db_.run("INSERT INTO device_codes (" DEVICE_COLUMNS
              ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
              " ON CONFLICT (realm, hash) DO UPDATE SET user_hash = excluded.user_hash,"
              " client = excluded.client, scope = excluded.scope, resource = excluded.resource,"
              " until = excluded.until, poll = excluded.poll, polled = excluded.polled,"
              " state = excluded.state, subject = excluded.subject,"
              " authenticated = excluded.authenticated, amr = excluded.amr,"
              " family = excluded.family",
              {device.realm, device.hash, device.user_hash, device.client, device.scope,
               device.resource, device.until, std::int64_t{device.interval.count()}, device.polled,
               device.state, device.subject, device.authenticated, device.amr, device.grant}));
  return {};
}

Result<std::optional<DeviceCode>> SqliteTx::device(const Realm& realm, const Hash& hash) {
  return row_of(db_.query("SELECT " DEVICE_COLUMNS " FROM device_codes"
                          " WHERE realm = ? AND hash = ?",
                          {realm, hash}),
                device_from);
}

Result<std::optional<DeviceCode>> SqliteTx::device_of_user_code(const Realm& realm,
                                                                const Hash& user_hash) {
  return row_of(db_.query("SELECT " DEVICE_COLUMNS " FROM device_codes"
                          " WHERE realm = ? AND user_hash = ?",
                          {realm, user_hash}),
                device_from);
}

Result<> SqliteTx::put_pushed(const PushedRequest& pushed) {
  TRY(db_.run(
      "INSERT INTO pushed_requests (" PUSHED_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?)",
      {pushed.realm, pushed.hash, pushed.client, pushed.request, pushed.until, pushed.spent}));
  return {};
}

Result<std::optional<PushedRequest>> SqliteTx::pushed(const Realm& realm, const Hash& hash) {
  return row_of(db_.query("SELECT " PUSHED_COLUMNS " FROM pushed_requests"
                          " WHERE realm = ? AND hash = ?",
                          {realm, hash}),
                pushed_from);
}

Result<Spend> SqliteTx::spend_pushed(const Realm& realm, const Hash& hash, Instant now) {
  const int spent =
      TRY(db_.run("UPDATE pushed_requests SET spent = ?"
                  " WHERE realm = ? AND hash = ? AND spent IS NULL",
                  {now, realm, hash}));
  if (spent == 1) return Spend::kSpent;
  const auto there = TRY(pushed(realm, hash));
  return there ? Spend::kAlreadySpent : Spend::kUnknown;
}

Result<bool> SqliteTx::use_once(const Realm& realm, const Hash& id, Instant until, Instant now) {
  const int taken =
      TRY(db_.run("INSERT INTO used_ids (realm, id, until) VALUES (?1, ?2, ?3)"
                  " ON CONFLICT (realm, id) DO UPDATE SET until = excluded.until"
                  " WHERE used_ids.until <= ?4",
                  {realm, id, until, now}));
  return taken == 1;
}

}  // namespace latchkey::store
