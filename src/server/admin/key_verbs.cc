#include <algorithm>

#include "server/admin/verb.h"

namespace latchkey::server {
namespace {

using Kind = Parameter::Kind;
constexpr const char* kLead = "1h";

json::Value maybe(const std::optional<Instant>& at) {
  return at ? json::Value(to_rfc3339(*at)) : json::Value();
}

Result<json::Value> list(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  const auto keys = TRY(desk.admin.signing_keys(realm->name, desk.now));
  json::Array rows;
  for (const auto& [key, state] : keys) {
    const auto until = key.until < kEndOfTime ? std::optional<Instant>(key.until) : std::nullopt;
    rows.emplace_back(json::Object{{"kid", key.kid},
                                   {"alg", key.alg},
                                   {"state", engine::name_of(state)},
                                   {"created", to_rfc3339(key.created)},
                                   {"signs_from", to_rfc3339(std::max(key.created, key.use_from))},
                                   {"signs_until", maybe(key.retired)},
                                   {"published_until", maybe(until)}});
  }
  return rows;
}

Result<json::Value> rotate(const Desk& desk, const Given& given) {
  const std::string text = given.text("lead").empty() ? kLead : given.text("lead");
  const auto lead = parse_duration(text);
  if (!lead || *lead < Seconds{0}) return fail(Why::kUsage, "--lead wants a duration like 1h");
  const RealmSpec* realm = TRY(desk.realm(given));
  const auto policy = realm->dialect->policy(realm->settings);
  const auto kid = TRY(
      desk.admin.rotate_key(realm->name, policy, given.flag("now") ? Seconds{0} : *lead, desk.now));
  return json::Object{{"kid", kid}};
}

Result<json::Value> retire(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  const auto policy = realm->dialect->policy(realm->settings);
  TRY(desk.admin.retire_key(realm->name, policy, given.text("kid"), given.flag("now"), desk.now));
  return json::Value();
}

}  // namespace

std::vector<Verb> key_verbs() {
  return {{"keys",
           "list",
           "show them",
           false,
           {realm_parameter()},
           Gives::kRows,
           {"kid", "alg", "state", "created", "signs_from", "signs_until", "published_until"},
           list},
          {"keys",
           "rotate",
           "make a new one that takes over",
           true,
           {realm_parameter(),
            {.name = "lead",
             .help = "how long the new key is published before it signs (default: 1h)",
             .example = "1h"},
            {.name = "now", .help = "it signs at once", .kind = Kind::kFlag}},
           Gives::kObject,
           {"kid"},
           rotate},
          {"keys",
           "retire",
           "have one sign nothing more",
           true,
           {realm_parameter(),
            {.name = "kid",
             .help = "the key's id, as list shows it",
             .required = true,
             .positional = true},
            {.name = "now",
             .help = "an emergency: it is not published any more, so what it signed is refused by "
                     "whoever verifies by the JWK set",
             .kind = Kind::kFlag}},
           Gives::kNothing,
           {},
           retire}};
}

}  // namespace latchkey::server
