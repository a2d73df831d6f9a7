#include "server/cookies.h"

#include "base/text.h"

namespace latchkey::server {
namespace {

/// A realm's name as a cookie's name can bear it.
std::string token_of(std::string_view realm) {
  std::string out;
  for (const char c : realm) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    out += plain ? c : '_';
  }
  return out;
}

}  // namespace

Cookies::Cookies(std::string_view realm, bool secure)
    : prefix_((secure ? "__Host-latchkey-" : "latchkey-") + token_of(realm) + "-"),
      secure_(secure) {}

std::string Cookies::name(std::string_view kind) const { return prefix_ + std::string(kind); }

std::optional<std::string> Cookies::find(const http::Request& request,
                                         std::string_view kind) const {
  const std::string wanted = name(kind);
  std::optional<std::string> found;
  for (const auto& [header, value] : request.headers) {
    if (!equals_ignoring_case(header, "Cookie")) continue;
    for (const std::string& piece : split(value, ';')) {
      const auto sign = piece.find('=');
      if (sign == std::string::npos || trim(std::string_view(piece).substr(0, sign)) != wanted)
        continue;
      if (found) return std::nullopt;  // one of the two was planted
      found = trim(std::string_view(piece).substr(sign + 1));
    }
  }
  if (found && (found->empty() || found->size() > kLongestCookie)) return std::nullopt;
  return found;
}

void Cookies::set(http::Response& response, std::string_view kind, std::string_view value,
                  std::chrono::seconds keep) const {
  std::string cookie = name(kind) + "=" + std::string(value) + "; Path=/; HttpOnly; SameSite=Lax";
  if (secure_) cookie += "; Secure";
  if (keep.count() > 0) cookie += "; Max-Age=" + std::to_string(keep.count());
  response.headers.add("Set-Cookie", cookie);
}

void Cookies::drop(http::Response& response, std::string_view kind) const {
  response.headers.add("Set-Cookie", name(kind) + "=; Path=/; HttpOnly; SameSite=Lax" +
                                         (secure_ ? "; Secure" : "") + "; Max-Age=0");
}

}  // namespace latchkey::server
