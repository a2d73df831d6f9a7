#pragma once

#include <optional>

#include "http/message.h"

namespace latchkey::server {

/// The cookies of one realm's pages: HttpOnly, SameSite=Lax, for the whole host,
/// and over TLS "__Host-" and Secure, so that no other host can plant them
/// (checklist 62).
class Cookies {
 public:
  Cookies(std::string_view realm, bool secure);

  /// The browser's cookie of that kind; nullopt when there is none, when there are
  /// two, or when it is longer than kLongestCookie.
  std::optional<std::string> find(const http::Request& request, std::string_view kind) const;
  /// `keep`: for how long; zero: until the browser closes.
  void set(http::Response& response, std::string_view kind, std::string_view value,
           std::chrono::seconds keep = {}) const;
  void drop(http::Response& response, std::string_view kind) const;

  std::string name(std::string_view kind) const;

 private:
  std::string prefix_;
  bool secure_;
};

inline constexpr std::size_t kLongestCookie = 1024;

}  // namespace latchkey::server
