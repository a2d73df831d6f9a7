#include "store/sqlite/packed.h"
#include "store/sqlite/sqlite_tx.h"

// Clients, subjects, organizations and operators.

namespace latchkey::store {

using namespace engine;

#define CLIENT_COLUMNS                                                                        \
  "realm, id, name, secret_hash, owner, redirect_uris, grants, otp, otp_address, totp_seed, " \
  "partner, shared_key, disabled, auth_method, native, bound, scopes, resources, jwks, "      \
  "registered, disabled_why"
#define SUBJECT_COLUMNS                                                                  \
  "realm, login, number, name, password_hash, attributes, disabled, disabled_why, otp, " \
  "otp_address, totp_seed"
#define OPERATOR_COLUMNS "p.id, p.name, p.status, o.id, o.name"
#define OPERATORS_AT_HOME \
  "operators p JOIN organizations o ON o.realm = p.realm AND o.id = p.organization"

namespace {

Result<Client> client_from(Statement& row) {
  Client client{.realm = row.id<Realm>(),
                .id = row.id<ClientId>(),
                .name = row.text(),
                .secret_hash = row.hash(),
                .owner = row.id<SubjectId>()};
  client.redirect_uris = TRY(unpack(row.text()));
  client.grants = TRY(unpack(row.text()));
  client.otp = row.enumerator<OtpKind>();
  client.otp_address = row.text();
  client.totp_seed = row.bytes();
  client.partner = row.text();
  client.shared_key = row.bytes();
  client.disabled = row.flag();
  client.auth_method = row.text();
  client.native = row.flag();
  client.bound = row.flag();
  client.scopes = TRY(unpack(row.text()));
  client.resources = TRY(unpack(row.text()));
  client.jwks = row.text();
  client.registered = row.maybe_time();
  client.disabled_why = row.text();
  return client;
}

Result<Subject> subject_from(Statement& row) {
  Subject subject{.realm = row.id<Realm>(),
                  .login = row.id<SubjectId>(),
                  .number = row.number(),
                  .name = row.text(),
                  .password_hash = row.text()};
  subject.attributes = TRY(unpack_pairs(row.text()));
  subject.disabled = row.flag();
  subject.disabled_why = row.text();
  subject.otp = row.enumerator<OtpKind>();
  subject.otp_address = row.text();
  subject.totp_seed = row.bytes();
  return subject;
}

Result<Organization> organization_from(Statement& row) {
  return Organization{.id = row.number(), .name = row.text()};
}

Result<Operator> operator_from(Statement& row) {
  return Operator{.id = row.number(),
                  .name = row.text(),
                  .status = row.enumerator<OperatorStatus>(),
                  .organization = {.id = row.number(), .name = row.text()}};
}

}  // namespace

Result<> SqliteTx::put_client(const Client& client) {
  TRY(db_.run("INSERT OR REPLACE INTO clients (" CLIENT_COLUMNS
              ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
              {client.realm,        client.id,           client.name,
               client.secret_hash,  client.owner,        pack(client.redirect_uris),
               pack(client.grants), client.otp,          client.otp_address,
               client.totp_seed,    client.partner,      client.shared_key,
               client.disabled,     client.auth_method,  client.native,
               client.bound,        pack(client.scopes), pack(client.resources),
               client.jwks,         client.registered,   client.disabled_why}));
  return {};
}

Result<Shared<Client>> SqliteTx::client(const Realm& realm, const ClientId& id) {
  if (known_ != nullptr)
    if (auto client = known_->client(realm, id)) return client;
  Shared<Client> found = TRY(row_of(
      db_.query("SELECT " CLIENT_COLUMNS " FROM clients WHERE realm = ? AND id = ?", {realm, id}),
      client_from));
  if (known_ != nullptr && found) known_->keep(mark_, found);
  return found;
}

Result<Shared<Client>> SqliteTx::client_of_partner(const Realm& realm, std::string_view partner) {
  return row_of(db_.query("SELECT " CLIENT_COLUMNS " FROM clients"
                          " WHERE realm = ? AND partner = ? AND partner <> '' ORDER BY id LIMIT 1",
                          {realm, partner}),
                client_from);
}

Result<std::vector<Client>> SqliteTx::clients(const Realm& realm) {
  return rows_of(
      db_.query("SELECT " CLIENT_COLUMNS " FROM clients WHERE realm = ? ORDER BY id", {realm}),
      client_from);
}

// The login is the row's key; a taken number is the other key, and a conflict.
Result<> SqliteTx::put_subject(const Subject& subject) {
  std::int64_t number = subject.number;
  if (number == 0) {
    number =
        TRY(db_.number("SELECT coalesce((SELECT number FROM subjects WHERE realm = ?1 AND"
                       " login = ?2), (SELECT max(number) FROM subjects WHERE realm = ?1) + 1,"
                       " 1)",
                       {subject.realm, subject.login}));
  }
  TRY(db_.run("INSERT INTO subjects (" SUBJECT_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
              " ON CONFLICT (realm, login) DO UPDATE SET number = excluded.number,"
              " name = excluded.name, password_hash = excluded.password_hash,"
              " attributes = excluded.attributes, disabled = excluded.disabled,"
              " disabled_why = excluded.disabled_why, otp = excluded.otp,"
              " otp_address = excluded.otp_address, totp_seed = excluded.totp_seed",
              {subject.realm, subject.login, number, subject.name, subject.password_hash,
               pack_pairs(subject.attributes), subject.disabled, subject.disabled_why, subject.otp,
               subject.otp_address, subject.totp_seed}));
  return {};
}

Result<Shared<Subject>> SqliteTx::subject(const Realm& realm, const SubjectId& login) {
  if (known_ != nullptr)
    if (auto subject = known_->subject(realm, login)) return subject;
  Shared<Subject> found =
      TRY(row_of(db_.query("SELECT " SUBJECT_COLUMNS " FROM subjects WHERE realm = ? AND login = ?",
                           {realm, login}),
                 subject_from));
  if (known_ != nullptr && found) known_->keep(mark_, found);
  return found;
}

Result<std::vector<Subject>> SqliteTx::subjects(const Realm& realm) {
  return rows_of(
      db_.query("SELECT " SUBJECT_COLUMNS " FROM subjects WHERE realm = ? ORDER BY login", {realm}),
      subject_from);
}

Result<Organization> SqliteTx::add_organization(const Realm& realm, const SubjectId& owner,
                                                std::string_view name) {
  const auto id = TRY(
      db_.number("SELECT coalesce(max(id), 0) + 1 FROM organizations WHERE realm = ?", {realm}));
  TRY(db_.run("INSERT INTO organizations (realm, id, owner, name) VALUES (?, ?, ?, ?)",
              {realm, id, owner, name}));
  return Organization{.id = id, .name = std::string(name)};
}

Result<std::vector<Organization>> SqliteTx::organizations(const Realm& realm,
                                                          const SubjectId& owner) {
  return rows_of(
      db_.query("SELECT id, name FROM organizations WHERE realm = ? AND owner = ? ORDER BY id",
                {realm, owner}),
      organization_from);
}

Result<Operator> SqliteTx::add_operator(const Realm& realm, std::int64_t organization,
                                        std::string_view name) {
  const auto id =
      TRY(db_.number("SELECT coalesce(max(id), 0) + 1 FROM operators WHERE realm = ?", {realm}));
  TRY(
      db_.run("INSERT INTO operators (realm, id, organization, name, status)"
              " VALUES (?, ?, ?, ?, 0)",
              {realm, id, organization, name}));
  auto added = TRY(row_of(db_.query("SELECT " OPERATOR_COLUMNS " FROM " OPERATORS_AT_HOME
                                    " WHERE p.realm = ? AND p.id = ?",
                                    {realm, id}),
                          operator_from));
  if (!added) return fail(Why::kBug, "", "store: an operator without an organization");
  return std::move(*added);
}

Result<std::vector<Operator>> SqliteTx::operators(const Realm& realm, std::int64_t organization) {
  return rows_of(db_.query("SELECT " OPERATOR_COLUMNS " FROM " OPERATORS_AT_HOME
                           " WHERE p.realm = ? AND p.organization = ? ORDER BY p.id",
                           {realm, organization}),
                 operator_from);
}

Result<Shared<Operator>> SqliteTx::operator_of(const Realm& realm, const SubjectId& owner,
                                               std::int64_t id) {
  if (known_ != nullptr)
    if (auto one = known_->operator_of(realm, owner, id)) return one;
  Shared<Operator> found =
      TRY(row_of(db_.query("SELECT " OPERATOR_COLUMNS " FROM " OPERATORS_AT_HOME
                           " WHERE p.realm = ? AND p.id = ? AND o.owner = ?",
                           {realm, id, owner}),
                 operator_from));
  if (known_ != nullptr && found) known_->keep(mark_, realm, owner, found);
  return found;
}

Result<> SqliteTx::set_operator_status(const Realm& realm, std::int64_t id, OperatorStatus status) {
  TRY(db_.run("UPDATE operators SET status = ? WHERE realm = ? AND id = ?", {status, realm, id}));
  return {};
}

}  // namespace latchkey::store
