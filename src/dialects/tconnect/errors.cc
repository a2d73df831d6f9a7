#include "dialects/tconnect/errors.h"

#include <algorithm>

#include "base/text.h"

namespace latchkey::dialects::tconnect {
namespace {

struct Spelling {
  int status;
  std::string_view error;
  std::string_view description;
};

Spelling spell(Why why) {
  switch (why) {
    case Why::kMalformed: return {400, "invalid_request", "The request could not be read"};
    case Why::kUnsupported: return {404, "unsupported", "There is no such endpoint"};
    case Why::kNotFound: return {404, "not_found", "There is no such thing"};
    case Why::kConflict: return {409, "conflict", "It contradicts what is already so"};
    case Why::kBadCredentials: return {401, "invalid_grant", "Invalid user or client credentials"};
    case Why::kOtpRequired:
    case Why::kOtpWrong:
    case Why::kPending:
    case Why::kDeclined:
    case Why::kForbidden: return {403, "access_denied", "Access denied"};
    case Why::kInvalidToken: return {401, "invalid_token", "Invalid access token"};
    case Why::kExpired: return {401, "invalid_token", "Access token is expired"};
    case Why::kRevoked: return {401, "invalid_token", "Access token is revoked"};
    case Why::kReplayed: return {401, "invalid_token", "Access token is stale"};
    case Why::kTooMany: return {429, "too_many_requests", "Too many requests"};
    case Why::kUnavailable: return {503, "temporarily_unavailable", "Try again later"};
    case Why::kPersonNeeded:
    case Why::kUnknownName:
    case Why::kPolicy:
    case Why::kStore:
    case Why::kNoAnswer:
    case Why::kLostRotation:
    case Why::kBadResponse:
    case Why::kUsage:
    case Why::kBug: return {500, "server_error", "Internal error"};
  }
  return {500, "server_error", "Internal error"};
}

// POST /openapi/v1/auth/refresh: as Keycloak words it, so that a broker that
// knows those words learns the reason.
struct Own {
  Why why;
  Spelling spelling;
};
constexpr Own kRefreshOwn[] = {
    {Why::kInvalidToken, {400, "invalid_grant", "Invalid refresh token"}},
    {Why::kExpired, {400, "invalid_grant", "Token is not active"}},
    {Why::kRevoked, {400, "invalid_grant", "Session not active"}},
    {Why::kReplayed, {400, "invalid_grant", "Maximum allowed refresh token reuse exceeded"}},
    {Why::kBadCredentials, {401, "invalid_client", "Invalid client or partner"}},
};

Spelling spell(const dialect::Asked& asked, const Route* route, Why why, const Manner& manner) {
  if (why == Why::kUnsupported && route != nullptr && asked.operation == nullptr) {
    return {405, "unsupported", "Use POST"};
  }
  // Refused before there was an operation: nobody has a key for that partner.
  if (why == Why::kForbidden && asked.operation == nullptr) {
    return {manner.unknown_partner_status, "invalid_client", "Unknown Partner-Code"};
  }
  if (route != nullptr && route->endpoint == Endpoint::kRefresh) {
    for (const Own& own : kRefreshOwn) {
      if (own.why == why) return own.spelling;
    }
  }
  // A call without a token has a wrong one; a login has none that could be wrong.
  const bool is_call = route != nullptr && !route->resource.empty();
  if (is_call && why == Why::kBadCredentials) return spell(Why::kInvalidToken);
  const bool logs_in = route != nullptr && route->endpoint == Endpoint::kLogin;
  if (logs_in && spell(why).error == spell(Why::kInvalidToken).error) {
    return spell(Why::kBadCredentials);
  }
  return spell(why);
}

std::string_view text_member(const json::Object* object, std::string_view name) {
  const json::Value* value = object == nullptr ? nullptr : object->find(name);
  return value == nullptr || value->as_string() == nullptr ? std::string_view{}
                                                           : *value->as_string();
}

// Why a token of ours is refused, by Keycloak's words.
Why why_of_token(std::string_view description) {
  for (const Own& own : kRefreshOwn) {
    if (own.spelling.description == description) return own.why;
  }
  if (description == "Stale token") return Why::kReplayed;
  for (const Why why : {Why::kExpired, Why::kRevoked, Why::kReplayed}) {
    if (spell(why).description == description) return why;
  }
  return Why::kInvalidToken;
}

bool names_refresh_token(std::string_view description) {
  return std::ranges::any_of(
      kRefreshOwn, [&](const Own& own) { return own.spelling.description == description; });
}

Why why_of(Endpoint endpoint, int status, std::string_view error, std::string_view description) {
  const bool refreshes = endpoint == Endpoint::kRefresh;
  const bool logs_in = endpoint == Endpoint::kLogin;
  if (error == "invalid_client") return status == 403 ? Why::kForbidden : Why::kBadCredentials;
  switch (status) {
    case 400:
      if (error == "invalid_grant" && logs_in) return Why::kBadCredentials;
      if (!refreshes) return Why::kMalformed;
      if (error == "invalid_grant") return why_of_token(description);
      return names_refresh_token(description) ? why_of_token(description) : Why::kMalformed;
    case 401: return logs_in ? Why::kBadCredentials : why_of_token(description);
    case 403: return Why::kForbidden;
    case 404: return error == "not_found" ? Why::kNotFound : Why::kUnsupported;
    case 405: return Why::kUnsupported;
    case 409: return Why::kConflict;
    case 422: return Why::kMalformed;
    case 429: return Why::kTooMany;
    case 503: return Why::kUnavailable;
    default: break;
  }
  if (status < 500 || status > 599) return Why::kBadResponse;
  // It may have spent the token and failed afterwards.
  return refreshes ? Why::kNoAnswer : Why::kUnavailable;
}

}  // namespace

http::Response encode_error(const dialect::Asked& asked, const Error& error, const Manner& manner) {
  const Route* route = find_route(asked.request.target.path);
  const Spelling spelling = spell(asked, route, error.why, manner);
  std::string text(spelling.description);
  if (error.why == Why::kMalformed && !error.say.empty()) text = error.say;
  json::Object body;
  if (manner.plain_errors) {
    body.add("code", spelling.status).add("message", text);
  } else {
    body.add("error", spelling.error).add("error_description", text);
  }
  http::Response response = http::json_response(spelling.status, json::write(std::move(body)));
  if (spelling.status == 405) response.headers.set("Allow", "POST");
  if (spelling.status == 401 && route != nullptr && !route->resource.empty()) {
    response.headers.set("WWW-Authenticate", "Bearer error=\"" + std::string(spelling.error) + '"');
  }
  if (error.retry_after.count() > 0) {
    response.headers.set("Retry-After", std::to_string(error.retry_after.count()));
  }
  return response;
}

Error decode_error(Endpoint endpoint, Instant sent_at, const http::Response& reply,
                   const json::Value* body) {
  const json::Object* object = body == nullptr ? nullptr : body->as_object();
  const auto error = text_member(object, "error");
  auto text = text_member(object, "error_description");
  if (text.empty()) text = text_member(object, "message");
  Error refusal{.why = why_of(endpoint, reply.status, error, text), .say = printable(text)};
  if (refusal.say.empty()) refusal.say = "HTTP " + std::to_string(reply.status);
  refusal.retry_after = http::retry_after(reply.headers, sent_at);
  return refusal;
}

}  // namespace latchkey::dialects::tconnect
