#include "dialects/chathub/tokens.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/jws.h"
#include "dialects/chathub/wire.h"

namespace latchkey::dialects::chathub {
namespace {

// Documented: "eyJ…" (a JSON string). Seen in older pages and the provider's own
// site: {"token":"eyJ…", …}, and the bare text without quotes.
std::string token_text(std::string_view body) {
  const auto value = json::parse(body, kReplyLimits);
  if (!value) {
    const std::string_view text = trim(body);
    return std::ranges::count(text, '.') == 2 ? std::string(text) : std::string();
  }
  if (const std::string* text = value->as_string()) return *text;
  const json::Object* object = value->as_object();
  const json::Value* token = object == nullptr ? nullptr : object->find_ignoring_case("token");
  if (token == nullptr || token->as_string() == nullptr) return {};
  return *token->as_string();
}

std::optional<Instant> end_of(const std::string& token, std::optional<Instant> asked_until) {
  const auto claims = crypto::peek_claims(token);
  const auto said = claims ? crypto::time_claim(*claims, "exp") : std::nullopt;
  if (said && asked_until) return std::min(*said, *asked_until);
  return said ? said : asked_until;
}

const json::Value* present(const json::Object& object, std::string_view name) {
  const json::Value* value = object.find_ignoring_case(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

Result<std::int64_t> optional_number(const json::Object& object, std::string_view name) {
  if (present(object, name) == nullptr) return 0;
  return number_member(object, name);
}

Result<std::optional<Instant>> optional_instant(const json::Object& object, std::string_view name) {
  if (present(object, name) == nullptr) return std::optional<Instant>{};
  const auto text = TRY(text_member(object, name));
  const auto instant = parse_iso8601(text);
  if (!instant) return fail(Why::kMalformed);
  return instant;
}

}  // namespace

// POST /api/company/get-token
// {"login":"demo-company","password":"demo-password"}
http::Request encode_login(const engine::Login& login) {
  return post(kCompanyTokenPath, json::Object{{"login", login.user.login.text},
                                              {"password", login.user.password.reveal()}});
}

Result<engine::Operation> decode_login(const http::Request& request) {
  const auto body = TRY(object_of(request));
  const auto login = TRY(text_member(body, "login"));
  const auto password = TRY(text_member(body, "password"));
  return engine::Login{.user = {.login = SubjectId(login), .password = Secret(password)}};
}

// POST /api/operator/get-token     with the company's token
// {"id":123,"expiresAt":"2025-12-31T23:59:59Z"}
http::Request encode_delegate(const engine::Delegate& asked) {
  return post(kOperatorTokenPath,
              json::Object{{"id", asked.operator_id}, {"expiresAt", to_rfc3339(asked.expires_at)}},
              asked.bearer);
}

Result<engine::Operation> decode_delegate(const http::Request& request) {
  const auto bearer = TRY(bearer_of(request));
  const auto body = TRY(object_of(request));
  const auto id = TRY(number_member(body, "id"));
  const auto text = TRY(text_member(body, "expiresAt"));
  const auto until = parse_iso8601(text);
  if (!until) return fail(Why::kMalformed, "\"expiresAt\" must be an ISO 8601 date and time");
  if (id < 1) return fail(Why::kMalformed, "\"id\" must be positive");
  return engine::Delegate{.bearer = bearer, .operator_id = id, .expires_at = *until};
}

// POST /api/operator/validate-token     with the company's token
// {"token":"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9…"}
http::Request encode_validate(const engine::Validate& asked) {
  return post(kValidatePath, json::Object{{"token", asked.token.reveal()}}, asked.bearer);
}

Result<engine::Operation> decode_validate(const http::Request& request) {
  const auto bearer = TRY(bearer_of(request));
  const auto body = TRY(object_of(request));
  const auto token = TRY(text_member(body, "token", kMostTokenBytes));
  return engine::Validate{.bearer = bearer, .token = Secret(token)};
}

// "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJvcGVyYXRvcl9pZCI6MTIzLCJleHAiOjE3Mzc0MTI3OTl9…"
http::Response encode_token(const engine::TokenSet& tokens) {
  return http::json_response(200, json::write(tokens.access_token.reveal()));
}

Result<engine::Outcome> decode_token(const http::Response& response,
                                     std::optional<Instant> asked_until) {
  const std::string token = token_text(response.body);
  if (!is_token(token)) return fail(Why::kBadResponse, "the answer holds no token");
  return engine::TokenSet{.access_token = Secret(token),
                          .access_until = end_of(token, asked_until)};
}

// {"isValid":true,"operatorId":123,"clientId":1,"expiresAt":"2025-12-31T23:59:59Z","error":null}
// {"isValid":false,"error":"Invalid token"}
http::Response encode_validation(const engine::Validation& found, const WireOptions& options) {
  json::Object body{{"isValid", found.valid}};
  if (options.legacy_valid_field) body.add("valid", found.valid);
  if (found.valid) {
    body.add("operatorId", found.operator_id).add("clientId", found.client_number);
    body.add("expiresAt", found.until ? json::Value(to_rfc3339(*found.until)) : json::Value());
    body.add("error", nullptr);
  } else {
    body.add("error", found.why_not == Why::kExpired ? options.expired_text : "Invalid token");
  }
  return http::json_response(200, json::write(std::move(body)));
}

Result<engine::Outcome> decode_validation(const http::Response& response) {
  const auto bad = fail(Why::kBadResponse, "the answer is no validation");
  const auto value = json::parse(response.body, kReplyLimits);
  const json::Object* body = value ? value->as_object() : nullptr;
  if (body == nullptr) return bad;
  const json::Value* verdict = present(*body, "isValid");
  if (verdict == nullptr) verdict = present(*body, "valid");
  if (verdict == nullptr || verdict->as_bool() == nullptr) return bad;
  if (!*verdict->as_bool()) {
    const json::Value* error = present(*body, "error");
    const std::string* text = error == nullptr ? nullptr : error->as_string();
    const bool expired = text != nullptr && equals_ignoring_case(*text, "Token expired");
    return engine::Validation{.valid = false,
                              .why_not = expired ? Why::kExpired : Why::kInvalidToken};
  }
  const auto operator_id = optional_number(*body, "operatorId");
  const auto client_number = optional_number(*body, "clientId");
  const auto until = optional_instant(*body, "expiresAt");
  if (!operator_id || !client_number || !until) return bad;
  return engine::Validation{
      .valid = true, .operator_id = *operator_id, .client_number = *client_number, .until = *until};
}

}  // namespace latchkey::dialects::chathub
