#include "broker/hosts.h"

#include <algorithm>

#include "base/text.h"

namespace latchkey::broker {
namespace {

constexpr std::size_t kMostUriBytes = 8192;
constexpr std::int64_t kHttps = 443;
constexpr std::int64_t kHttp = 80;

bool is_host_character(unsigned char c) {
  return std::isalnum(c) != 0 ||
         std::string_view(".-_").find(static_cast<char>(c)) != std::string_view::npos;
}

bool is_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    return !host.empty() && host.find_first_not_of("0123456789abcdef:.") == std::string_view::npos;
  }
  return !host.empty() && std::ranges::all_of(host, is_host_character);
}

/// Dot segments, written plainly or not: what the server makes of them is its secret.
bool climbs(std::string_view path) {
  const std::string lower = to_lower(path);
  if (lower.find("%2e") != std::string::npos || lower.find("%2f") != std::string::npos) return true;
  for (const auto& segment : split(lower, '/'))
    if (segment == "." || segment == "..") return true;
  return false;
}

/// "/v2" holds "/v2" and "/v2/x", and not "/v20".
bool is_below(std::string_view prefix, std::string_view path) {
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  if (prefix.empty()) return true;
  if (!path.starts_with(prefix) || climbs(path)) return false;
  return path.size() == prefix.size() || path[prefix.size()] == '/';
}

bool serves(const Profile& profile, const Origin& uri) {
  const auto api = origin_of(profile.api_url);
  if (api && api->secure == uri.secure && api->host == uri.host && api->port == uri.port &&
      is_below(api->path, uri.path))
    return true;
  return std::ranges::any_of(profile.hosts, [&](const std::string& host) {
    const auto extra = origin_of("https://" + host);
    return extra && uri.secure && extra->host == uri.host && extra->port == uri.port;
  });
}

}  // namespace

bool Origin::is_loopback() const {
  if (host == "localhost" || host == "[::1]") return true;
  const auto parts = split(host, '.');
  return parts.size() == 4 && parts[0] == "127" && std::ranges::all_of(parts, [](const auto& part) {
           const auto number = parse_int(part);
           return part.size() <= 3 && number && *number >= 0 && *number <= 255;
         });
}

std::optional<Origin> origin_of(std::string_view url) {
  const bool plain = std::ranges::all_of(url, [](unsigned char c) { return c > ' ' && c < 0x7f; });
  if (url.size() > kMostUriBytes || !plain || url.find('\\') != std::string_view::npos)
    return std::nullopt;
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  const std::string scheme = to_lower(url.substr(0, scheme_end));
  if (scheme != "https" && scheme != "http") return std::nullopt;
  url.remove_prefix(scheme_end + 3);
  const auto authority = url.substr(0, url.find_first_of("/?#"));
  url.remove_prefix(authority.size());

  Origin origin;
  origin.secure = scheme == "https";
  origin.port = origin.secure ? kHttps : kHttp;
  const auto bracket = authority.starts_with('[') ? authority.find(']') : 0;
  if (bracket == std::string_view::npos) return std::nullopt;
  const auto colon = authority.find(':', bracket);
  origin.host = to_lower(authority.substr(0, colon));
  if (!is_host(origin.host)) return std::nullopt;
  if (colon != std::string_view::npos) {
    const auto digits = authority.substr(colon + 1);
    const auto port = parse_int(digits);
    if (digits.empty() || digits.size() > 5 || !port || *port < 1 || *port > 65535)
      return std::nullopt;
    origin.port = *port;
  }
  origin.path = url.substr(0, url.find_first_of("?#"));
  return origin;
}

Result<Profile> profile_for(const Config& config, std::string_view uri) {
  const auto origin = origin_of(uri);
  if (!origin) return fail(Why::kUsage, "that is no https:// address");
  if (!origin->secure && !origin->is_loopback())
    return fail(Why::kUsage, "a token goes over https only, except to this machine");
  std::vector<const Profile*> found;
  for (const auto& [name, profile] : config.profiles)
    if (serves(profile, *origin)) found.push_back(&profile);
  if (found.empty()) return fail(Why::kUnknownName, "no profile has its API at " + origin->host);
  if (found.size() == 1) return *found.front();
  std::string names;
  const Profile* chosen = nullptr;
  int defaults = 0;
  for (const auto* profile : found) {
    names += (names.empty() ? "" : ", ") + profile->name.text;
    if (!profile->is_default) continue;
    chosen = profile;
    ++defaults;
  }
  if (defaults == 1) return *chosen;
  return fail(Why::kUsage, "several profiles have their API at " + origin->host + " (" + names +
                               "); write default = true into one of them");
}

}  // namespace latchkey::broker
