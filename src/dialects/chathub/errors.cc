#include "dialects/chathub/errors.h"

#include "base/json.h"
#include "base/text.h"
#include "dialects/chathub/wire.h"

namespace latchkey::dialects::chathub {
namespace {

constexpr int kMalformedCode = 1001;  // "malformed request" in the provider's table of codes

struct Spelling {
  int status;
  const char* message;  // when the engine had nothing to say
};

Spelling spelling_of(Why why) {
  switch (why) {
    case Why::kMalformed: return {400, "Malformed request"};
    case Why::kConflict: return {400, "The request contradicts what is already there"};
    case Why::kUnsupported: return {404, "There is no such endpoint"};
    case Why::kNotFound: return {404, "Not found"};
    case Why::kBadCredentials:
    case Why::kOtpRequired:
    case Why::kOtpWrong: return {401, "Invalid credentials"};
    case Why::kInvalidToken:
    case Why::kExpired:
    case Why::kReplayed: return {401, "Invalid token"};
    case Why::kForbidden:
    case Why::kRevoked:
    case Why::kPending:
    case Why::kDeclined: return {403, "This token may not do that"};
    case Why::kTooMany:
      return {429, "Rate limit exceeded. Please wait before sending more requests."};
    case Why::kUnavailable: return {503, "Please try again later"};
    // A broker's own reasons: an authority that meets one has a bug.
    case Why::kPersonNeeded:
    case Why::kUnknownName:
    case Why::kPolicy:
    case Why::kStore:
    case Why::kLostRotation:
    case Why::kNoAnswer:
    case Why::kBadResponse:
    case Why::kUsage:
    case Why::kBug: return {500, "Internal error"};
  }
  return {500, "Internal error"};
}

Why why_of(int status, const engine::Operation& operation) {
  switch (status) {
    case 400:
    case 415:
    case 422: return Why::kMalformed;
    case 401:
      return std::holds_alternative<engine::Login>(operation) ? Why::kBadCredentials
                                                              : Why::kInvalidToken;
    // Of the two things that a 403 may mean, a broker can do something about one.
    case 403:
      return std::holds_alternative<engine::Delegate>(operation) ? Why::kRevoked : Why::kForbidden;
    case 404: return Why::kNotFound;
    case 429: return Why::kTooMany;
    default: return status >= 500 && status <= 599 ? Why::kUnavailable : Why::kBadResponse;
  }
}

std::vector<const Secret*> secrets_of(const engine::Operation& operation) {
  if (const auto* login = std::get_if<engine::Login>(&operation)) return {&login->user.password};
  if (const auto* asked = std::get_if<engine::Delegate>(&operation)) return {&asked->bearer};
  if (const auto* asked = std::get_if<engine::Validate>(&operation)) {
    return {&asked->bearer, &asked->token};
  }
  if (const auto* asked = std::get_if<engine::ListOrganizations>(&operation)) {
    return {&asked->bearer};
  }
  if (const auto* asked = std::get_if<engine::ListOperators>(&operation)) return {&asked->bearer};
  if (const auto* asked = std::get_if<engine::SynchronizeOperators>(&operation)) {
    return {&asked->bearer};
  }
  if (const auto* asked = std::get_if<engine::SetOperatorStatus>(&operation)) {
    return {&asked->bearer};
  }
  return {};
}

bool repeats_a_secret(std::string_view text, const engine::Operation& operation) {
  for (const Secret* secret : secrets_of(operation)) {
    if (!secret->empty() && text.find(secret->reveal()) != std::string_view::npos) return true;
  }
  return false;
}

std::string message_of(const http::Response& response) {
  const auto body = json::parse(response.body, kReplyLimits);
  const json::Object* object = body ? body->as_object() : nullptr;
  if (object == nullptr) return {};
  for (const char* name : {"message", "error"}) {
    const json::Value* value = object->find_ignoring_case(name);
    if (value != nullptr && value->as_string() != nullptr) return *value->as_string();
  }
  return {};
}

}  // namespace

// HTTP/1.1 400
// {"status":400,"error":"Bad Request","message":"\"id\" is required","code":1001}
//
// HTTP/1.1 401     403, 404, 500 and 503 look the same
// WWW-Authenticate: Bearer
// {"status":401,"error":"Unauthorized","message":"Invalid token"}
//
// HTTP/1.1 429
// Retry-After: 1
// {"error":"Too Many Requests","message":"Rate limit exceeded. …","status":429}
http::Response encode_error(const Error& error) {
  const auto [status, standard] = spelling_of(error.why);
  const bool ours = status == 500 || status == 429 || error.say.empty();
  const std::string message = ours ? standard : printable(error.say);
  json::Object body;
  if (status != 429) body.add("status", status);
  body.add("error", http::reason_phrase(status)).add("message", message);
  if (status == 429) body.add("status", status);
  if (status == 400) body.add("code", kMalformedCode);

  http::Response response = http::json_response(status, json::write(std::move(body)));
  if (status == 401) response.headers.add("WWW-Authenticate", "Bearer");
  if ((status == 429 || status == 503) && error.retry_after.count() > 0) {
    response.headers.add("Retry-After", std::to_string(error.retry_after.count()));
  }
  return response;
}

Error decode_error(const dialect::Sent& sent, const http::Response& response) {
  Error error{.why = why_of(response.status, sent.operation)};
  const std::string message = message_of(response);
  if (message.empty() || repeats_a_secret(message, sent.operation)) {
    error.say = "HTTP " + std::to_string(response.status);
  } else {
    error.say = printable(message);
  }
  if (error.why == Why::kTooMany || error.why == Why::kUnavailable) {
    error.retry_after = http::retry_after(response.headers, sent.at);
  }
  return error;
}

}  // namespace latchkey::dialects::chathub
