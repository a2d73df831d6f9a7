#include "crypto/totp.h"
#include "server/commands/office.h"
#include "server/commands/output.h"
#include "server/secret_file.h"

namespace latchkey::server {
namespace {

using engine::OtpKind;

const std::map<std::string, OtpKind> kOtpKinds{{"none", OtpKind::kNone},
                                               {"outbox", OtpKind::kOutbox},
                                               {"typed", OtpKind::kTyped},
                                               {"push", OtpKind::kPush}};

const char* name_of(OtpKind kind) {
  for (const auto& [name, value] : kOtpKinds)
    if (value == kind) return name.c_str();
  return "";
}

struct Create {
  std::string realm, id, name, owner, otp = "none", otp_address, partner, secret_in, secret_out;
  std::vector<std::string> redirect_uris, grants, scopes, resources;
  bool is_public = false, native = false, bound = false;
};

void bind_create(CLI::App& verb, Create& args) {
  verb.add_option("--realm", args.realm, "the realm; not needed if there is only one");
  verb.add_option("id", args.id, "the client's id (API key)")->required();
  verb.add_option("--name", args.name, "what people read");
  verb.add_option("--owner", args.owner, "the user that it acts for");
  verb.add_option("--otp", args.otp, "second factor: none, outbox, typed or push")
      ->check(CLI::IsMember({"none", "outbox", "typed", "push"}));
  verb.add_option("--otp-address", args.otp_address, "telephone number or e-mail address");
  verb.add_option("--partner", args.partner, "partner code; a shared key is generated");
  verb.add_option("--redirect-uri", args.redirect_uris, "where a browser may be sent back to");
  verb.add_option("--grant", args.grants, "grant type that it may use (default: any)");
  verb.add_option("--scope", args.scopes, "scope that it may ask for (default: any)");
  verb.add_option("--resource", args.resources, "URI of an API of its own (RFC 8707)");
  verb.add_flag("--public", args.is_public, "it has no secret");
  verb.add_flag("--native", args.native, "any port will do in a loopback redirect URI");
  verb.add_flag("--dpop-bound", args.bound, "it must prove its key for every token (RFC 9449)");
  verb.add_option("--client-secret-file", args.secret_in,
                  "use this secret instead of a new one; - for stdin");
  verb.add_option("--secret-file", args.secret_out, "write what is generated to this new file");
}

Result<> create(const Edges& edges, const Chosen& chosen, const Create& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  engine::Admin::NewClient fresh{.client = {.realm = realm->name, .id = ClientId(args.id)},
                                 .is_public = args.is_public};
  fresh.client.name = args.name.empty() ? args.id : args.name;
  fresh.client.owner = SubjectId(args.owner);
  fresh.client.otp = kOtpKinds.at(args.otp);
  fresh.client.otp_address = args.otp_address;
  fresh.client.partner = args.partner;
  fresh.client.redirect_uris = args.redirect_uris;
  fresh.client.grants = args.grants;
  fresh.client.scopes = args.scopes;
  fresh.client.resources = args.resources;
  fresh.client.native = args.native;
  fresh.client.bound = args.bound;
  if (!args.secret_in.empty()) fresh.secret = TRY(read_secret_file(args.secret_in));
  const auto issued = TRY(office.admin->create_client(fresh));
  const Secret seed{
      issued.totp_seed.empty() ? "" : crypto::to_base32(bytes_of(issued.totp_seed.reveal()))};
  return hand_out(
      {{"client_secret", issued.secret}, {"totp_secret", seed}, {"shared_key", issued.shared_key}},
      args.secret_out, chosen.json);
}

struct Which {
  std::string realm, id;
};
void bind_which(CLI::App& verb, Which& args) {
  verb.add_option("--realm", args.realm, "the realm; not needed if there is only one");
  verb.add_option("id", args.id, "the client's id")->required();
}
void bind_realm(CLI::App& verb, Which& args) {
  verb.add_option("--realm", args.realm, "the realm; not needed if there is only one");
}

Result<> list(const Edges& edges, const Chosen& chosen, const Which& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  const auto clients =
      TRY(office.store->read([&](engine::Tx& tx) { return tx.clients(realm->name); }));
  std::vector<json::Array> rows;
  for (const auto& one : clients)
    rows.push_back({one.id.text, one.name, one.owner.text, name_of(one.otp), one.partner,
                    one.secret_hash.empty() ? "public" : "secret",
                    one.disabled ? "disabled" : "active"});
  return print_rows({"id", "name", "owner", "otp", "partner", "kind", "state"}, rows, chosen.json);
}

template <bool kDisabled>
Result<> set_disabled(const Edges& edges, const Chosen& chosen, const Which& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  return office.admin->set_client_disabled(realm->name, ClientId(args.id), kDisabled, office.now);
}

}  // namespace

void add_client(CLI::App& app, Chosen& chosen) {
  CLI::App* client = app.add_subcommand("client", "programs that may ask for tokens");
  client->fallthrough()->require_subcommand(1);
  add_verb<Create>(*client, chosen, "create", "add one; its secret is shown once", bind_create,
                   create);
  add_verb<Which>(*client, chosen, "list", "show them", bind_realm, list);
  add_verb<Which>(*client, chosen, "disable", "refuse it, and end its tokens", bind_which,
                  set_disabled<true>);
  add_verb<Which>(*client, chosen, "enable", "let it in again", bind_which, set_disabled<false>);
}

}  // namespace latchkey::server
