#include "dialects/fastconnect/codec.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "dialects/fastconnect/bodies.h"
#include "dialects/fastconnect/errors.h"

namespace latchkey::dialects::fastconnect {
namespace {

constexpr std::string_view kPrefix = "/api/v3/";

// What a peer may make us read: a request's texts, and a list in a reply.
constexpr std::size_t kMostText = 4096;
constexpr json::Limits kReplyLimits{.bytes = 4 * 1024 * 1024};
// Epochs from here on are milliseconds (10^10 s is the year 2286).
constexpr std::int64_t kMilliseconds = 10'000'000'000;

std::string plain(const Secret& secret) { return std::string(secret.reveal()); }

/// Reads the members of a request's body; its complaints are in the caller's language.
class Body {
 public:
  Body(json::Object object, bool vietnamese) : object_(std::move(object)), vi_(vietnamese) {}

  /// nullopt when missing, null or empty: "otp":null and no otp are one.
  Result<std::optional<std::string>> optional(std::string_view name) const {
    const json::Value* value = object_.find(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    const std::string* text = value->as_string();
    if (text == nullptr) return complain(name, " must be a string", " phải là chuỗi");
    if (text->size() > kMostText) return complain(name, " is too long", " quá dài");
    if (text->empty()) return std::nullopt;
    return *text;
  }

  Result<std::string> required(std::string_view name) const {
    auto text = TRY(optional(name));
    if (text) return std::move(*text);
    return complain(name, " is required", " là bắt buộc");
  }

 private:
  std::unexpected<Error> complain(std::string_view name, const char* en, const char* vi) const {
    return fail(Why::kMalformed, std::string(name) + (vi_ ? vi : en));
  }

  json::Object object_;
  bool vi_;
};

Result<Body> read_body(const http::Request& request, bool vietnamese) {
  auto value = json::parse(request.body);
  const json::Object* object = value ? value->as_object() : nullptr;
  if (object == nullptr) {
    return fail(Why::kMalformed, vietnamese ? "Nội dung phải là một đối tượng JSON"
                                            : "The body must be a JSON object");
  }
  return Body(*object, vietnamese);
}

// {"apiKey":"…","apiSecret":"…"}
Result<engine::Operation> read_request_otp(const Body& body) {
  const auto key = TRY(body.required("apiKey"));
  const auto secret = TRY(body.required("apiSecret"));
  return engine::RequestOtp{.client = {.id = ClientId(key), .secret = Secret(secret)}};
}

// {"apiKey":"…","apiSecret":"…","otp":"123456"} or …,"transactionId":"…"} or neither
Result<engine::Operation> read_login(const Body& body, bool otp_required) {
  const auto key = TRY(body.required("apiKey"));
  const auto secret = TRY(body.required("apiSecret"));
  const auto otp = TRY(body.optional("otp"));
  auto transaction = TRY(body.optional("transactionId"));
  if (otp && transaction) return fail(Why::kConflict, "otp and transactionId exclude each other");
  if (otp_required && !otp && !transaction) return fail(Why::kOtpRequired, "otp is required");
  engine::Login login{.client = {.id = ClientId(key), .secret = Secret(secret)}};
  if (otp) login.otp = Secret(*otp);
  if (transaction) login.transaction_id = std::move(*transaction);
  return login;
}

// {"refreshToken":"…"}
Result<engine::Operation> read_refresh(const Body& body) {
  const auto token = TRY(body.required("refreshToken"));
  const bool broken = token.find_first_of(" \t\r\n") != std::string::npos;
  if (broken) return fail(Why::kInvalidToken, "not a refresh token");
  return engine::Refresh{.refresh_token = Secret(token)};
}

// GET /api/v3/data/securitiesByBoard?board=HOSE        Authorization: Bearer …
Result<engine::Operation> read_use(const http::Request& request, const Route& route) {
  auto bearer = http::bearer(request.headers);
  if (!bearer) return fail(Why::kInvalidToken, "not a bearer token");
  engine::Use use{.resource = std::string(route.resource), .tiers = route.tiers};
  if (*bearer) use.bearer = std::move(**bearer);
  for (const std::string_view name : route.arguments) {
    const std::string* value = request.target.param(name);
    if (value != nullptr) use.arguments.emplace_back(name, *value);
  }
  if (route.endpoint == Endpoint::kSecurities && use.arguments.empty()) {
    return fail(Why::kMalformed, "board is required");
  }
  if (route.endpoint == Endpoint::kBalance && argument(use, "clientId").empty()) {
    return fail(Why::kMalformed, "clientId is required");
  }
  return use;
}

// Epoch seconds or milliseconds, as a number or a string; nullopt: it does not say.
std::optional<Instant> read_epoch(const json::Object& object, std::string_view name) {
  const json::Value* value = object.find(name);
  if (value == nullptr) return std::nullopt;
  std::optional<std::int64_t> epoch;
  if (value->as_int() != nullptr) epoch = *value->as_int();
  if (value->as_string() != nullptr) epoch = parse_int(*value->as_string());
  if (!epoch || *epoch <= 0) return std::nullopt;
  const Instant until = from_epoch(*epoch >= kMilliseconds ? *epoch / 1000 : *epoch);
  return std::min(until, kEndOfTime);
}

// The tutorial speaks of expiresIn where the service sends expiresAt; both are read.
std::optional<Instant> read_lifetime(const json::Object& object, Instant asked) {
  const json::Value* value = object.find("expiresIn");
  const std::int64_t* seconds = value == nullptr ? nullptr : value->as_int();
  if (seconds == nullptr || *seconds <= 0) return std::nullopt;
  return expiry(asked, Lifetime{Seconds{*seconds}});
}

Result<engine::Outcome> read_tokens(const json::Object& body, Instant asked) {
  const json::Value* data = body.find("data");
  const json::Object& object = data != nullptr && data->as_object() ? *data->as_object() : body;
  const auto access = json::string_field(object, "accessToken");
  if (!access || access->empty()) return fail(Why::kBadResponse, "the reply has no accessToken");
  const auto refresh = json::optional_string_field(object, "refreshToken");
  if (!refresh) return fail(Why::kBadResponse, "the reply's refreshToken is not text");

  engine::TokenSet tokens{.access_token = Secret(*access)};
  if (*refresh) tokens.refresh_token = Secret(**refresh);
  tokens.access_until = read_epoch(object, "expiresAt");
  if (!tokens.access_until) tokens.access_until = read_lifetime(object, asked);
  tokens.refresh_until = read_epoch(object, "refreshExpiresAt");
  return tokens;
}

// {"code":200,"msg":"…","transactionId":"…"}, or the id under "data", or none
engine::Outcome read_otp_sent(const json::Object& body) {
  const json::Value* id = body.find("transactionId");
  const json::Value* data = body.find("data");
  if (id == nullptr && data != nullptr && data->as_object() != nullptr) {
    id = data->as_object()->find("transactionId");
  }
  if (id != nullptr && id->as_string() != nullptr) return engine::OtpSent{*id->as_string()};
  if (id != nullptr && id->as_int() != nullptr) {
    return engine::OtpSent{std::to_string(*id->as_int())};
  }
  return engine::OtpSent{};
}

// Accounts are what this wire tells of a token's owner.
engine::Outcome read_used(Endpoint endpoint, const json::Value& body) {
  engine::Used used;
  const json::Array* list = body.as_array();
  if (endpoint != Endpoint::kAccountInfo || list == nullptr) return used;
  std::vector<Account> accounts;
  for (const json::Value& item : *list) {
    const json::Object* object = item.as_object();
    const json::Value* number = object == nullptr ? nullptr : object->find("accountNo");
    const json::Value* type = object == nullptr ? nullptr : object->find("accountType");
    if (number == nullptr || number->as_string() == nullptr) continue;
    const bool typed = type != nullptr && type->as_string() != nullptr;
    accounts.push_back({*number->as_string(), typed ? *type->as_string() : std::string()});
  }
  if (!accounts.empty()) used.who.attributes.emplace_back("accounts", attribute_of(accounts));
  return used;
}

json::Value epoch_value(const std::optional<Instant>& until, bool as_text) {
  const std::int64_t seconds = until ? epoch(*until) : 0;
  return as_text ? json::Value(std::to_string(seconds)) : json::Value(seconds);
}

// {"tokenType":"Bearer","accessToken":"eyJ…","refreshToken":"…","expiresAt":1779806203,
//  "refreshExpiresAt":1779892603}
http::Response write_tokens(const engine::TokenSet& tokens, const Manner& manner) {
  const bool as_text = manner.expiry_as_text;
  json::Object object{{"tokenType", "Bearer"},
                      {"accessToken", plain(tokens.access_token)},
                      {"refreshToken", plain(tokens.refresh_token)},
                      {"expiresAt", epoch_value(tokens.access_until, as_text)},
                      {"refreshExpiresAt", epoch_value(tokens.refresh_until, as_text)}};
  if (manner.token_in_data) object = json::Object{{"data", std::move(object)}};
  return http::json_response(200, json::write(std::move(object)));
}

// {"code":200,"msg":"Request OTP success"} and, for a push, "transactionId":"…"
http::Response write_otp_sent(const engine::OtpSent& sent, const Manner& manner,
                              std::string_view language) {
  json::Object object{{"code", manner.otp_success_code}, {"msg", text_of_code(200, language)}};
  if (!sent.transaction_id.empty()) {
    if (manner.transaction_id_in_data) {
      object.add("data", json::Object{{"transactionId", sent.transaction_id}});
    } else {
      object.add("transactionId", sent.transaction_id);
    }
  }
  return http::json_response(200, json::write(std::move(object)));
}

}  // namespace

bool Codec::owns(std::string_view path) const { return path.starts_with(kPrefix); }

// POST /api/v3/auth/token      {"apiKey":"…","apiSecret":"…","otp":"…"}
// POST /api/v3/auth/requestOtp {"apiKey":"…","apiSecret":"…"}
// POST /api/v3/auth/refresh    {"refreshToken":"…"}
// GET  /api/v3/account/info    Authorization: Bearer …
Result<http::Request> Codec::encode_request(const engine::Operation& asked) const {
  const Route* route = route_of(asked);
  if (route == nullptr) return fail(Why::kUnsupported, "fastconnect has no such operation");
  http::Request request{.method = std::string(route->method),
                        .target = {.path = std::string(route->path)}};
  request.headers.add("Accept", "application/json").add("Accept-Language", manner_.language);

  if (const auto* use = std::get_if<engine::Use>(&asked)) {
    request.target.query = use->arguments;
    if (!use->bearer.empty()) {
      request.headers.add("Authorization", "Bearer " + plain(use->bearer));
    }
    return request;
  }
  json::Object body;
  const auto add_client = [&](const engine::ClientKey& client) {
    body.add("apiKey", client.id.text).add("apiSecret", plain(client.secret));
  };
  if (const auto* otp = std::get_if<engine::RequestOtp>(&asked)) add_client(otp->client);
  if (const auto* login = std::get_if<engine::Login>(&asked)) {
    add_client(login->client);
    if (!login->otp.empty()) body.add("otp", plain(login->otp));
    if (!login->transaction_id.empty()) body.add("transactionId", login->transaction_id);
  }
  if (const auto* refresh = std::get_if<engine::Refresh>(&asked)) {
    body.add("refreshToken", plain(refresh->refresh_token));
  }
  request.headers.add("Content-Type", "application/json");
  request.body = json::write(std::move(body));
  return request;
}

// An Authorization header on /api/v3/auth/* is not looked at: one of the SDKs
// sends the old bearer with its refresh.
Result<engine::Operation> Codec::decode_request(const http::Request& request) const {
  const Route* route = find_route(request.target.path);
  if (route == nullptr) return fail(Why::kUnsupported, "no such endpoint");
  if (request.method != route->method) return fail(Why::kUnsupported, "no such method");
  if (is_resource(route->endpoint)) return read_use(request, *route);
  const auto body = TRY(read_body(request, language_of(request, manner_) == "vi"));
  if (route->endpoint == Endpoint::kToken) return read_login(body, manner_.otp_required);
  if (route->endpoint == Endpoint::kRefresh) return read_refresh(body);
  return read_request_otp(body);
}

// 200 the five fields, flat          200 {"code":200,"msg":"…"}     200 [ … ] or {"code":204,…}
// 202 {"code":401114,"msg":"…"}      401 {"code":401103,"msg":"…"}
http::Response Codec::encode_reply(const dialect::Asked& asked,
                                   const Result<engine::Outcome>& outcome) const {
  if (!outcome) return encode_error(asked, outcome.error(), manner_);
  if (const auto* tokens = std::get_if<engine::TokenSet>(&*outcome)) {
    return write_tokens(*tokens, manner_);
  }
  const std::string language = language_of(asked.request, manner_);
  if (const auto* sent = std::get_if<engine::OtpSent>(&*outcome)) {
    return write_otp_sent(*sent, manner_, language);
  }
  const auto* used = std::get_if<engine::Used>(&*outcome);
  const auto* use = std::get_if<engine::Use>(asked.operation);
  if (used == nullptr || use == nullptr) {
    return encode_error(asked, {Why::kBug, "", "an outcome that this wire does not have"}, manner_);
  }
  const auto body = body_of(*use, *used);
  if (!body) return encode_error(asked, body.error(), manner_);
  if (!*body) return message_response(200, 204, text_of_code(204, language));
  return http::json_response(200, json::write(**body));
}

Result<engine::Outcome> Codec::decode_reply(const dialect::Sent& sent,
                                            const http::Response& reply) const {
  const Route* route = route_of(sent.operation);
  if (route == nullptr) return fail(Why::kUnsupported, "fastconnect has no such operation");
  const auto body = json::parse(reply.body, kReplyLimits);
  const json::Value* value = body ? &*body : nullptr;
  if (auto error = decode_error(route->endpoint, sent.at, reply, value)) return fail(*error);
  if (value == nullptr) return fail(Why::kBadResponse, "the reply is not JSON");
  if (is_resource(route->endpoint)) return read_used(route->endpoint, *value);
  const json::Object* object = value->as_object();
  if (object == nullptr) return fail(Why::kBadResponse, "the reply is not an object");
  if (route->endpoint == Endpoint::kRequestOtp) return read_otp_sent(*object);
  return read_tokens(*object, sent.at);
}

}  // namespace latchkey::dialects::fastconnect
