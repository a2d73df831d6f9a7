#pragma once

#include "dialect/pages.h"
#include "engine/operations.h"
#include "server/html.h"
#include "server/page_words.h"

namespace latchkey::server {

/// What the screens of one realm look like.
html::StyleSheet style_of(const dialect::PageColours& colours);

/// The words that a screen is written in.
struct Voice {
  const dialect::Pages& pages;
  const dialect::PageWords& words;
  const CommonWords& common;
};

/// A screen: its title and what stands in the page's body.
struct Screen {
  std::string title;
  html::Html body;
};

/// Where a form goes, and the proof that it is ours.
struct FormTarget {
  http::Target action;
  std::string proof;
};

Screen start_screen(const Voice& voice, const http::Target& login);

struct LoginForm {
  FormTarget form;
  std::string login = {};  ///< what the field holds at first
  bool remember = true;
  std::string problem = {};  ///< why the last try failed
};
Screen login_screen(const Voice& voice, const LoginForm& form);

struct CodeForm {
  FormTarget form;
  bool was_sent = false;  ///< else it is read from an authenticator
  std::string problem = {};
};
Screen code_screen(const Voice& voice, const CodeForm& form);

Screen continue_screen(const Voice& voice, const FormTarget& go_on, const FormTarget& other,
                       std::string_view login);

struct ConsentForm {
  FormTarget form;
  std::string client;                    ///< its name
  std::string redirect_uri;              ///< empty: nobody is redirected
  std::vector<std::string> scopes = {};  ///< asked for, where the request says it
};
Screen consent_screen(const Voice& voice, const ConsentForm& form);

struct DeviceForm {
  FormTarget form;
  std::string_view problem = {};  ///< why the last code was none
};
Screen device_screen(const Voice& voice, const DeviceForm& form);

Screen tokens_screen(const Voice& voice, const engine::TokenSet& tokens, Instant now,
                     const FormTarget& sign_out);

/// `detail`: for whoever wrote the application; `again`: where to start over.
Screen problem_screen(const Voice& voice, std::string_view title, std::string_view text,
                      std::string_view detail, const std::optional<http::Target>& again);

// The fields of the forms.
inline constexpr std::string_view kProofField = "form";
inline constexpr std::string_view kLoginField = "login";
inline constexpr std::string_view kPasswordField = "password";
inline constexpr std::string_view kCodeField = "code";
inline constexpr std::string_view kRememberField = "remember";
inline constexpr std::string_view kUserCodeField = "user_code";
inline constexpr std::string_view kAnswerField = "answer";  ///< "allow" or "deny"

}  // namespace latchkey::server
