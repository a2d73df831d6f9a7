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
  bool prompts(std::string_view word) const {
    return std::ranges::find(authorize.prompt, word) != authorize.prompt.end();
  }
  const std::string* field(std::string_view name) const { return http::find_param(form, name); }
};

/// A parameter of ours: the person has logged in for this very request.
inline constexpr std::string_view kLoggedIn = "logged_in";

// The kinds of cookies.
inline constexpr std::string_view kSessionCookie = "session";
inline constexpr std::string_view kFormCookie = "form";
inline constexpr std::string_view kLoginCookie = "login";

}  // namespace latchkey::server
