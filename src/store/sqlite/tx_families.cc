#include "store/sqlite/family_row.h"
#include "store/sqlite/sqlite_tx.h"

// Families: grants, what descends from them, and their end.

namespace latchkey::store {

using namespace engine;

namespace {

/// A WHERE clause over families with only the conditions that the filter has, so
/// that each kind of filter finds its index. Parameters ?1 to ?5 are the filter's,
/// whether it uses them or not; no value ever becomes part of the text.
std::string where(const GrantFilter& filter, bool only_live) {
  std::string clause = " WHERE TRUE";
  if (!filter.realm.empty()) clause += " AND f.realm = ?1";
  if (!filter.client.empty()) clause += " AND f.client = ?2";
  if (!filter.subject.empty()) clause += " AND f.subject = ?3";
  if (filter.operator_id != 0) clause += " AND f.operator = ?4";
  if (!filter.except.empty()) clause += " AND f.id <> ?5";
  if (only_live) clause += " AND f.revoked IS NULL";
  return clause;
}

/// A WHERE clause over the living families that descend from others; `children` selects the ids
/// of the nearest.
std::string where_descends(const std::string& children) {
  return " WHERE revoked IS NULL AND id IN (WITH RECURSIVE made (id) AS (" + children +
         " UNION SELECT d.child FROM made JOIN descents d ON d.parent = made.id)"
         " SELECT id FROM made)";
}

}  // namespace

Result<Grant> grant_from(Statement& row) {
  return Grant{.realm = row.id<Realm>(),
               .id = row.id<GrantId>(),
               .client = row.id<ClientId>(),
               .subject = row.id<SubjectId>(),
               .operator_id = row.number(),
               .tier = row.text(),
               .scope = row.text(),
               .session = row.text(),
               .created = row.time(),
               .revoked = row.maybe_time(),
               .revoked_why = row.text(),
               .resource = row.text(),
               .authenticated = row.maybe_time(),
               .amr = row.text(),
               .actors = row.text(),
               .used = row.time()};
}

Changed SqliteTx::changed(int rows) {
  return {.anything = rows != explained_,
          .families = std::move(forgotten_),
          .over = std::move(over_),
          .fresh = std::move(fresh_)};
}

// Its own changes of the directory count as much as those before it.
std::optional<std::uint64_t> SqliteTx::directory_version() const {
  const bool changed_it = known_ == nullptr && db_.changes() - before_ != explained_;
  return changed_it ? std::nullopt : version_;
}

Result<> SqliteTx::run_unknown(std::string_view sql, std::initializer_list<Parameter> values) {
  const int rows = TRY(db_.run(sql, values));
  explained_ += rows;
  return {};
}

void SqliteTx::forget(const GrantId& id, int rows) {
  explained_ += rows;
  if (rows == 0) return;
  if (forgotten_.empty() || forgotten_.back() != id) forgotten_.push_back(id);
  std::erase_if(fresh_, [&](const auto& held) { return held->grant.id == id; });
}

Result<> SqliteTx::put_grant(const Grant& grant) {
  TRY(run_unknown(
      "INSERT INTO families (id, realm, client, subject, operator, tier, scope, session,"
      " created, until, revoked, revoked_why, resource, authenticated, amr, actors,"
      " used)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
      {grant.id, grant.realm, grant.client, grant.subject, grant.operator_id, grant.tier,
       grant.scope, grant.session, grant.created, grant.revoked, grant.revoked_why, grant.resource,
       grant.authenticated, grant.amr, grant.actors, grant.used}));
  TRY(finish());
  family_ = FamilyPlace{
      .id = grant.id, .number = db_.last_number(), .until = grant.created, .used = grant.used};
  return {};
}

Result<> SqliteTx::put_descent(const Descent& descent) {
  return run_unknown("INSERT OR IGNORE INTO descents (parent, child, until) VALUES (?, ?, ?)",
                     {descent.parent, descent.child, descent.until});
}

Result<FamilyPlace> SqliteTx::family_from(Statement& row) {
  return FamilyPlace{
      .id = row.id<GrantId>(), .number = row.number(), .until = row.time(), .used = row.time()};
}

Result<bool> SqliteTx::meet(const GrantId& id) {
  if (family_ && family_->id == id) return true;
  TRY(finish());
  family_ =
      TRY(row_of(db_.query("SELECT f.id, " FAMILY_PLACE " FROM families f WHERE f.id = ?", {id}),
                 family_from));
  return family_.has_value();
}

// One change of the family's row, however many tokens it got.
Result<> SqliteTx::finish() {
  if (!family_ || !lengthened_) return {};
  lengthened_ = false;
  TRY(
      run_unknown("UPDATE families SET until = max(until, ?2), used = max(used, ?3)"
                  " WHERE number = ?1",
                  {family_->number, family_->until, family_->used}));
  return {};
}

Result<int> SqliteTx::revoke_grants(const GrantFilter& filter, std::string_view why, Instant now) {
  const std::string which = where(filter, true);
  const std::string children = "SELECT d.child FROM families f JOIN descents d ON d.parent = f.id";
  int revoked = 0;  // who descends is asked first: from the living that match
  for (const auto& revoke :
       {"UPDATE families SET revoked = ?6, revoked_why = ?7" + where_descends(children + which),
        "UPDATE families AS f SET revoked = ?6, revoked_why = ?7" + which}) {
    const int some = TRY(db_.run(revoke, {filter.realm, filter.client, filter.subject,
                                          filter.operator_id, filter.except, now, why}));
    revoked += some;
  }
  return revoked;
}

Result<bool> SqliteTx::revoke_grant(const Realm& realm, const GrantId& id, std::string_view why,
                                    Instant now) {
  const int revoked =
      TRY(db_.run("UPDATE families SET revoked = ?, revoked_why = ?"
                  " WHERE id = ? AND realm = ? AND revoked IS NULL",
                  {now, why, id, realm}));
  forget(id, revoked);
  if (revoked == 0) return false;
  TRY(db_.run("UPDATE families SET revoked = ?2, revoked_why = ?3" +
                  where_descends("SELECT child FROM descents WHERE parent = ?1"),
              {id, now, why}));
  return true;
}

Result<std::vector<Grant>> SqliteTx::grants(const GrantFilter& filter, int most) {
  return rows_of(db_.query("SELECT " FAMILY_COLUMNS " FROM families f" +
                               where(filter, filter.only_live) + " ORDER BY f.number DESC LIMIT ?6",
                           {filter.realm, filter.client, filter.subject, filter.operator_id,
                            filter.except, std::max(0, most)}),
                 grant_from);
}

}  // namespace latchkey::store
