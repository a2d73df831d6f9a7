#pragma once

#include <algorithm>

#include "server/pages.h"

namespace latchkey::server {

/// One request on its way through the pages.
struct PagesRoute::Visit {
  const http::Request& request;
  Instant now;
  Voice voice;
  http::Pairs carried = {};                  ///< the part of the query that goes along
  http::Pairs form = {};                     ///< of a POST
  engine::Authorize authorize = {};          ///< checked by admit(), where the end is a redirect
  std::string client = {};                   ///< its name
  std::string back_to = {};                  ///< where the browser goes at the end
  Secret session = {};                       ///< as the browser says; empty: it says none
  std::optional<engine::Identity> who = {};  ///< of a session that lives
  bool half = false;                         ///< its second step is due

  /// What was asked, with the address that a refusal goes to.
  engine::Operation asked() const {
    engine::Authorize asked = authorize;
    asked.redirect_uri = back_to;
    return asked;
  }
  /// What the request brought, without what we have put to it.
  http::Pairs without_mark() const;
  bool prompts(std::string_view word) const {
    return std::ranges::find(authorize.prompt, word) != authorize.prompt.end();
  }
  const std::string* field(std::string_view name) const { return http::find_param(form, name); }
};

/// A parameter of ours: proof that the person has logged in, in this session, for this
/// very request. It comes back from outside, so it is a FormGuard's.
inline constexpr std::string_view kLoggedIn = "logged_in";

inline http::Pairs PagesRoute::Visit::without_mark() const {
  http::Pairs pairs = carried;
  std::erase_if(pairs, [](const auto& pair) { return pair.first == kLoggedIn; });
  return pairs;
}

// The kinds of cookies.
inline constexpr std::string_view kSessionCookie = "session";
inline constexpr std::string_view kFormCookie = "form";
inline constexpr std::string_view kLoginCookie = "login";

}  // namespace latchkey::server
