#include "server/commands/office.h"
#include "server/commands/output.h"

namespace latchkey::server {
namespace {

struct Organizations {
  std::string realm, owner, name;
};
void bind_list(CLI::App& verb, Organizations& args) {
  verb.add_option("--realm", args.realm, "the realm; not needed if there is only one");
  verb.add_option("--owner", args.owner, "the login of the company")->required();
}
void bind_create(CLI::App& verb, Organizations& args) {
  bind_list(verb, args);
  verb.add_option("name", args.name, "its name")->required();
}

Result<> create(const Edges& edges, const Chosen& chosen, const Organizations& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  const auto made =
      TRY(office.admin->add_organization(realm->name, SubjectId(args.owner), args.name));
  return print_rows({"id", "name"}, {{made.id, made.name}}, chosen.json);
}

Result<> list(const Edges& edges, const Chosen& chosen, const Organizations& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  const auto all = TRY(office.store->read(
      [&](engine::Tx& tx) { return tx.organizations(realm->name, SubjectId(args.owner)); }));
  std::vector<json::Array> rows;
  for (const auto& one : all) rows.push_back({one.id, one.name});
  return print_rows({"id", "name"}, rows, chosen.json);
}

struct Operators {
  std::string realm, name;
  std::int64_t organization = 0, id = 0;
};
void bind_organization(CLI::App& verb, Operators& args) {
  verb.add_option("--realm", args.realm, "the realm; not needed if there is only one");
  verb.add_option("--organization", args.organization, "its organization's id")->required();
}
void bind_operator_create(CLI::App& verb, Operators& args) {
  bind_organization(verb, args);
  verb.add_option("name", args.name, "the operator's name")->required();
}
void bind_operator(CLI::App& verb, Operators& args) {
  verb.add_option("--realm", args.realm, "the realm; not needed if there is only one");
  verb.add_option("id", args.id, "the operator's id")->required();
}

const char* name_of(engine::OperatorStatus status) {
  switch (status) {
    case engine::OperatorStatus::kActive: return "active";
    case engine::OperatorStatus::kInactive: return "inactive";
    case engine::OperatorStatus::kDeleted: return "deleted";
  }
  return "";
}

Result<> create_operator(const Edges& edges, const Chosen& chosen, const Operators& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  const auto made = TRY(office.admin->add_operator(realm->name, args.organization, args.name));
  return print_rows({"id", "name"}, {{made.id, made.name}}, chosen.json);
}

Result<> list_operators(const Edges& edges, const Chosen& chosen, const Operators& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  const auto all = TRY(office.store->read(
      [&](engine::Tx& tx) { return tx.operators(realm->name, args.organization); }));
  std::vector<json::Array> rows;
  for (const auto& one : all) rows.push_back({one.id, one.name, name_of(one.status)});
  return print_rows({"id", "name", "state"}, rows, chosen.json);
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
Result<> disable_operator(const Edges& edges, const Chosen& chosen, const Operators& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  return office.store->transact([&](engine::Tx& tx) -> Result<> {
    TRY(check_operator(tx, realm->name, args.id));
    TRY(tx.set_operator_status(realm->name, args.id, engine::OperatorStatus::kInactive));
    TRY(tx.revoke_grants({.realm = realm->name, .operator_id = args.id}, "operator disabled",
                         office.now));
    return {};
  });
}

}  // namespace

void add_organization(CLI::App& app, Chosen& chosen) {
  CLI::App* organization = app.add_subcommand("organization", "organizations of a company");
  organization->fallthrough()->require_subcommand(1);
  add_verb<Organizations>(*organization, chosen, "create", "add one", bind_create, create);
  add_verb<Organizations>(*organization, chosen, "list", "show a company's", bind_list, list);
}

void add_operator(CLI::App& app, Chosen& chosen) {
  CLI::App* one = app.add_subcommand("operator", "operators of an organization");
  one->fallthrough()->require_subcommand(1);
  add_verb<Operators>(*one, chosen, "create", "add one", bind_operator_create, create_operator);
  add_verb<Operators>(*one, chosen, "list", "show an organization's", bind_organization,
                      list_operators);
  add_verb<Operators>(*one, chosen, "disable", "make it inactive, and end its tokens",
                      bind_operator, disable_operator);
}

}  // namespace latchkey::server
