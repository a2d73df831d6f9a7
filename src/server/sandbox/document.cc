#include "server/sandbox/document.h"

#include <algorithm>

#include "crypto/totp.h"
#include "dialect/pages.h"
#include "server/sandbox/fault.h"

namespace latchkey::server {
namespace {

using json::Array;
using json::Object;

std::vector<std::string> fault_names() {
  std::vector<std::string> names;
  for (const FaultKind kind : kEveryFaultKind) names.emplace_back(name_of(kind));
  return names;
}

std::string shown(const Secret& secret) { return std::string(secret.reveal()); }

const char* name_of(engine::OtpKind kind) {
  switch (kind) {
    case engine::OtpKind::kNone: return "none";
    case engine::OtpKind::kOutbox: return "outbox";
    case engine::OtpKind::kTyped: return "typed";
    case engine::OtpKind::kPush: return "push";
  }
  return "";
}

Array texts(const std::vector<std::string>& all) {
  Array array;
  for (const auto& one : all) array.emplace_back(one);
  return array;
}

Object user_document(const dialect::DemoSubject& demo) {
  Object attributes;
  for (const auto& [name, value] : demo.subject.attributes) attributes.add(name, value);
  Object out{{"login", demo.subject.login.text}};
  if (!demo.password.empty()) out.add("password", shown(demo.password));
  if (demo.subject.otp != engine::OtpKind::kNone)
    out.add("otp", name_of(demo.subject.otp)).add("otp_address", demo.subject.otp_address);
  return out.add("number", demo.subject.number)
      .add("name", demo.subject.name)
      .add("attributes", std::move(attributes));
}

Object client_document(const dialect::DemoClient& demo) {
  Object out{
      {"id", demo.client.id.text}, {"name", demo.client.name}, {"otp", name_of(demo.client.otp)}};
  if (!demo.secret.empty()) out.add("secret", shown(demo.secret));
  if (!demo.private_key.empty()) out.add("private_key", shown(demo.private_key));
  if (!demo.client.auth_method.empty()) out.add("auth_method", demo.client.auth_method);
  if (!demo.client.owner.empty()) out.add("owner", demo.client.owner.text);
  if (!demo.client.otp_address.empty()) out.add("otp_address", demo.client.otp_address);
  if (!demo.client.partner.empty()) out.add("partner", demo.client.partner);
  if (!demo.shared_key.empty()) out.add("shared_key", shown(demo.shared_key));
  if (!demo.totp_seed.empty()) {
    out.add("totp_seed", to_hex(bytes_of(demo.totp_seed.reveal())));
    out.add("totp_base32", crypto::to_base32(bytes_of(demo.totp_seed.reveal())));
  }
  if (!demo.client.redirect_uris.empty())
    out.add("redirect_uris", texts(demo.client.redirect_uris));
  return out;
}

Object organization_document(const DemoOrganization& demo) {
  Array operators;
  for (const auto& one : demo.operators)
    operators.emplace_back(Object{{"id", one.id}, {"name", one.name}});
  return {{"id", demo.organization.id},
          {"name", demo.organization.name},
          {"operators", std::move(operators)}};
}

/// One of each operation, to ask the codec how it is sent. The values are never.
std::vector<engine::Operation> samples(const DemoRealm& demo) {
  const Secret secret("x");
  const Secret uuid("00000000-0000-4000-8000-000000000000");
  engine::ClientKey client{ClientId("x"), secret};
  std::string partner;
  if (!demo.clients.empty()) {
    client.id = demo.clients.front().client.id;
    partner = demo.clients.front().client.partner;
  }
  const engine::UserKey user{SubjectId("x"), secret};
  return {engine::RequestOtp{client},
          engine::Login{.client = client, .user = user, .partner = partner},
          engine::Authorize{client.id, "http://127.0.0.1/", "x"},
          engine::Exchange{client, secret, "http://127.0.0.1/"},
          engine::Delegate{.bearer = secret, .operator_id = 1},
          engine::Refresh{.refresh_token = uuid, .client = client, .partner = partner},
          engine::Validate{.bearer = secret, .token = secret},
          engine::ListOrganizations{secret},
          engine::ListOperators{secret, 1},
          engine::SynchronizeOperators{secret, {{1, "x"}}},
          engine::SetOperatorStatus{.bearer = secret, .operator_id = 1},
          engine::ClientCredentials{.client = client},
          engine::Introspect{client, secret},
          engine::Revoke{.token = secret, .client = client},
          engine::UserInfo{.bearer = secret}};
}

Object endpoint(std::string_view method, const std::string& path) {
  return {{"method", method}, {"path", path}};
}

Object endpoints(const DemoRealm& demo, const ServedRealm& realm) {
  const std::string& prefix = realm.spec().prefix;
  Object out;
  for (const auto& operation : samples(demo)) {
    const auto request = realm.codec().encode_request(operation);
    if (request)
      out.add(engine::name_of(operation), endpoint(request->method, prefix + request->target.path));
  }
  const auto& traits = demo.dialect->traits();
  if (!traits.proof_path.empty()) {
    Object proof = endpoint(traits.proof_method, prefix + std::string(traits.proof_path));
    if (!traits.proof_body.empty()) proof.add("body", traits.proof_body);
    if (traits.delegates) proof.add("token", "operator");
    out.add("proof", std::move(proof));
  }
  if (const auto* pages = demo.dialect->pages()) {
    const auto& first = pages->start_path.empty() ? pages->login_path : pages->start_path;
    out.add("page", endpoint("GET", prefix + std::string(first)));
  }
  return out;
}

}  // namespace

Result<Object> system_document(const DemoRealm& demo, const ServedRealm& realm, Instant now) {
  Array users, clients, organizations, keys;
  for (const auto& one : demo.subjects) users.emplace_back(user_document(one));
  for (const auto& one : demo.clients) clients.emplace_back(client_document(one));
  for (const auto& one : demo.organizations) organizations.emplace_back(organization_document(one));
  const auto signers = TRY(realm.authority().published_keys(now));
  for (const engine::Signer& signer : signers) {
    auto jwk = signer.key.public_jwk(signer.kid);
    if (jwk) keys.emplace_back(std::move(*jwk));
  }
  Object out{{"realm", demo.realm.text},      {"title", demo.dialect->traits().title},
             {"prefix", realm.spec().prefix}, {"endpoints", endpoints(demo, realm)},
             {"users", std::move(users)},     {"clients", std::move(clients)}};
  if (!organizations.empty()) out.add("organizations", std::move(organizations));
  out.add("keys", std::move(keys));
  return out;
}

Object sandbox_document(const std::string& base_url, Instant now, const std::string& ledger,
                        Object systems) {
  Object control{{"url", base_url + "/_sandbox"}};
  if (!ledger.empty()) control.add("faults", texts(fault_names()));
  Object out{{"base_url", base_url},
             {"control", std::move(control)},
             {"now", to_rfc3339(now)},
             {"systems", std::move(systems)}};
  if (!ledger.empty()) out.add("ledger", ledger);
  return out;
}

namespace {

std::string field(const Object& object, std::string_view name) {
  const auto* value = object.find(name);
  if (value == nullptr) return {};
  if (const auto* text = value->as_string()) return *text;
  if (const auto* number = value->as_int()) return std::to_string(*number);
  return {};
}

void add_line(std::string& out, std::string_view label, std::string_view text) {
  out += "    ";
  out += label;
  out.append(label.size() < 14 ? 14 - label.size() : 1, ' ');
  out += text;
  out += '\n';
}

const Object& object_in(const Object& object, std::string_view name) {
  static const Object kNone;
  const auto* value = object.find(name);
  return value != nullptr && value->as_object() ? *value->as_object() : kNone;
}

const Array& array_in(const Object& object, std::string_view name) {
  static const Array kNone;
  const auto* value = object.find(name);
  return value != nullptr && value->as_array() ? *value->as_array() : kNone;
}

using Cells = std::vector<std::string>;

/// Lines under one label, their columns below each other; a column that is empty everywhere is
/// left out.
void add_rows(std::string& out, std::string_view label, const std::vector<Cells>& rows) {
  std::vector<std::size_t> widths(rows.empty() ? 0 : rows.front().size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      if (widths[i] > 0) line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    add_line(out, label, line);
  }
}

/// "secret x", or nothing where there is none.
std::string named(const char* name, const std::string& value) {
  return value.empty() ? "" : std::string(name) + " " + value;
}

std::string listed(const Array& texts) {
  std::string out;
  for (const auto& one : texts)
    if (const auto* text = one.as_string()) out += (out.empty() ? "" : " ") + *text;
  return out;
}

void add_accounts(std::string& out, const Object& system) {
  std::vector<Cells> users, clients;
  for (const auto& one : array_in(system, "users")) {
    const auto& user = *one.as_object();
    const std::string portfolios = field(object_in(user, "attributes"), "portfolios");
    users.push_back({field(user, "login"), named("password", field(user, "password")),
                     named("otp", field(user, "otp")), named("portfolios", portfolios)});
  }
  for (const auto& one : array_in(system, "clients")) {
    const auto& client = *one.as_object();
    Cells cells{field(client, "id"), named("user", field(client, "owner"))};
    for (const char* name : {"secret", "partner", "shared_key", "totp_base32"})
      cells.push_back(named(name, field(client, name)));
    const std::string otp = field(client, "otp");
    cells.push_back(otp == "none" ? "" : named("otp", otp));
    cells.push_back(named("redirect_uris", listed(array_in(client, "redirect_uris"))));
    clients.push_back(std::move(cells));
  }
  add_rows(out, "user", users);
  add_rows(out, "client", clients);
  for (const auto& one : array_in(system, "organizations")) {
    const auto& organization = *one.as_object();
    std::string text = field(organization, "id") + " " + field(organization, "name") + ":";
    for (const auto& op : array_in(organization, "operators"))
      text += " " + field(*op.as_object(), "id") + " " + field(*op.as_object(), "name") + ";";
    add_line(out, "organization", text);
  }
}

}  // namespace

std::string sandbox_table(const Object& document) {
  std::string out = "latchkey sandbox on " + field(document, "base_url") + ", its clock at " +
                    field(document, "now") + "\n";
  for (const auto& [name, value] : object_in(document, "systems")) {
    const Object& system = *value.as_object();
    out += "\n  " + name + "  " + field(system, "title") + "\n";
    for (const auto& [operation, where] : object_in(system, "endpoints"))
      add_line(out, operation,
               field(*where.as_object(), "method") + " " + field(*where.as_object(), "path"));
    add_accounts(out, system);
  }
  const auto faults = listed(array_in(object_in(document, "control"), "faults"));
  if (faults.empty()) return out;
  out += "\n  latchkeyd sandbox fault SYSTEM OPERATION FAULT spoils answers; there are\n    " +
         faults + "\n";
  return out;
}

}  // namespace latchkey::server
