#pragma once

#include <string_view>
#include <vector>

#include "base/ids.h"

namespace latchkey::dialect {

/// What a person reads on one realm's pages, in one language. Plain text: the
/// pages escape it. An empty text leaves its element out.
struct PageWords {
  std::string_view language;  ///< as the lang attribute has it: "zh-Hant"
  std::string_view brand;     ///< beside the mark, on every screen

  // Where a person begins, if the dialect has such a page.
  std::string_view start_title = {};
  std::string_view start_text = {};
  std::string_view start_link = {};

  // The login form.
  std::string_view title = {};
  std::string_view subtitle = {};
  std::string_view login = {};     ///< label
  std::string_view password = {};  ///< label
  std::string_view remember = {};  ///< box, checked at first
  std::string_view sign_in = {};   ///< button
  std::string_view forgot = {};    ///< opens `forgot_text`
  std::string_view forgot_text = {};
  std::string_view newcomer = {};  ///< opens `newcomer_text`
  std::string_view newcomer_text = {};

  // Somebody is logged in already.
  std::string_view continue_as = {};  ///< before the login
  std::string_view go_on = {};        ///< button
  std::string_view other_account = {};

  // Consent.
  std::string_view consent_title = {};
  std::string_view consent_text = {};  ///< after the client's name
  std::vector<std::string_view> rights = {};
  std::string_view allow = {};          ///< button
  std::string_view deny = {};           ///< button, where there is one
  std::string_view redirect_note = {};  ///< before the redirect_uri

  /// What each scope means, where the request names its scope: scope and right. One that is
  /// not here is shown by its name.
  std::vector<std::pair<std::string_view, std::string_view>> scopes = {};

  // The second step of a login, where a person has one.
  std::string_view code_title = {};
  std::string_view code_sent = {};   ///< a code was sent
  std::string_view code_typed = {};  ///< it is read from an authenticator
  std::string_view code = {};        ///< label
  std::string_view code_wrong = {};

  // Both tokens shown.
  std::string_view tokens_title = {};
  std::string_view tokens_text = {};
  std::string_view access_token = {};  ///< label
  std::string_view access_note = {};
  std::string_view refresh_token = {};  ///< label
  std::string_view refresh_note = {};
  std::string_view sign_out = {};  ///< button

  std::vector<std::string_view> footer = {};
};

/// Colours as CSS writes them ("#c8102e"); white text must be readable on them
/// (WCAG 2.1, contrast of 4.5 to 1 or more).
struct PageColours {
  std::string_view brand;         ///< the mark and the buttons
  std::string_view brand_strong;  ///< the same, pressed
  std::string_view allow;         ///< the button that gives consent
  std::string_view allow_strong;
};

/// How the consent walk ends.
enum class PagesEnd {
  kRedirect,    ///< the browser goes to the client's redirect_uri with a code
  kShowTokens,  ///< a page shows both tokens to the person
  kDevice,      ///< a page says that the device with that user code may go on (RFC 8628)
};

/// A dialect's way through the browser, as data: login form, continue-as where a
/// session lives, consent, end. server/pages walks it. Forms are posted to
/// `login_path` and to "/continue", "/consent" and "/out" below it.
struct Pages {
  PagesEnd end = PagesEnd::kRedirect;
  std::string_view start_path = {};  ///< a page before the login; empty: there is none
  std::string_view login_path = {};
  /// The query parameters that go along from screen to screen, in wire order.
  std::vector<std::string_view> carried = {};
  ClientId client = {};      ///< kShowTokens: to whom the tokens are issued
  bool masks_login = false;  ///< "AUT****R01" wherever the login is shown
  PageColours colours = {};
  std::vector<PageWords> words = {};  ///< the first is for browsers that ask for no other
};

}  // namespace latchkey::dialect
