#include "dialects/chathub/wire.h"

#include <algorithm>

#include "base/text.h"

namespace latchkey::dialects::chathub {
namespace {

constexpr std::string_view kKeyHeader = "X-Authorization-Key";

Result<std::optional<Secret>> key_header(const http::Headers& headers) {
  if (headers.count(kKeyHeader) > 1) {
    return fail(Why::kMalformed, "X-Authorization-Key is there more than once");
  }
  const std::string* key = headers.find(kKeyHeader);
  if (key == nullptr) return std::optional<Secret>{};
  if (!is_token(*key)) return fail(Why::kInvalidToken, "X-Authorization-Key holds no token");
  return std::optional<Secret>(Secret(*key));
}

Result<std::optional<Secret>> authorization(const http::Headers& headers) {
  if (headers.count("Authorization") > 1) {
    return fail(Why::kMalformed, "Authorization is there more than once");
  }
  auto bearer = http::bearer(headers);
  if (!bearer || (*bearer && (*bearer)->size() > kMostTokenBytes)) {
    return fail(Why::kInvalidToken, "Authorization holds no bearer token");
  }
  return bearer;
}

std::unexpected<Error> wrong(std::string_view name, std::string_view what) {
  return fail(Why::kMalformed, "\"" + std::string(name) + "\" " + std::string(what));
}

}  // namespace

// GET /api/company/organization
// Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9…
http::Request get(std::string_view path, const Secret& bearer) {
  http::Request request{.method = "GET", .target = {.path = std::string(path)}};
  request.headers.add("Accept", "application/json");
  request.headers.add("Authorization", "Bearer " + std::string(bearer.reveal()));
  return request;
}

// POST /api/company/get-token
// Content-Type: application/json
http::Request post(std::string_view path, const json::Value& body) {
  http::Request request{.method = "POST", .target = {.path = std::string(path)}};
  request.headers.add("Content-Type", "application/json");
  request.headers.add("Accept", "application/json");
  request.body = json::write(body);
  return request;
}

http::Request post(std::string_view path, const json::Value& body, const Secret& bearer) {
  http::Request request = post(path, body);
  request.headers.add("Authorization", "Bearer " + std::string(bearer.reveal()));
  return request;
}

// Authorization: Bearer <token>      or      X-Authorization-Key: <token>
Result<Secret> bearer_of(const http::Request& request) {
  const auto bearer = TRY(authorization(request.headers));
  const auto key = TRY(key_header(request.headers));
  if (bearer && key && *bearer != *key) {
    return fail(Why::kMalformed, "Authorization and X-Authorization-Key disagree");
  }
  if (bearer) return *bearer;
  if (key) return *key;
  return fail(Why::kInvalidToken, "the token is missing");
}

Result<json::Value> body_of(const http::Request& request) {
  const std::string type = http::media_type(request.headers);
  if (type != "application/json" && type != "text/json") {
    return fail(Why::kMalformed, "Content-Type must be application/json");
  }
  return json::parse(request.body);
}

Result<json::Object> object_of(const http::Request& request) {
  const auto body = TRY(body_of(request));
  const json::Object* object = body.as_object();
  if (object == nullptr) return fail(Why::kMalformed, "the body must be a JSON object");
  return *object;
}

Result<std::string> text_member(const json::Object& object, std::string_view name,
                                std::size_t most) {
  const json::Value* value = object.find_ignoring_case(name);
  if (value == nullptr || value->is_null()) return wrong(name, "is required");
  const std::string* text = value->as_string();
  if (text == nullptr) return wrong(name, "must be a string");
  if (text->empty()) return wrong(name, "is required");
  if (text->size() > most) return wrong(name, "is too long");
  return *text;
}

Result<std::int64_t> number_member(const json::Object& object, std::string_view name) {
  const json::Value* value = object.find_ignoring_case(name);
  if (value == nullptr || value->is_null()) return wrong(name, "is required");
  if (const auto* number = value->as_int()) return *number;
  const std::string* text = value->as_string();
  const auto number = text == nullptr ? std::nullopt : parse_int(*text);
  if (!number) return wrong(name, "must be an integer");
  return *number;
}

// "2025-12-31T23:59:59Z", "2025-01-20T14:33:34.147Z", "2025-01-20T14:33:34.147123+02:00",
// "2025-01-20T14:33:34"
std::optional<Instant> parse_iso8601(std::string_view text) {
  if (const auto instant = parse_rfc3339(text)) return instant;
  return parse_rfc3339(std::string(text) + "Z");
}

bool is_token(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~+/=").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= kMostTokenBytes && std::ranges::all_of(text, plain);
}

}  // namespace latchkey::dialects::chathub
