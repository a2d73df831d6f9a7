#include "dialects/tconnect/codec.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "dialects/tconnect/errors.h"
#include "dialects/tconnect/payments.h"

namespace latchkey::dialects::tconnect {
namespace {

constexpr std::string_view kPrefix = "/openapi/v1/";
constexpr std::string_view kPartnerHeader = "Partner-Code";
constexpr std::string_view kServiceHeader = "x-service-code";
constexpr std::string_view kServiceArgument = "service_code";

// What a peer may make us read.
constexpr std::size_t kMostText = 4096;
constexpr std::size_t kMostHeader = 128;
constexpr std::int64_t kMostNumber = 1'000'000'000'000;
constexpr json::Limits kReplyLimits{.bytes = 4 * 1024 * 1024};

std::string plain(const Secret& secret) { return std::string(secret.reveal()); }

/// Reads the members of a plaintext. It complains in no words unless a setting
/// asks for them: a word about what was inside would tell that it was decrypted.
class Plaintext {
 public:
  Plaintext(json::Object object, bool names_field)
      : object_(std::move(object)), names_field_(names_field) {}

  Result<std::string> text(const Field& field) const {
    const json::Value* value = object_.find(field.name);
    if (value != nullptr && value->is_null()) value = nullptr;
    if (value == nullptr && !field.required) return std::string();
    const std::string* text = value == nullptr ? nullptr : value->as_string();
    const bool fits = text != nullptr && text->size() <= kMostText;
    if (!fits || (text->empty() && field.required)) return complain(field.name);
    return *text;
  }

  Result<std::string> number(const Field& field) const {
    const json::Value* value = object_.find(field.name);
    if (value != nullptr && value->is_null()) value = nullptr;
    if (value == nullptr && !field.required) return std::string();
    const std::int64_t* number = value == nullptr ? nullptr : value->as_int();
    const bool fits = number != nullptr && *number >= 0 && *number <= kMostNumber;
    if (!fits) return complain(field.name);
    return std::to_string(*number);
  }

  std::unexpected<Error> complain(std::string_view name) const {
    return fail(Why::kMalformed,
                names_field_ ? std::string(name) + " is missing or wrong" : std::string());
  }

