#include "http/message.h"

#include <algorithm>

#include "base/text.h"
#include "base/time.h"
#include "http/date.h"

namespace latchkey::http {
namespace {

constexpr Seconds kLongestRetryAfter{24 * 60 * 60};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// RFC 9110 section 11.2: letters, digits and six marks, then any number of "=".
bool is_token68(std::string_view text) {
  constexpr std::string_view kMarks = "-._~+/";
  const std::size_t end = text.find_last_not_of('=');
  if (end == std::string_view::npos) return false;
  const auto allowed = [&](char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kMarks.find(c) != std::string_view::npos;
  };
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end) + 1, allowed);
}

}  // namespace

const char* reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 423: return "Locked";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "";
  }
}

std::string media_type(const Headers& headers) {
  const std::string* field = headers.find("Content-Type");
  if (field == nullptr) return {};
  return to_lower(trim(std::string_view(*field).substr(0, field->find(';'))));
}

Result<std::optional<Secret>> bearer(const Headers& headers) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string* field = headers.find("Authorization");
  if (field == nullptr) return std::optional<Secret>{};
  if (headers.count("Authorization") > 1) {
    return fail(Why::kMalformed, "more than one Authorization header");
  }
  const std::string_view text = trim(*field);
  if (!equals_ignoring_case(text.substr(0, kScheme.size()), kScheme)) {
    return fail(Why::kMalformed, "the Authorization header is not of the Bearer scheme");
  }
  const std::string_view token = trim(text.substr(kScheme.size()));
  if (!is_token68(token)) return fail(Why::kMalformed, "not a bearer token");
  return std::optional<Secret>{Secret(token)};
}

std::chrono::seconds retry_after(const Headers& headers, std::chrono::sys_seconds now) {
  const std::string* field = headers.find("Retry-After");
  if (field == nullptr) return Seconds{0};
  const std::string_view text = trim(*field);
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_digit)) {
    const auto count = parse_int(text);
    return count ? std::min(Seconds{*count}, kLongestRetryAfter) : kLongestRetryAfter;
  }
  const auto until = parse_http_date(text, now);
  return until ? std::clamp(*until - now, Seconds{0}, kLongestRetryAfter) : Seconds{0};
}

Response json_response(int status, std::string body) {
  return {.status = status,
          .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
          .body = std::move(body)};
}

}  // namespace latchkey::http
