#include "server/admin/problem.h"

#include "base/json.h"

namespace latchkey::server {
namespace {

constexpr std::chrono::seconds kComeBack{1};

int status_of(Why why) {
  switch (why) {
    case Why::kMalformed:
    case Why::kUsage: return 400;
    case Why::kBadCredentials:
    case Why::kInvalidToken:
    case Why::kExpired:
    case Why::kRevoked:
    case Why::kReplayed:
    case Why::kOtpRequired:
    case Why::kOtpWrong: return 401;
    case Why::kForbidden:
    case Why::kPolicy:
    case Why::kDeclined:
    case Why::kPersonNeeded: return 403;
    case Why::kNotFound:
    case Why::kUnknownName: return 404;
    case Why::kUnsupported: return 405;
    case Why::kConflict:
    case Why::kPending: return 409;
    case Why::kTooMany: return 429;
    case Why::kUnavailable:
    case Why::kNoAnswer: return 503;
    case Why::kStore:
    case Why::kLostRotation:
    case Why::kBadResponse:
    case Why::kBug: return 500;
  }
  return 500;
}

http::Response write(int status, std::string_view why, std::string_view detail) {
  json::Object body{{"type", "urn:latchkey:problem:" + std::string(why)},
                    {"title", http::reason_phrase(status)},
                    {"status", status}};
  if (!detail.empty()) body.add("detail", detail);
  body.add("why", why);
  http::Response response{.status = status};
  response.headers.add("Content-Type", "application/problem+json").add("Cache-Control", "no-store");
  response.body = json::write(body);
  return response;
}

}  // namespace

http::Response problem(const Error& error) {
  http::Response response = write(status_of(error.why), name_of(error.why), error.say);
  if (response.status == 503 || response.status == 429)
    response.headers.add("Retry-After",
                         std::to_string(std::max(error.retry_after, kComeBack).count()));
  return response;
}

http::Response problem(int status, std::string_view detail) {
  const Why why = status == 404   ? Why::kNotFound
                  : status == 405 ? Why::kUnsupported
                  : status == 401 ? Why::kBadCredentials
                                  : Why::kMalformed;
  return write(status, name_of(why), detail);
}

Error error_of(const http::Response& response) {
  const auto value = json::parse(response.body);
  const auto* object = value ? value->as_object() : nullptr;
  const auto why = object ? json::string_field(*object, "why") : Result<std::string>("");
  for (const Why one : kEveryWhy)
    if (why && *why == name_of(one)) {
      const auto detail = json::optional_string_field(*object, "detail");
      return {one, detail ? detail->value_or("") : ""};
    }
  return {Why::kBadResponse, "that is no authority's admin API"};
}

}  // namespace latchkey::server
