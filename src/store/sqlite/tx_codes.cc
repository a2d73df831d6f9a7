#include "store/sqlite/sqlite_tx.h"

// Authorization codes, challenges and browser sessions.

namespace latchkey::store {

using namespace engine;

#define CODE_COLUMNS                                                                              \
  "realm, hash, client, subject, redirect_uri, until, spent, family, redirect_given, challenge, " \
  "nonce, scope, resource, bound_to, authenticated, amr"
#define CHALLENGE_COLUMNS "realm, id, client, kind, code_hash, created, until, state, attempts"
#define SESSION_COLUMNS "realm, hash, subject, until, authenticated, amr, challenge"

namespace {

Result<Code> code_from(Statement& row) {
  return Code{.realm = row.id<Realm>(),
              .hash = row.hash(),
              .client = row.id<ClientId>(),
              .subject = row.id<SubjectId>(),
              .redirect_uri = row.text(),
              .until = row.time(),
              .spent = row.maybe_time(),
              .grant = row.id<GrantId>(),
              .redirect_given = row.flag(),
              .challenge = row.text(),
              .nonce = row.text(),
              .scope = row.text(),
              .resource = row.text(),
              .bound_to = row.text(),
              .authenticated = row.maybe_time(),
              .amr = row.text()};
}

Result<Challenge> challenge_from(Statement& row) {
  return Challenge{.realm = row.id<Realm>(),
                   .id = row.text(),
                   .client = row.id<ClientId>(),
                   .kind = row.enumerator<OtpKind>(),
                   .code_hash = row.hash(),
                   .created = row.time(),
                   .until = row.time(),
                   .state = row.enumerator<ChallengeState>(),
                   .attempts = static_cast<int>(row.number())};
}

Result<Session> session_from(Statement& row) {
  return Session{.realm = row.id<Realm>(),
                 .hash = row.hash(),
                 .subject = row.id<SubjectId>(),
                 .until = row.time(),
                 .authenticated = row.maybe_time(),
                 .amr = row.text(),
                 .challenge = row.text()};
}

}  // namespace

Result<> SqliteTx::put_code(const Code& code) {
  TRY(db_.run("INSERT INTO codes (" CODE_COLUMNS
              ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
              {code.realm, code.hash, code.client, code.subject, code.redirect_uri, code.until,
               code.spent, code.grant, code.redirect_given, code.challenge, code.nonce, code.scope,
               code.resource, code.bound_to, code.authenticated, code.amr}));
  return {};
}

Result<std::optional<Code>> SqliteTx::code(const Realm& realm, const Hash& hash) {
  return row_of(
      db_.query("SELECT " CODE_COLUMNS " FROM codes WHERE realm = ? AND hash = ?", {realm, hash}),
      code_from);
}

Result<Spend> SqliteTx::spend_code(const Realm& realm, const Hash& hash, const GrantId& grant,
                                   Instant now) {
  const int spent =
      TRY(db_.run("UPDATE codes SET spent = ?, family = ?"
                  " WHERE realm = ? AND hash = ? AND spent IS NULL",
                  {now, grant, realm, hash}));
  if (spent == 1) return Spend::kSpent;
  const auto there = TRY(code(realm, hash));
  return there ? Spend::kAlreadySpent : Spend::kUnknown;
}

Result<> SqliteTx::put_challenge(const Challenge& challenge) {
  TRY(db_.run("INSERT INTO challenges (" CHALLENGE_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
              " ON CONFLICT (realm, id) DO UPDATE SET client = excluded.client,"
              " kind = excluded.kind, code_hash = excluded.code_hash, created = excluded.created,"
              " until = excluded.until, state = excluded.state, attempts = excluded.attempts",
              {challenge.realm, challenge.id, challenge.client, challenge.kind, challenge.code_hash,
               challenge.created, challenge.until, challenge.state, challenge.attempts}));
  return {};
}

Result<std::optional<Challenge>> SqliteTx::challenge(const Realm& realm, std::string_view id) {
  return row_of(db_.query("SELECT " CHALLENGE_COLUMNS " FROM challenges"
                          " WHERE realm = ? AND id = ?",
                          {realm, id}),
                challenge_from);
}

Result<std::optional<Challenge>> SqliteTx::open_challenge(const Realm& realm,
                                                          const ClientId& client, OtpKind kind) {
  return row_of(db_.query("SELECT " CHALLENGE_COLUMNS " FROM challenges"
                          " WHERE realm = ? AND client = ? AND kind = ? AND state = 0"
                          " ORDER BY created DESC, number DESC LIMIT 1",
                          {realm, client, kind}),
                challenge_from);
}

Result<> SqliteTx::put_session(const Session& session) {
  TRY(db_.run("INSERT OR REPLACE INTO sessions (" SESSION_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?)",
              {session.realm, session.hash, session.subject, session.until, session.authenticated,
               session.amr, session.challenge}));
  return {};
}

Result<std::optional<Session>> SqliteTx::session(const Realm& realm, const Hash& hash) {
  return row_of(db_.query("SELECT " SESSION_COLUMNS " FROM sessions WHERE realm = ? AND hash = ?",
                          {realm, hash}),
                session_from);
}

Result<> SqliteTx::drop_session(const Realm& realm, const Hash& hash) {
  TRY(db_.run("DELETE FROM sessions WHERE realm = ? AND hash = ?", {realm, hash}));
  return {};
}

Result<int> SqliteTx::drop_sessions(const Realm& realm, const SubjectId& subject) {
  TRY(db_.run("DELETE FROM codes WHERE realm = ? AND subject = ? AND spent IS NULL",
              {realm, subject}));
  TRY(db_.run("DELETE FROM device_codes WHERE realm = ? AND subject = ? AND state = 1",
              {realm, subject}));
  return db_.run("DELETE FROM sessions WHERE realm = ? AND subject = ?", {realm, subject});
}

Result<> SqliteTx::drop_begun(const Realm& realm, const ClientId& client,
                              const SubjectId& subject) {
  for (const char* drop : {"DELETE FROM codes WHERE realm = ?1 AND client = ?2"
                           " AND (subject = ?3 OR ?3 = '') AND spent IS NULL",
                           "DELETE FROM device_codes WHERE realm = ?1 AND client = ?2"
                           " AND (subject = ?3 OR ?3 = '') AND state <> 3",
                           "DELETE FROM pushed_requests WHERE realm = ?1 AND client = ?2"
                           " AND ?3 = ''",
                           "DELETE FROM challenges WHERE realm = ?1 AND client = ?2"
                           " AND ?3 = ''"}) {
    TRY(db_.run(drop, {realm, client, subject}));
  }
  return {};
}

Result<> SqliteTx::drop_pending(const Realm& realm) {
  for (const char* drop : {"DELETE FROM sessions WHERE realm = ?1 OR ?1 = ''",
                           "DELETE FROM challenges WHERE realm = ?1 OR ?1 = ''",
                           "DELETE FROM answers WHERE realm = ?1 OR ?1 = ''",
                           "DELETE FROM pushed_requests WHERE realm = ?1 OR ?1 = ''",
                           "DELETE FROM device_codes WHERE (realm = ?1 OR ?1 = '')"
                           " AND state <> 3",
                           "DELETE FROM codes WHERE (realm = ?1 OR ?1 = '') AND spent IS NULL"}) {
    TRY(db_.run(drop, {realm}));
  }
  return {};
}

}  // namespace latchkey::store
