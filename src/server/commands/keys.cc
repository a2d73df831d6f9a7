#include "base/text.h"
#include "server/commands/office.h"
#include "server/commands/output.h"

namespace latchkey::server {
namespace {

struct Which {
  std::string realm, kid, lead = "1h";
  bool now = false;
};

void bind_realm(CLI::App& verb, Which& args) {
  verb.add_option("--realm", args.realm, "the realm; not needed if there is only one");
}
void bind_rotate(CLI::App& verb, Which& args) {
  bind_realm(verb, args);
  verb.add_option("--lead", args.lead,
                  "how long the new key is published before it signs (default: 1h)");
  verb.add_flag("--now", args.now, "it signs at once");
}
void bind_retire(CLI::App& verb, Which& args) {
  bind_realm(verb, args);
  verb.add_option("kid", args.kid, "the key's id, as list shows it")->required();
  verb.add_flag("--now", args.now,
                "an emergency: it is not published any more, so what it signed is refused by "
                "whoever verifies by the JWK set");
}

json::Value maybe(const std::optional<Instant>& at) {
  return at ? json::Value(to_rfc3339(*at)) : json::Value();
}

Result<> list(const Edges& edges, const Chosen& chosen, const Which& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  const auto keys = TRY(office.admin->signing_keys(realm->name, office.now));
  std::vector<json::Array> rows;
  for (const auto& [key, state] : keys) {
    const auto until = key.until < kEndOfTime ? std::optional<Instant>(key.until) : std::nullopt;
    rows.push_back({key.kid, key.alg, engine::name_of(state), to_rfc3339(key.created),
                    to_rfc3339(std::max(key.created, key.use_from)), maybe(key.retired),
                    maybe(until)});
  }
  return print_rows(
      {"kid", "alg", "state", "created", "signs_from", "signs_until", "published_until"}, rows,
      chosen.json);
}

Result<> rotate(const Edges& edges, const Chosen& chosen, const Which& args) {
  const auto lead = parse_duration(args.lead);
  if (!lead || *lead < Seconds{0}) return fail(Why::kUsage, "--lead wants a duration like 1h");
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  const auto policy = realm->dialect->policy(realm->settings);
  const auto kid =
      TRY(office.admin->rotate_key(realm->name, policy, args.now ? Seconds{0} : *lead, office.now));
  if (chosen.json) return print_json(json::Object{{"kid", kid}});
  return print_line(kid);
}

Result<> retire(const Edges& edges, const Chosen& chosen, const Which& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  const auto policy = realm->dialect->policy(realm->settings);
  return office.admin->retire_key(realm->name, policy, args.kid, args.now, office.now);
}

}  // namespace

void add_keys(CLI::App& app, Chosen& chosen) {
  CLI::App* keys = app.add_subcommand("keys", "the keys that sign tokens");
  keys->fallthrough()->require_subcommand(1);
  add_verb<Which>(*keys, chosen, "list", "show them", bind_realm, list);
  add_verb<Which>(*keys, chosen, "rotate", "make a new one that takes over; prints its id",
                  bind_rotate, rotate);
  add_verb<Which>(*keys, chosen, "retire", "have one sign nothing more", bind_retire, retire);
}

}  // namespace latchkey::server
