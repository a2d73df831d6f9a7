#include "proxy/rules.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace latchkey::proxy {
namespace {

constexpr std::string_view kOneHop[] = {"Connection",
                                        "Keep-Alive",
                                        "Proxy-Authenticate",
                                        "Proxy-Authorization",
                                        "Proxy-Connection",
                                        "TE",
                                        "Trailer",
                                        "Transfer-Encoding",
                                        "Upgrade",
                                        "Content-Length",
                                        "Expect",
                                        "Host",
                                        "Proxy-Authentication-Info"};
constexpr std::string_view kCredentials[] = {
    "Authorization", "Cookie",       "Cookie2",        "X-Authorization-Key",
    "X-Api-Key",     "X-Auth-Token", "X-Access-Token", "Partner-Code",
    "DPoP",          kKeyHeader};
constexpr std::string_view kOfABrowser[] = {"Origin", "Referer"};
constexpr std::string_view kNotBack[] = {
    "Set-Cookie", "Set-Cookie2",     "Strict-Transport-Security",
    "Alt-Svc",    "Public-Key-Pins", "DPoP-Nonce"};
constexpr std::string_view kRepeatable[] = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"};

template <class Names>
bool is_one_of(const Names& names, std::string_view name) {
  return std::ranges::any_of(names,
                             [&](const auto& one) { return equals_ignoring_case(one, name); });
}

/// What the Connection field names is for one hop too (RFC 9110 section 7.6.1).
std::vector<std::string> named_by_connection(const http::Headers& headers) {
  std::vector<std::string> names;
  for (const auto& [name, value] : headers) {
    if (!equals_ignoring_case(name, "Connection")) continue;
    for (const auto& one : split(value, ',')) names.emplace_back(trim(one));
  }
  return names;
}

bool is_this_machine(std::string_view host, std::uint16_t port) {
  const std::string text = to_lower(host);
  const std::string end = ":" + std::to_string(port);
  std::string_view name = text;
  if (name.ends_with(end)) name.remove_suffix(end.size());
  else if (port != 80) return false;
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

/// A page says where it comes from; other programs say nothing.
bool is_foreign_page(const http::Request& head, const Door& door) {
  const auto* site = head.headers.find("Sec-Fetch-Site");
  if (site != nullptr && *site != "same-origin" && *site != "none") return true;
  const auto* origin = head.headers.find("Origin");
  if (origin == nullptr) return false;
  constexpr std::string_view kScheme = "http://";
  return door.is_unix || !origin->starts_with(kScheme) ||
         !is_this_machine(std::string_view(*origin).substr(kScheme.size()), door.port);
}

bool shows_key(const http::Request& head, const Door& door) {
  const auto* shown = head.headers.find(kKeyHeader);
  return door.key.empty() ||
         (shown != nullptr && head.headers.count(kKeyHeader) == 1 && Secret(*shown) == door.key);
}

}  // namespace

Result<> admit(const http::Request& head, const std::string& host, const Door& door) {
  if (head.method == "CONNECT" || head.method == "TRACE")
    return fail(Why::kUnsupported, "this is no forward proxy: " + head.method + " is refused");
  if (!door.is_unix && !is_this_machine(host, door.port))
    return fail(Why::kForbidden, "this proxy answers for localhost only");
  if (is_foreign_page(head, door))
    return fail(Why::kForbidden, "web pages of other hosts may not use this proxy");
  if (!shows_key(head, door))
    return fail(Why::kBadCredentials, std::string("the key is wanted in ") + kKeyHeader);
  if (head.headers.find("Upgrade") != nullptr)
    return fail(Why::kUnsupported, "this proxy does not change protocols");
  return {};
}

http::Headers onward(const http::Headers& callers, const http::Headers& tokens) {
  const auto named = named_by_connection(callers);
  http::Headers out;
  for (const auto& [name, value] : callers) {
    const bool gone = is_one_of(kOneHop, name) || is_one_of(kCredentials, name) ||
                      is_one_of(kOfABrowser, name) || is_one_of(named, name) ||
                      tokens.find(name) != nullptr || to_lower(name).starts_with("proxy-") ||
                      to_lower(name).starts_with("sec-");
    if (!gone) out.add(name, value);
  }
  return out;
}

http::Headers backward(const http::Headers& providers) {
  const auto named = named_by_connection(providers);
  http::Headers out;
  for (const auto& [name, value] : providers)
    if (!is_one_of(kOneHop, name) && !is_one_of(kNotBack, name) && !is_one_of(named, name))
      out.add(name, value);
  return out;
}

bool may_repeat(const std::string& method, const http::Response& answer, bool replayable) {
  if (answer.status != 401 || !replayable) return false;
  if (is_one_of(kRepeatable, method)) return true;
  return std::ranges::any_of(answer.headers, [](const auto& field) {
    return equals_ignoring_case(field.first, "WWW-Authenticate") &&
           (to_lower(field.second).find("invalid_token") != std::string::npos ||
            to_lower(field.second).find("use_dpop_nonce") != std::string::npos);
  });
}

int status_of(Why why) {
  switch (why) {
    case Why::kMalformed:
    case Why::kUsage: return 400;
    case Why::kUnsupported: return 405;
    case Why::kForbidden:
    case Why::kPolicy: return 403;
    case Why::kBadCredentials: return 401;
    case Why::kConflict: return 413;  // only a body that is too large to be sealed
    case Why::kNoAnswer: return 504;
    case Why::kTooMany:
    case Why::kUnavailable:
    case Why::kPersonNeeded:
    case Why::kOtpRequired:
    case Why::kPending:
    case Why::kStore:
    case Why::kLostRotation: return 503;
    case Why::kNotFound:
    case Why::kOtpWrong:
    case Why::kDeclined:
    case Why::kInvalidToken:
    case Why::kExpired:
    case Why::kRevoked:
    case Why::kReplayed:
    case Why::kUnknownName:
    case Why::kBadResponse:
    case Why::kBug: return 502;
  }
  return 502;
}

http::Response refusal(const Error& error) {
  const std::string say = error.say.empty() ? name_of(error.why) : error.say;
  auto response = http::json_response(
      status_of(error.why),
      json::write(json::Object{{"error", name_of(error.why)}, {"message", "latchkey: " + say}}));
  if (error.retry_after.count() > 0)
    response.headers.set("Retry-After", std::to_string(error.retry_after.count()));
  return response;
}

}  // namespace latchkey::proxy
