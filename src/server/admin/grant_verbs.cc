#include <algorithm>

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

json::Value maybe(const std::optional<Instant>& at) {
  return at ? json::Value(to_rfc3339(*at)) : json::Value();
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

/// The grants of a filter; of a user alone everything else as well, sessions too.
Result<int> end_matching(const Desk& desk, const engine::GrantFilter& filter,
                         const std::string& why) {
  const bool by_user = filter.client.empty() && filter.operator_id == 0;
  if (by_user) return desk.admin.revoke_user(filter.realm, filter.subject, why, desk.now);
  return desk.admin.revoke(filter, why, desk.now);
}

Result<json::Value> revoke(const Desk& desk, const Given& given) {
  const std::string id = given.text("id");
  const Secret token = given.secret("token");
  const auto asked = filter_of({}, given);
  const bool some = !asked.client.empty() || !asked.subject.empty() || asked.operator_id != 0;
  const bool everyone = given.flag("everyone");
  if (!id.empty() + !token.empty() + some + everyone != 1)
    return fail(Why::kUsage,
                "which grants? give an id, --client or --user, a token, --operator, "
                "or --everyone");
  const RealmSpec* realm = TRY(desk.realm(given));
  const std::string why = given.text("why").empty() ? "operator" : given.text("why");
  if (some) {
    const int revoked = TRY(end_matching(desk, filter_of(realm->name, given), why));
    return json::Object{{"revoked", revoked}};
  }
  if (everyone) {
    const int revoked = TRY(desk.admin.revoke_everyone(realm->name, why, desk.now));
    return json::Object{{"revoked", revoked}};
  }
  const auto one = id.empty() ? desk.admin.revoke_token(realm->name, token, why, desk.now)
                              : desk.admin.revoke_grant(realm->name, GrantId(id), why, desk.now);
  const bool was_live = TRY(one);
  if (!was_live)
    return fail(Why::kNotFound,
                id.empty() ? "no live grant of that token" : "no live grant of that id");
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
  const Parameter most{.name = "most",
                       .help = "how many, newest first",
                       .kind = Kind::kNumber,
                       .least = 1,
                       .most = kMostRows,
                       .standard = 200};
  listed.push_back(most);
  auto held = filter_parameters();
  held.push_back(most);
  auto revoked = filter_parameters();
  revoked.push_back({.name = "id",
                     .help = "one grant; without it, --client, --user or --operator says which",
                     .positional = true});
  revoked.push_back({.name = "token", .help = "the grant of this token", .kind = Kind::kSecret});
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
          {"grant",
           "holders",
           "who holds a token that is alive",
           false,
           held,
           Gives::kRows,
           {"id", "client", "user", "operator", "tier", "since", "issued", "access", "access_until",
            "refresh", "refresh_until"},
           holders},
          {"grant", "revoke", "end them", true, revoked, Gives::kObject, {"revoked"}, revoke}};
}

}  // namespace latchkey::server