 private:
  json::Object object_;
  bool names_field_;
};

// {"username":"…","password":"…","client_id":"…","client_secret":"…"}, encrypted
Result<engine::Operation> read_login(const Plaintext& plain, std::string partner) {
  const auto username = TRY(plain.text({"username"}));
  const auto password = TRY(plain.text({"password"}));
  const auto client_id = TRY(plain.text({"client_id"}));
  const auto client_secret = TRY(plain.text({"client_secret"}));
  return engine::Login{.client = {.id = ClientId(client_id), .secret = Secret(client_secret)},
                       .user = {.login = SubjectId(username), .password = Secret(password)},
                       .partner = std::move(partner)};
}

// {"refresh_token":"…"}, encrypted
Result<engine::Operation> read_refresh(const Plaintext& plain, std::string partner) {
  const auto token = TRY(plain.text({"refresh_token"}));
  return engine::Refresh{.refresh_token = Secret(token), .partner = std::move(partner)};
}

// {"from_date":"2026-01-07 00:00:00","to_date":"…","limit":10,"page":1}, encrypted
Result<> check_period(const engine::Use& use, const Plaintext& plain) {
  for (const char* name : {"from_date", "to_date"}) {
    if (!parse_local(argument(use, name))) return plain.complain(name);
  }
  for (const char* name : {"limit", "page"}) {
    if (argument(use, name) == "0") return plain.complain(name);
  }
  return {};
}

// Any protected call: what it asks goes into the arguments; what it makes, into a note.
Result<engine::Operation> read_use(const http::Request& request, const Route& route,
                                   const Plaintext& plain, std::string partner) {
  auto bearer = http::bearer(request.headers);
  if (!bearer) return fail(Why::kInvalidToken, "not a bearer token");
  engine::Use use{.partner = std::move(partner), .resource = std::string(route.resource)};
  if (*bearer) use.bearer = std::move(**bearer);
  for (const Field& field : route.fields) {
    auto value = TRY(field.is_number ? plain.number(field) : plain.text(field));
    if (!value.empty()) use.arguments.emplace_back(field.name, std::move(value));
  }
  if (route.needs_service_code) {
    use.arguments.emplace_back(kServiceArgument, *request.headers.find(kServiceHeader));
  }
  if (route.endpoint == Endpoint::kList) TRY(check_period(use, plain));
  use.notebook = kNotebook;
  if (route.endpoint == Endpoint::kGenerate || route.endpoint == Endpoint::kCreate) {
    use.note = note_of(payment_asked(use));
  }
  return use;
}

// Exactly one field of that name, neither empty nor huge.
Result<std::string> read_header(const http::Headers& headers, std::string_view name) {
  const std::string* value = headers.find(name);
  if (headers.count(name) != 1 || value->empty() || value->size() > kMostHeader) {
    return fail(Why::kMalformed, std::string(name) + " is required");
  }
  return *value;
}

json::Object write_login(const engine::Login& login) {
  return json::Object{{"username", login.user.login.text},
                      {"password", plain(login.user.password)},
                      {"client_id", login.client.id.text},
                      {"client_secret", plain(login.client.secret)}};
}

json::Object write_use(const engine::Use& use, const Route& route) {
  json::Object object;
  for (const Field& field : route.fields) {
    const auto value = argument(use, field.name);
    if (value.empty()) continue;
    const auto number = field.is_number ? parse_int(value) : std::nullopt;
    object.add(std::string(field.name), number ? json::Value(*number) : json::Value(value));
  }
  return object;
}

std::string partner_of(const engine::Operation& asked) {
  if (const auto* login = std::get_if<engine::Login>(&asked)) return login->partner;
  if (const auto* refresh = std::get_if<engine::Refresh>(&asked)) return refresh->partner;
  if (const auto* use = std::get_if<engine::Use>(&asked)) return use->partner;
  return {};
}

std::optional<std::int64_t> seconds_member(const json::Object& object, std::string_view name) {
  const json::Value* value = object.find(name);
  if (value == nullptr) return std::nullopt;
  if (value->as_int() != nullptr) return *value->as_int();
  return value->as_string() == nullptr ? std::nullopt : parse_int(*value->as_string());
}

std::optional<Instant> read_until(const json::Object& object, std::string_view name,
                                  Instant asked) {
  const auto seconds = seconds_member(object, name);
  if (!seconds || *seconds <= 0) return std::nullopt;
  return expiry(asked, Lifetime{Seconds{*seconds}});
}

Result<engine::Outcome> read_tokens(const json::Object& object, Instant asked) {
  const auto access = json::string_field(object, "access_token");
  const auto refresh = json::optional_string_field(object, "refresh_token");
  const auto session = json::optional_string_field(object, "session_state");
  const auto scope = json::optional_string_field(object, "scope");
  if (!access || access->empty()) return fail(Why::kBadResponse, "the reply has no access_token");
  if (!refresh || !session || !scope) return fail(Why::kBadResponse, "a field is not text");
  engine::TokenSet tokens{.access_token = Secret(*access)};
  tokens.access_until = read_until(object, "expires_in", asked);
  if (*refresh) tokens.refresh_token = Secret(**refresh);
  tokens.refresh_until = read_until(object, "refresh_expires_in", asked);
  tokens.scope = scope->value_or("");
  tokens.session = session->value_or("");
  return tokens;
}

engine::Outcome read_used(const Route& route, const json::Value& body) {
  engine::Used used;
  const bool lists = route.endpoint == Endpoint::kList || route.endpoint == Endpoint::kStatus;
  if (lists) used.notes = notes_in(body);
  const json::Object* object = body.as_object();
  const json::Value* content = object == nullptr ? nullptr : object->find("qr_content");
  if (content != nullptr && content->as_string() != nullptr) {
    used.who.attributes.emplace_back("qr_content", *content->as_string());
  }
  return used;
}

std::int64_t seconds_left(const std::optional<Instant>& until, Instant now) {
  return until ? std::max<std::int64_t>((*until - now).count(), 0) : 0;
}

// {"access_token":"eyJ…","expires_in":36000,"refresh_token":"eyJ…","refresh_expires_in":86400,
//  "token_type":"Bearer","session_state":"<UUID>","scope":"…"}, not encrypted
http::Response write_tokens(const engine::TokenSet& tokens, Instant now) {
  return http::json_response(
      200, json::write(json::Object{{"access_token", plain(tokens.access_token)},
                                    {"expires_in", seconds_left(tokens.access_until, now)},
                                    {"refresh_token", plain(tokens.refresh_token)},
                                    {"refresh_expires_in", seconds_left(tokens.refresh_until, now)},
                                    {"token_type", "Bearer"},
                                    {"session_state", tokens.session},
                                    {"scope", tokens.scope}}));
}

}  // namespace

bool Codec::owns(std::string_view path) const { return path.starts_with(kPrefix); }

Result<std::optional<Bytes>> Codec::key_of(std::string_view partner) const {
  if (keyring_ == nullptr) return std::nullopt;
  const auto text = TRY(keyring_->shared_key(partner));
  if (!text) return std::nullopt;
  auto key = parse_key(*text);
  return key ? std::optional(std::move(*key)) : std::nullopt;
}

// POST /openapi/v1/auth/login     Partner-Code: M001     {"data":"<hex of IV and ciphertext>"}
// POST /openapi/v1/auth/refresh   Partner-Code: M001     {"data":"…"}
// POST /openapi/v1/transaction/qr Partner-Code: M001  Authorization: Bearer …  {"data":"…"}
Result<http::Request> Codec::encode_request(const engine::Operation& asked) const {
  const Route* route = route_of(asked);
  if (route == nullptr) return fail(Why::kUnsupported, "tconnect has no such operation");
  const std::string partner = partner_of(asked);
  const auto key = TRY(key_of(partner));
  if (!key) return fail(Why::kUsage, "tconnect needs the partner's aes_key, 64 hexadecimal digits");

  http::Request request{.method = "POST", .target = {.path = std::string(route->path)}};
  request.headers.add(std::string(kPartnerHeader), partner).add("Content-Type", "application/json");
  json::Object body;
  if (const auto* login = std::get_if<engine::Login>(&asked)) body = write_login(*login);
  if (const auto* refresh = std::get_if<engine::Refresh>(&asked)) {
    body.add("refresh_token", plain(refresh->refresh_token));
  }
  if (const auto* use = std::get_if<engine::Use>(&asked)) {
    body = write_use(*use, *route);
    const auto service = argument(*use, kServiceArgument);
    if (!use->bearer.empty()) request.headers.add("Authorization", "Bearer " + plain(use->bearer));
    if (!service.empty()) request.headers.add(std::string(kServiceHeader), std::string(service));
  }
  request.body = seal(*key, manner_.iv, json::write(std::move(body)));
  return request;
}

// Authorization is not looked at on login and refresh.
Result<engine::Operation> Codec::decode_request(const http::Request& request) const {
  const Route* route = find_route(request.target.path);
  if (route == nullptr) return fail(Why::kUnsupported, "no such endpoint");
  if (request.method != "POST") return fail(Why::kUnsupported, "no such method");
  auto partner = TRY(read_header(request.headers, kPartnerHeader));
  if (route->needs_service_code) TRY(read_header(request.headers, kServiceHeader));

  // Who has no key waits as long as who has the wrong one.
  const auto key = TRY(key_of(partner));
  const auto opened = open(key ? *key : Bytes(kKeySize, 0), manner_.iv, request.body);
  if (!key) return fail(Why::kForbidden, "unknown Partner-Code");
  if (!opened) return fail(Why::kMalformed);
  const Plaintext plaintext(*opened, manner_.names_missing_field);
  if (route->endpoint == Endpoint::kLogin) return read_login(plaintext, std::move(partner));
  if (route->endpoint == Endpoint::kRefresh) return read_refresh(plaintext, std::move(partner));
  return read_use(request, *route, plaintext, std::move(partner));
}

// 200 the seven fields of a login      200 {"message":"SUCCESS",…}     200 {"image_png_base64":…}
// 400 {"error":"invalid_request","error_description":"The request could not be read"}
http::Response Codec::encode_reply(const dialect::Asked& asked,
                                   const Result<engine::Outcome>& outcome) const {
  if (!outcome) return encode_error(asked, outcome.error(), manner_);
  if (const auto* tokens = std::get_if<engine::TokenSet>(&*outcome)) {
    return write_tokens(*tokens, asked.at);
  }
  const auto* used = std::get_if<engine::Used>(&*outcome);
  const auto* use = std::get_if<engine::Use>(asked.operation);
  const Route* route = asked.operation == nullptr ? nullptr : route_of(*asked.operation);
  if (used == nullptr || use == nullptr || route == nullptr) {
    return encode_error(asked, {Why::kBug, "", "an outcome that this wire does not have"}, manner_);
  }
  json::Value body = qr_body(*use);
  if (route->endpoint == Endpoint::kList) body = list_body(*use, used->notes);
  if (route->endpoint == Endpoint::kStatus) body = status_body(*use, used->notes);
  return http::json_response(200, json::write(body));
}

Result<engine::Outcome> Codec::decode_reply(const dialect::Sent& sent,
                                            const http::Response& reply) const {
  const Route* route = route_of(sent.operation);
  if (route == nullptr) return fail(Why::kUnsupported, "tconnect has no such operation");
  const auto body = json::parse(reply.body, kReplyLimits);
  if (reply.status < 200 || reply.status > 299) {
    return fail(decode_error(route->endpoint, sent.at, reply, body ? &*body : nullptr));
  }
  const json::Object* object = body ? body->as_object() : nullptr;
  if (object == nullptr) return fail(Why::kBadResponse, "the reply is not a JSON object");
  if (!route->resource.empty()) return read_used(*route, *body);
  return read_tokens(*object, sent.at);
}

}  // namespace latchkey::dialects::tconnect
