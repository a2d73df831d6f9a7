#include <map>

#include "crypto/totp.h"
#include "server/admin/verb.h"

namespace latchkey::server {
namespace {

using Kind = Parameter::Kind;
constexpr std::int64_t kMostNumber = 999'999'999'999;

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

Result<json::Value> create(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  engine::Subject subject{.realm = realm->name, .login = SubjectId(given.text("login"))};
  subject.number = given.number("number");
  subject.name = given.text("name").empty() ? subject.login.text : given.text("name");
  subject.attributes = TRY(attributes_of(given.list("attribute")));
  TRY(desk.admin.create_user(subject, given.secret("password")));
  return json::Value();
}

Result<json::Value> list(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  const auto users =
      TRY(desk.admin.store().read([&](engine::Tx& tx) { return tx.subjects(realm->name); }));
  json::Array rows;
  for (const auto& one : users)
    rows.emplace_back(json::Object{{"login", one.login.text},
                                   {"number", one.number},
                                   {"name", one.name},
                                   {"state", one.disabled ? "disabled" : "active"},
                                   {"why", one.disabled_why}});
  return rows;
}

template <bool kDisabled>
Result<json::Value> set_disabled(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  const std::string why = given.text("why").empty() ? "operator" : given.text("why");
  TRY(desk.admin.set_user_disabled(realm->name, SubjectId(given.text("login")), kDisabled, why,
                                   desk.now));
  return json::Value();
}

const std::map<std::string, engine::OtpKind> kSteps{{"none", engine::OtpKind::kNone},
                                                    {"outbox", engine::OtpKind::kOutbox},
                                                    {"typed", engine::OtpKind::kTyped}};

Result<json::Value> otp(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  const auto seed =
      TRY(desk.admin.set_user_otp(realm->name, SubjectId(given.text("login")),
                                  kSteps.at(given.text("kind")), given.text("address")));
  json::Object secrets;
  if (!seed.empty()) {
    const Secret text{crypto::to_base32(bytes_of(seed.reveal()))};
    secrets.add("totp_secret", std::string(text.reveal()));
  }
  return secrets;
}

Result<json::Value> password(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  TRY(desk.admin.set_password(realm->name, SubjectId(given.text("login")), given.secret("password"),
                              desk.now));
  return json::Value();
}

}  // namespace

std::vector<Verb> user_verbs() {
  const Parameter login{
      .name = "login", .help = "the user's login", .required = true, .positional = true};
  const Parameter secret{
      .name = "password", .help = "the password", .kind = Kind::kSecret, .required = true};
  const std::vector<Parameter> which{realm_parameter(), login};
  return {
      {"user",
       "create",
       "add one",
       true,
       {realm_parameter(),
        {.name = "login",
         .help = "what the user logs in with",
         .required = true,
         .positional = true,
         .example = "acme"},
        {.name = "name", .help = "what people read"},
        {.name = "number",
         .help = "the account's number (default: the next free one)",
         .kind = Kind::kNumber,
         .most = kMostNumber},
        {.name = "attribute",
         .help = "a fact that the dialect shows, as NAME=VALUE",
         .kind = Kind::kList,
         .example = "portfolios=D39004"},
        secret},
       Gives::kNothing,
       {},
       create},
      {"user",
       "list",
       "show them",
       false,
       {realm_parameter()},
       Gives::kRows,
       {"login", "number", "name", "state", "why"},
       list},
      {"user",
       "disable",
       "suspend: its tokens are refused",
       true,
       {realm_parameter(), login, {.name = "why", .help = "the reason, for the record"}},
       Gives::kNothing,
       {},
       set_disabled<true>},
      {"user", "enable", "let it in again", true, which, Gives::kNothing, {}, set_disabled<false>},
      {"user",
       "password",
       "set a new one; ends its sessions and tokens",
       true,
       {realm_parameter(), login, secret},
       Gives::kNothing,
       {},
       password},
      {"user",
       "otp",
       "the second step of its logins on the pages; ends its sessions",
       true,
       {realm_parameter(),
        login,
        {.name = "kind",
         .help = "none, outbox (a code is sent) or typed (from an authenticator)",
         .kind = Kind::kChoice,
         .required = true,
         .choices = "none|outbox|typed"},
        {.name = "address", .help = "telephone number or e-mail address, for outbox"}},
       Gives::kSecrets,
       {"totp_secret"},
       otp}};
}

}  // namespace latchkey::server
