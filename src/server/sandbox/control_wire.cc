#include "server/sandbox/control_wire.h"

namespace latchkey::server {
namespace {

int status_of(Why why) {
  switch (why) {
    case Why::kMalformed:
    case Why::kUsage: return 400;
    case Why::kForbidden: return 403;
    case Why::kNotFound:
    case Why::kUnknownName:
    case Why::kUnsupported: return 404;
    case Why::kConflict: return 409;
    case Why::kUnavailable: return 503;
    case Why::kBadCredentials:
    case Why::kOtpRequired:
    case Why::kOtpWrong:
    case Why::kPending:
    case Why::kDeclined:
    case Why::kInvalidToken:
    case Why::kExpired:
    case Why::kRevoked:
    case Why::kReplayed:
    case Why::kTooMany:
    case Why::kPersonNeeded:
    case Why::kPolicy:
    case Why::kStore:
    case Why::kNoAnswer:
    case Why::kLostRotation:
    case Why::kBadResponse:
    case Why::kBug: return 500;
  }
  return 500;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == text.npos;
}

// A name that a page on the network may have pointed here is not one of these.
bool is_this_machine(std::string_view host) {
  for (const std::string_view name : {"127.0.0.1", "localhost", "[::1]"}) {
    if (!host.starts_with(name)) continue;
    const std::string_view rest = host.substr(name.size());
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  }
  return false;
}

}  // namespace

Result<> is_from_here(const http::Request& request) {
  const auto* host = request.headers.find("Host");
  if (host == nullptr || !is_this_machine(*host))
    return fail(Why::kForbidden, "the Host is not this machine");
  if (request.method == "POST" && http::media_type(request.headers) != "application/json")
    return fail(Why::kMalformed, "the body must be application/json");
  return {};
}

http::Response control_response(const Result<json::Value>& done) {
  if (done) return http::json_response(200, json::write(*done));
  const std::string why = name_of(done.error().why);
  return http::json_response(
      status_of(done.error().why),
      json::write(json::Object{{"error", why}, {"message", done.error().say}}));
}

}  // namespace latchkey::server
