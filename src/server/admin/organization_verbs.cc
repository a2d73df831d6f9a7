#include "server/admin/verb.h"

namespace latchkey::server {
namespace {

using Kind = Parameter::Kind;
constexpr std::int64_t kMostNumber = 999'999'999'999;

Result<json::Value> create(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  const auto made = TRY(
      desk.admin.add_organization(realm->name, SubjectId(given.text("owner")), given.text("name")));
  return json::Array{json::Object{{"id", made.id}, {"name", made.name}}};
}

Result<json::Value> list(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  const auto all = TRY(desk.admin.store().read([&](engine::Tx& tx) {
    return tx.organizations(realm->name, SubjectId(given.text("owner")));
  }));
  json::Array rows;
  for (const auto& one : all) rows.emplace_back(json::Object{{"id", one.id}, {"name", one.name}});
  return rows;
}

const char* name_of(engine::OperatorStatus status) {
  switch (status) {
    case engine::OperatorStatus::kActive: return "active";
    case engine::OperatorStatus::kInactive: return "inactive";
    case engine::OperatorStatus::kDeleted: return "deleted";
  }
  return "";
}

Result<json::Value> create_operator(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  const auto made =
      TRY(desk.admin.add_operator(realm->name, given.number("organization"), given.text("name")));
  return json::Array{json::Object{{"id", made.id}, {"name", made.name}}};
}

Result<json::Value> list_operators(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  const auto all = TRY(desk.admin.store().read(
      [&](engine::Tx& tx) { return tx.operators(realm->name, given.number("organization")); }));
  json::Array rows;
  for (const auto& one : all)
    rows.emplace_back(
        json::Object{{"id", one.id}, {"name", one.name}, {"state", name_of(one.status)}});
  return rows;
}

/// Operators' ids are one row of numbers for all companies of a realm.
Result<> check_operator(engine::Tx& tx, const Realm& realm, std::int64_t id) {
  const auto companies = TRY(tx.subjects(realm));
  for (const auto& company : companies) {
    const auto found = TRY(tx.operator_of(realm, company.login, id));
    if (found) return {};
  }
  return fail(Why::kNotFound, "no such operator");
}

/// An operator who leaves takes no token along.
Result<json::Value> disable_operator(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  const std::int64_t id = given.number("id");
  return desk.admin.store().transact([&](engine::Tx& tx) -> Result<json::Value> {
    TRY(check_operator(tx, realm->name, id));
    TRY(tx.set_operator_status(realm->name, id, engine::OperatorStatus::kInactive));
    TRY(tx.revoke_grants({.realm = realm->name, .operator_id = id}, "operator disabled", desk.now));
    return json::Value();
  });
}

Parameter number(std::string_view name, std::string_view help, bool positional) {
  return {.name = name,
          .help = help,
          .kind = Kind::kNumber,
          .required = true,
          .positional = positional,
          .least = 1,
          .most = kMostNumber};
}

}  // namespace

std::vector<Verb> organization_verbs() {
  const Parameter owner{.name = "owner", .help = "the login of the company", .required = true};
  const Parameter organization = number("organization", "its organization's id", false);
  const auto name = [](std::string_view help) {
    return Parameter{.name = "name", .help = help, .required = true, .positional = true};
  };
  return {{"organization",
           "create",
           "add one",
           true,
           {realm_parameter(), owner, name("its name")},
           Gives::kRows,
           {"id", "name"},
           create},
          {"organization",
           "list",
           "show a company's",
           false,
           {realm_parameter(), owner},
           Gives::kRows,
           {"id", "name"},
           list},
          {"operator",
           "create",
           "add one",
           true,
           {realm_parameter(), organization, name("the operator's name")},
           Gives::kRows,
           {"id", "name"},
           create_operator},
          {"operator",
           "list",
           "show an organization's",
           false,
           {realm_parameter(), organization},
           Gives::kRows,
           {"id", "name", "state"},
           list_operators},
          {"operator",
           "disable",
           "make it inactive, and end its tokens",
           true,
           {realm_parameter(), number("id", "the operator's id", true)},
           Gives::kNothing,
           {},
           disable_operator}};
}

}  // namespace latchkey::server
