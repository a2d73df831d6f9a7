#include "server/commands/office.h"
#include "server/commands/output.h"

namespace latchkey::server {
namespace {

struct Create {
  std::string realm, login, name, password_file;
  std::int64_t number = 0;
  std::vector<std::string> attributes;
};

void bind_create(CLI::App& verb, Create& args) {
  verb.add_option("--realm", args.realm, "the realm; not needed if there is only one");
  verb.add_option("login", args.login, "what the user logs in with")->required();
  verb.add_option("--name", args.name, "what people read");
  verb.add_option("--number", args.number, "the account's number (default: the next free one)");
  verb.add_option("--attribute", args.attributes, "a fact that the dialect shows, as NAME=VALUE");
  verb.add_option("--password-file", args.password_file,
                  "file with the password; - for stdin (default: ask)");
}

Result<engine::Attributes> attributes_of(const std::vector<std::string>& texts) {
  engine::Attributes all;
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    if (equals == 0 || equals == text.npos)
      return fail(Why::kUsage, "--attribute wants NAME=VALUE");
    all.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return all;
}

Result<> create(const Edges& edges, const Chosen& chosen, const Create& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  engine::Subject subject{
      .realm = realm->name, .login = SubjectId(args.login), .number = args.number};
  subject.name = args.name.empty() ? args.login : args.name;
  subject.attributes = TRY(attributes_of(args.attributes));
  const Secret password = TRY(read_password(args.password_file));
  return office.admin->create_user(subject, password);
}

struct Which {
  std::string realm, login, password_file, why = "operator";
};
void bind_realm(CLI::App& verb, Which& args) {
  verb.add_option("--realm", args.realm, "the realm; not needed if there is only one");
}
void bind_which(CLI::App& verb, Which& args) {
  bind_realm(verb, args);
  verb.add_option("login", args.login, "the user's login")->required();
}
void bind_disable(CLI::App& verb, Which& args) {
  bind_which(verb, args);
  verb.add_option("--why", args.why, "the reason, for the record");
}
void bind_password(CLI::App& verb, Which& args) {
  bind_which(verb, args);
  verb.add_option("--password-file", args.password_file,
                  "file with the password; - for stdin (default: ask)");
}

Result<> list(const Edges& edges, const Chosen& chosen, const Which& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  const auto users =
      TRY(office.store->read([&](engine::Tx& tx) { return tx.subjects(realm->name); }));
  std::vector<json::Array> rows;
  for (const auto& one : users)
    rows.push_back({one.login.text, one.number, one.name, one.disabled ? "disabled" : "active",
                    one.disabled_why});
  return print_rows({"login", "number", "name", "state", "why"}, rows, chosen.json);
}

template <bool kDisabled>
Result<> set_disabled(const Edges& edges, const Chosen& chosen, const Which& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  return office.admin->set_user_disabled(realm->name, SubjectId(args.login), kDisabled,
                                         kDisabled ? args.why : "", office.now);
}

Result<> password(const Edges& edges, const Chosen& chosen, const Which& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  const Secret fresh = TRY(read_password(args.password_file));
  return office.admin->set_password(realm->name, SubjectId(args.login), fresh, office.now);
}

}  // namespace

void add_user(CLI::App& app, Chosen& chosen) {
  CLI::App* user = app.add_subcommand("user", "people and companies with a login");
  user->fallthrough()->require_subcommand(1);
  add_verb<Create>(*user, chosen, "create", "add one", bind_create, create);
  add_verb<Which>(*user, chosen, "list", "show them", bind_realm, list);
  add_verb<Which>(*user, chosen, "disable", "suspend: its tokens are refused", bind_disable,
                  set_disabled<true>);
  add_verb<Which>(*user, chosen, "enable", "let it in again", bind_which, set_disabled<false>);
  add_verb<Which>(*user, chosen, "password", "set a new one; ends its sessions and tokens",
                  bind_password, password);
}

}  // namespace latchkey::server
