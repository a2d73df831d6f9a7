#include <algorithm>

#include "server/admin/verb.h"

namespace latchkey::server {
namespace {

using Kind = Parameter::Kind;
constexpr std::int64_t kMostRows = 100'000;
constexpr std::int64_t kMostNumber = 999'999'999'999;

json::Value maybe(const std::optional<Instant>& at) {
  return at ? json::Value(to_rfc3339(*at)) : json::Value();
}

engine::GrantFilter filter_of(const Realm& realm, const Given& given) {
  return {.realm = realm,
          .client = ClientId(given.text("client")),
          .subject = SubjectId(given.text("user")),
          .operator_id = given.number("operator"),
          .only_live = !given.flag("all")};
}

Result<json::Value> list(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  const int most = static_cast<int>(given.number("most"));
  const auto grants = TRY(desk.admin.store().read(
      [&](engine::Tx& tx) { return tx.grants(filter_of(realm->name, given), most); }));
  json::Array rows;
  for (const auto& one : grants)
    rows.emplace_back(json::Object{{"id", one.id.text},
                                   {"client", one.client.text},
                                   {"user", one.subject.text},
                                   {"operator", one.operator_id},
                                   {"tier", one.tier},
                                   {"created", to_rfc3339(one.created)},
                                   {"revoked", maybe(one.revoked)},
                                   {"why", one.revoked_why}});
  return rows;
}

Result<json::Value> holders(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  const int most = static_cast<int>(given.number("most"));
  const auto found = TRY(desk.admin.holders(filter_of(realm->name, given), most, desk.now));
  json::Array rows;
  for (const auto& one : found)
    rows.emplace_back(
        json::Object{{"id", one.grant.id.text},
                     {"client", one.grant.client.text},
                     {"user", one.grant.subject.text},
                     {"operator", one.grant.operator_id},
                     {"tier", one.grant.tier},
                     {"since", to_rfc3339(one.grant.created)},
                     {"issued", to_rfc3339(std::max(one.grant.created, one.grant.used))},
                     {"access", one.access_tokens},
                     {"access_until", maybe(one.access_until)},
                     {"refresh", one.refresh_tokens},
                     {"refresh_until", maybe(one.refresh_until)}});
  return rows;
}

/// How many families; kUsage unless exactly one thing says which.
Result<int> end_grants(const Desk& desk, const Realm& realm, const Given& given) {
  engine::Admin& admin = desk.admin;
  const std::string id = given.text("id"), user = given.text("user");
  const std::string why = given.text("why").empty() ? "operator" : given.text("why");
  const Secret token = given.secret("token");
  const bool filtered = !given.text("client").empty() || given.number("operator") != 0;
  const bool by_user = !user.empty() && !filtered;
  if (given.flag("everyone")) return admin.revoke_everyone(realm, why, desk.now);
  if (by_user) return admin.revoke_user(realm, SubjectId(user), why, desk.now);
  if (filtered) return admin.revoke(filter_of(realm, given), why, desk.now);
  const bool live = TRY(id.empty() ? admin.revoke_token(realm, token, why, desk.now)
                                   : admin.revoke_grant(realm, GrantId(id), why, desk.now));
  if (!live)
    return fail(Why::kNotFound,
                id.empty() ? "no live grant of that token" : "no live grant of that id");
  return 1;
}

Result<json::Value> revoke(const Desk& desk, const Given& given) {
  const bool filtered =
      !given.text("client").empty() || !given.text("user").empty() || given.number("operator") != 0;
  const int ways = !given.text("id").empty() + !given.secret("token").empty() +
                   given.flag("everyone") + filtered;
  if (ways != 1)
    return fail(
        Why::kUsage,
        "which grants? give an id, --token-file, --everyone, or --client, --user, --operator");
  const RealmSpec* realm = TRY(desk.realm(given));
  const int revoked = TRY(end_grants(desk, realm->name, given));
  return json::Object{{"revoked", revoked}};
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

std::vector<Parameter> counted_parameters() {
  auto all = filter_parameters();
  all.push_back({.name = "most",
                 .help = "how many, newest first",
                 .kind = Kind::kNumber,
                 .least = 1,
                 .most = kMostRows,
                 .standard = 200});
  return all;
}

}  // namespace

std::vector<Verb> grant_verbs() {
  auto listed = counted_parameters();
  listed.push_back({.name = "all", .help = "the revoked ones too", .kind = Kind::kFlag});
  auto revoked = filter_parameters();
  revoked.push_back({.name = "id",
                     .help = "one grant; without it, one of the options says which",
                     .positional = true});
  revoked.push_back({.name = "token", .help = "the grant of the token", .kind = Kind::kSecret});
  revoked.push_back(
      {.name = "everyone", .help = "everything of everybody in the realm", .kind = Kind::kFlag});
  revoked.push_back({.name = "why", .help = "the reason, for the record"});
  return {{"grant",
           "list",
           "show them",
           false,
           listed,
           Gives::kRows,
           {"id", "client", "user", "operator", "tier", "created", "revoked", "why"},
           list},
          {"grant",
           "holders",
           "who holds a token that is alive",
           false,
           counted_parameters(),
           Gives::kRows,
           {"id", "client", "user", "operator", "tier", "since", "issued", "access", "access_until",
            "refresh", "refresh_until"},
           holders},
          {"grant", "revoke", "end them", true, revoked, Gives::kObject, {"revoked"}, revoke}};
}

}  // namespace latchkey::server
