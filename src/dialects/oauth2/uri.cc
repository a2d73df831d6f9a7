#include "dialects/oauth2/uri.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace latchkey::dialects::oauth2 {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
         std::string_view("-._~").contains(c);
}
bool is_path_character(char c) {
  return is_unreserved(c) || std::string_view("!$&'()*+,;=:@/").contains(c);
}

// "%7e" to "~", "%c3" to "%C3".
std::optional<std::string> normal_escapes(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '%') {
      if (!is_path_character(path[i])) return std::nullopt;
      out += path[i];
      continue;
    }
    const auto byte = parse_hex(path.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    const char c = static_cast<char>((*byte)[0]);
    if (is_unreserved(c)) {
      out += c;
    } else {
      out += '%';
      for (const char digit : to_hex(*byte)) {
        out += is_digit(digit) ? digit : static_cast<char>(digit - 'a' + 'A');
      }
    }
    i += 2;
  }
  return out;
}

// RFC 3986 section 5.2.4, for a path that begins with a slash.
std::string without_dots(std::string_view path) {
  std::vector<std::string> kept;
  const auto segments = split(path.substr(1), '/');
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool up = segments[i] == "..";
    if (up && !kept.empty()) kept.pop_back();
    if (!up && segments[i] != ".") kept.push_back(segments[i]);
    const bool last = i + 1 == segments.size();
    if (last && (up || segments[i] == ".")) kept.emplace_back();
  }
  std::string out;
  for (const std::string& segment : kept) out += "/" + segment;
  return out.empty() ? "/" : out;
}

bool is_host(std::string_view host) {
  if (host.starts_with('[')) {
    return host.size() > 2 && host.ends_with(']') &&
           host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.") ==
               std::string_view::npos;
  }
  return !host.empty() && std::ranges::all_of(host, is_unreserved);
}

// "HOST:443" for https to "host".
std::optional<std::string> normal_authority(std::string_view text, bool tls) {
  const auto after_host = text.rfind(':');
  const auto bracket = text.rfind(']');
  const bool has_port = after_host != std::string_view::npos &&
                        (bracket == std::string_view::npos || after_host > bracket);
  const std::string_view host = has_port ? text.substr(0, after_host) : text;
  const std::string_view port = has_port ? text.substr(after_host + 1) : "";
  if (!is_host(host) || !std::ranges::all_of(port, is_digit)) return std::nullopt;
  std::string out = to_lower(host);
  if (port.empty()) return out;
  const auto number = parse_int(port);
  if (!number || *number > 65535) return std::nullopt;
  if (*number != (tls ? 443 : 80)) out += ":" + std::to_string(*number);
  return out;
}

}  // namespace

std::optional<std::string> normal_uri(std::string_view uri) {
  if (uri.size() > kMostUriBytes) return std::nullopt;
  const auto scheme_end = uri.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  const std::string scheme = to_lower(uri.substr(0, scheme_end));
  if (scheme != "https" && scheme != "http") return std::nullopt;
  uri.remove_prefix(scheme_end + 3);
  uri = uri.substr(0, uri.find_first_of("?#"));
  const auto path_at = std::min(uri.find('/'), uri.size());
  const auto authority = normal_authority(uri.substr(0, path_at), scheme == "https");
  const auto path = normal_escapes(uri.substr(path_at));
  if (!authority || !path) return std::nullopt;
  return scheme + "://" + *authority + (path->empty() ? "/" : without_dots(*path));
}

}  // namespace latchkey::dialects::oauth2
