#include <map>

#include "crypto/totp.h"
#include "server/admin/verb.h"

namespace latchkey::server {
namespace {

using engine::OtpKind;
using Kind = Parameter::Kind;

const std::map<std::string, OtpKind> kOtpKinds{{"none", OtpKind::kNone},
                                               {"outbox", OtpKind::kOutbox},
                                               {"typed", OtpKind::kTyped},
                                               {"push", OtpKind::kPush}};

const char* name_of(OtpKind kind) {
  for (const auto& [name, value] : kOtpKinds)
    if (value == kind) return name.c_str();
  return "";
}

std::vector<Parameter> create_parameters() {
  return {
      realm_parameter(),
      {.name = "id",
       .help = "the client's id (API key)",
       .required = true,
       .positional = true,
       .example = "robot"},
      {.name = "name", .help = "what people read"},
      {.name = "owner", .help = "the user that it acts for"},
      {.name = "otp",
       .help = "second factor: none, outbox, typed or push",
       .kind = Kind::kChoice,
       .choices = "none|outbox|typed|push"},
      {.name = "otp_address", .help = "telephone number or e-mail address"},
      {.name = "partner", .help = "partner code; a shared key is generated"},
      {.name = "redirect_uri",
       .help = "where a browser may be sent back to",
       .kind = Kind::kList,
       .example = "https://app.example/cb"},
      {.name = "grant", .help = "grant type that it may use (default: any)", .kind = Kind::kList},
      {.name = "public", .help = "it has no secret", .kind = Kind::kFlag},
      {.name = "native",
       .help = "a program on a person's machine: any port will do in a loopback redirect_uri",
       .kind = Kind::kFlag},
      {.name = "bound", .help = "its tokens are bound to a DPoP key, always", .kind = Kind::kFlag},
      {.name = "scope", .help = "that it may ask for (default: any)", .kind = Kind::kList},
      {.name = "resource",
       .help = "a URI whose tokens it may introspect",
       .kind = Kind::kList,
       .example = "https://api.example/"},
      {.name = "jwks",
       .help =
           "its public keys, as the JSON text of a JWK set; it signs instead of showing a secret"},
      {.name = "client_secret",
       .help = "use this secret instead of a new one",
       .kind = Kind::kSecret}};
}

/// A set of public keys; what makes one secret has no business here (checklist 52).
Result<> check_jwks(const std::string& text) {
  const auto set = json::parse(text);
  const json::Value* keys = set && set->as_object() ? set->as_object()->find("keys") : nullptr;
  if (keys == nullptr || keys->as_array() == nullptr || keys->as_array()->empty())
    return fail(Why::kUsage, "jwks is no JWK set");
  for (const json::Value& key : *keys->as_array()) {
    const json::Object* jwk = key.as_object();
    if (jwk == nullptr || jwk->find("kty") == nullptr)
      return fail(Why::kUsage, "jwks holds something that is no key");
    for (const char* part : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
      if (jwk->find(part) != nullptr) return fail(Why::kUsage, "jwks holds a private key");
  }
  return {};
}

/// What was generated, by name.
json::Value secrets_of(const engine::Admin::Issued& issued) {
  json::Object secrets;
  if (!issued.secret.empty()) secrets.add("client_secret", std::string(issued.secret.reveal()));
  if (!issued.totp_seed.empty()) {
    const Secret seed{crypto::to_base32(bytes_of(issued.totp_seed.reveal()))};
    secrets.add("totp_secret", std::string(seed.reveal()));
  }
  if (!issued.shared_key.empty())
    secrets.add("shared_key", std::string(issued.shared_key.reveal()));
  return secrets;
}

Result<json::Value> create(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  engine::Admin::NewClient fresh{.is_public = given.flag("public")};
  engine::Client& client = fresh.client;
  client.realm = realm->name;
  client.id = ClientId(given.text("id"));
  client.name = given.text("name").empty() ? client.id.text : given.text("name");
  client.owner = SubjectId(given.text("owner"));
  if (!given.text("otp").empty()) client.otp = kOtpKinds.at(given.text("otp"));
  client.otp_address = given.text("otp_address");
  client.partner = given.text("partner");
  client.redirect_uris = given.list("redirect_uri");
  client.grants = given.list("grant");
  client.native = given.flag("native");
  client.bound = given.flag("bound");
  client.scopes = given.list("scope");
  client.resources = given.list("resource");
  client.jwks = given.text("jwks");
  if (!client.jwks.empty()) {
    TRY(check_jwks(client.jwks));
    client.auth_method = "private_key_jwt";
    fresh.is_public = true;  // it has no secret
  } else if (fresh.is_public) {
    client.auth_method = "none";
  }
  fresh.secret = given.secret("client_secret");
  const auto issued = TRY(desk.admin.create_client(fresh));
  return secrets_of(issued);
}

const char* kind_of(const engine::Client& client) {
  if (client.auth_method == "private_key_jwt") return "key";
  return client.secret_hash.empty() ? "public" : "secret";
}

Result<json::Value> list(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  const auto clients =
      TRY(desk.admin.store().read([&](engine::Tx& tx) { return tx.clients(realm->name); }));
  json::Array rows;
  for (const auto& one : clients)
    rows.emplace_back(json::Object{{"id", one.id.text},
                                   {"name", one.name},
                                   {"owner", one.owner.text},
                                   {"otp", name_of(one.otp)},
                                   {"partner", one.partner},
                                   {"kind", kind_of(one)},
                                   {"state", one.disabled ? "disabled" : "active"},
                                   {"why", one.disabled_why}});
  return rows;
}

template <bool kDisabled>
Result<json::Value> set_disabled(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  TRY(desk.admin.set_client_disabled(realm->name, ClientId(given.text("id")), kDisabled, desk.now));
  return json::Value();
}

}  // namespace

std::vector<Verb> client_verbs() {
  const std::vector<Parameter> which{
      realm_parameter(),
      {.name = "id", .help = "the client's id", .required = true, .positional = true}};
  return {{"client",
           "create",
           "add one; its secret is shown once",
           true,
           create_parameters(),
           Gives::kSecrets,
           {"client_secret", "totp_secret", "shared_key"},
           create},
          {"client",
           "list",
           "show them",
           false,
           {realm_parameter()},
           Gives::kRows,
           {"id", "name", "owner", "otp", "partner", "kind", "state", "why"},
           list},
          {"client",
           "disable",
           "refuse it, and end its tokens",
           true,
           which,
           Gives::kNothing,
           {},
           set_disabled<true>},
          {"client",
           "enable",
           "let it in again",
           true,
           which,
           Gives::kNothing,
           {},
           set_disabled<false>}};
}

}  // namespace latchkey::server
