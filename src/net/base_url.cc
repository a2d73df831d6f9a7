#include <arpa/inet.h>

#include "base/text.h"
#include "net/http_client.h"

namespace latchkey::net {
namespace {

constexpr std::size_t kMostBytes = 2048;

bool is_host(std::string_view host) {
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return false;
    in6_addr address{};
    return inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &address) == 1;
  }
  if (host.empty() || host.size() > 253 || host.front() == '.' || host.front() == '-') return false;
  for (char c : host)
    if (!isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-' && c != '_') return false;
  return true;
}

bool is_prefix(std::string_view path) {
  if (path.empty() || path == "/") return true;
  constexpr std::string_view kMarks = "/-._~";
  for (char c : path)
    if (!isalnum(static_cast<unsigned char>(c)) && kMarks.find(c) == kMarks.npos) return false;
  for (const auto& segment : split(path.substr(1), '/'))
    if (segment == "." || segment == "..") return false;
  return path.find("//") == std::string_view::npos;
}

}  // namespace

bool is_loopback(const BaseUrl& url) {
  if (url.host == "localhost" || url.host == "[::1]") return true;
  in_addr address{};
  return inet_pton(AF_INET, url.host.c_str(), &address) == 1 &&
         (ntohl(address.s_addr) >> 24) == 127;
}

Result<BaseUrl> parse_base_url(const ClientOptions& options) {
  const auto bad = [&](std::string_view what) {
    return fail(Why::kUsage,
                "bad URL \"" + printable(options.base_url) + "\": " + std::string(what));
  };
  std::string_view rest = options.base_url;
  if (rest.size() > kMostBytes) return fail(Why::kUsage, "the URL is too long");
  BaseUrl url;
  const auto scheme_end = rest.find("://");
  if (scheme_end == rest.npos) return bad("it must begin with https://");
  const std::string scheme = to_lower(rest.substr(0, scheme_end));
  if (scheme != "https" && scheme != "http") return bad("it must begin with https://");
  url.tls = scheme == "https";
  rest.remove_prefix(scheme_end + 3);

  const auto path_at = std::min(rest.find('/'), rest.size());
  std::string_view authority = rest.substr(0, path_at);
  const std::string_view path = rest.substr(path_at);
  // After "[…]" or in a name, so that the colons of an IPv6 address are not taken for it.
  const auto colon = authority.find(':', authority.starts_with('[') ? authority.find(']') : 0);
  url.port = url.tls ? 443 : 80;
  if (colon != authority.npos) {
    const auto port = parse_int(authority.substr(colon + 1));
    if (!port || *port < 1 || *port > 65535) return bad("no such port");
    url.port = static_cast<std::uint16_t>(*port);
    authority = authority.substr(0, colon);
  }
  if (!is_host(authority)) return bad("not a host name");
  url.host = to_lower(authority);
  if (!is_prefix(path)) return bad("the path may hold only letters, digits, / - . _ ~");
  url.prefix = path.substr(0, path.ends_with('/') ? path.size() - 1 : path.size());
  if (!url.tls && !options.allow_plain_http && !is_loopback(url))
    return bad("plain http only to this machine; use https");
  return url;
}

}  // namespace latchkey::net
