#include "server/admin/verb.h"

namespace latchkey::server {
namespace {

using Kind = Parameter::Kind;
constexpr std::int64_t kMostRows = 100'000;
constexpr std::int64_t kMostNumber = 999'999'999'999;

engine::GrantFilter filter_of(const Realm& realm, const Given& given) {
  return {.realm = realm,
          .client = ClientId(given.text("client")),
          .subject = SubjectId(given.text("user")),
          .operator_id = given.number("operator")};
}

Result<json::Value> list(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  auto filter = filter_of(realm->name, given);
  filter.only_live = !given.flag("all");
  const int most = static_cast<int>(given.number("most"));
  const auto grants =
      TRY(desk.admin.store().read([&](engine::Tx& tx) { return tx.grants(filter, most); }));
  json::Array rows;
  for (const auto& one : grants)
    rows.emplace_back(json::Object{
        {"id", one.id.text},
        {"client", one.client.text},
        {"user", one.subject.text},
        {"operator", one.operator_id},
        {"tier", one.tier},
        {"created", to_rfc3339(one.created)},
        {"revoked", one.revoked ? json::Value(to_rfc3339(*one.revoked)) : json::Value()},
        {"why", one.revoked_why}});
  return rows;
}

Result<json::Value> revoke(const Desk& desk, const Given& given) {
  const std::string id = given.text("id");
  const auto filter = filter_of({}, given);
  const bool some = !filter.client.empty() || !filter.subject.empty() || filter.operator_id != 0;
  if (id.empty() && !some && !given.flag("everyone"))
    return fail(Why::kUsage, "which grants? give an id, --client or --user");
  const RealmSpec* realm = TRY(desk.realm(given));
  const std::string why = given.text("why").empty() ? "operator" : given.text("why");
  if (id.empty()) {
    const int revoked = TRY(desk.admin.revoke(filter_of(realm->name, given), why, desk.now));
    return json::Object{{"revoked", revoked}};
  }
  const bool was_live = TRY(desk.admin.revoke_grant(realm->name, GrantId(id), why, desk.now));
  if (!was_live) return fail(Why::kNotFound, "no live grant of that id");
  return json::Object{{"revoked", 1}};
}

std::vector<Parameter> filter_parameters() {
  return {realm_parameter(),
          {.name = "client", .help = "only this client's"},
          {.name = "user", .help = "only this user's"},
          {.name = "operator",
           .help = "only this operator's",
           .kind = Kind::kNumber,
           .most = kMostNumber}};
}

}  // namespace

std::vector<Verb> grant_verbs() {
  auto listed = filter_parameters();
  listed.push_back({.name = "all", .help = "the revoked ones too", .kind = Kind::kFlag});
  listed.push_back({.name = "most",
                    .help = "how many, newest first",
                    .kind = Kind::kNumber,
                    .least = 1,
                    .most = kMostRows,
                    .standard = 200});
  auto revoked = filter_parameters();
  revoked.push_back({.name = "id",
                     .help = "one grant; without it, --client, --user or --operator says which",
                     .positional = true});
  revoked.push_back({.name = "everyone", .help = "all of the realm", .kind = Kind::kFlag});
  revoked.push_back({.name = "why", .help = "the reason, for the record"});
  return {{"grant",
           "list",
           "show them",
           false,
           listed,
           Gives::kRows,
           {"id", "client", "user", "operator", "tier", "created", "revoked", "why"},
           list},
          {"grant", "revoke", "end them", true, revoked, Gives::kObject, {"revoked"}, revoke}};
}

}  // namespace latchkey::server
