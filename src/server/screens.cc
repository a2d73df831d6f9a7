#include "server/screens.h"

#include <algorithm>

namespace latchkey::server {
namespace {

using html::element;
using html::empty_element;
using html::Html;
using html::literal;
using html::text;

// Drawn here: a ring with a key, not anybody's logo.
constexpr html::Literal kMark =
    "<svg class=\"mark\" viewBox=\"0 0 40 40\" aria-hidden=\"true\" focusable=\"false\">"
    "<circle class=\"disc\" cx=\"20\" cy=\"20\" r=\"20\"/>"
    "<path class=\"line\" d=\"M17 20a5 5 0 1 1-10 0 5 5 0 0 1 10 0h15v5m-6-5v4\"/></svg>";
constexpr html::Literal kPair =
    "<div class=\"pair\" aria-hidden=\"true\">"
    "<svg class=\"app\" viewBox=\"0 0 40 40\"><rect class=\"disc\" width=\"40\" height=\"40\" "
    "rx=\"10\"/>"
    "<path class=\"line\" d=\"M15 14l-6 6 6 6m10-12l6 6-6 6\"/></svg>"
    "<svg class=\"tick\" viewBox=\"0 0 40 40\"><circle class=\"disc\" cx=\"20\" cy=\"20\" "
    "r=\"20\"/>"
    "<path class=\"line\" d=\"M11 21l6 6 12-13\"/></svg>"
    "<svg class=\"bank\" viewBox=\"0 0 40 40\"><circle class=\"disc\" cx=\"20\" cy=\"20\" "
    "r=\"20\"/>"
    "<path class=\"line\" d=\"M10 17l10-6 10 6zm2 0v10m5-10v10m6-10v10m5-10v10M10 "
    "28h20\"/></svg></div>";

Html maybe(html::Tag tag, const std::vector<html::Attribute>& attributes, std::string_view words) {
  return words.empty() ? Html() : element(tag, attributes, text(words));
}

Html frame(const Voice& voice, const Html& inside) {
  Html footer;
  for (const auto line : voice.words.footer) footer += element("span", {}, text(line));
  return element("header", {},
                 literal(kMark) + element("span", {{"class", "brand"}}, text(voice.words.brand))) +
         element("main", {}, inside) + (footer.empty() ? Html() : element("footer", {}, footer));
}

Screen screen(const Voice& voice, std::string_view title, const Html& inside) {
  return {std::string(title) + " · " + std::string(voice.words.brand), frame(voice, inside)};
}

Html form(const FormTarget& target, const Html& inside) {
  return element(
      "form", {{"method", "post"}, html::action(target.action)},
      empty_element("input", {{"type", "hidden"}, {"name", kProofField}, {"value", target.proof}}) +
          inside);
}

Html button(std::string_view kind, std::string_view words, std::string_view name = {},
            std::string_view value = {}) {
  std::vector<html::Attribute> attributes{{"type", "submit"}};
  if (!kind.empty()) attributes.push_back({"class", kind});
  if (!name.empty()) attributes.push_back({"name", name});
  if (!value.empty()) attributes.push_back({"value", value});
  return element("button", attributes, text(words));
}

/// A question that opens its answer, without script.
Html opens(std::string_view question, std::string_view answer) {
  if (question.empty()) return {};
  return element("details", {},
                 element("summary", {}, text(question)) + element("p", {}, text(answer)));
}

Html remember_box(const Voice& voice, bool checked) {
  if (voice.words.remember.empty()) return {};
  std::vector<html::Attribute> attributes{
      {"type", "checkbox"}, {"name", kRememberField}, {"value", "yes"}};
  if (checked) attributes.push_back({"checked", ""});
  return element(
      "label", {{"class", "check"}},
      empty_element("input", attributes) + element("span", {}, text(voice.words.remember)));
}

Html token_box(std::string_view id, std::string_view label, const Secret& token,
               std::string_view rows, std::string_view hint) {
  return element("label", {{"for", id}}, text(label)) +
         element("textarea",
                 {{"id", id},
                  {"rows", rows},
                  {"readonly", ""},
                  {"spellcheck", "false"},
                  {"autocomplete", "off"}},
                 text(token.reveal())) +
         element("p", {{"class", "hint"}}, text(hint));
}

}  // namespace

Screen start_screen(const Voice& voice, const http::Target& login) {
  const auto& words = voice.words;
  return screen(voice, words.start_title,
                element("h1", {}, text(words.start_title)) +
                    maybe("p", {{"class", "lead"}}, words.start_text) +
                    element("a", {{"class", "button"}, html::href(login)}, text(words.start_link)));
}

Screen login_screen(const Voice& voice, const LoginForm& asked) {
  const auto& words = voice.words;
  const Html problem =
      maybe("p", {{"class", "problem"}, {"role", "alert"}, {"id", "problem"}}, asked.problem);
  std::vector<html::Attribute> login{{"id", "login"},
                                     {"name", kLoginField},
                                     {"type", "text"},
                                     {"value", asked.login},
                                     {"autocomplete", "username"},
                                     {"autocapitalize", "none"},
                                     {"spellcheck", "false"},
                                     {"required", ""}};
  std::vector<html::Attribute> password{{"id", "password"},
                                        {"name", kPasswordField},
                                        {"type", "password"},
                                        {"autocomplete", "current-password"},
                                        {"required", ""}};
  if (!asked.problem.empty()) password.push_back({"aria-describedby", "problem"});
  (asked.login.empty() ? login : password).push_back({"autofocus", ""});
  return screen(
      voice, words.title,
      element("h1", {}, text(words.title)) + maybe("p", {{"class", "lead"}}, words.subtitle) +
          problem +
          form(asked.form, element("label", {{"for", "login"}}, text(words.login)) +
                               empty_element("input", login) +
                               element("label", {{"for", "password"}}, text(words.password)) +
                               empty_element("input", password) +
                               remember_box(voice, asked.remember) + button("", words.sign_in)) +
          element(
              "div", {{"class", "help"}},
              opens(words.forgot, words.forgot_text) + opens(words.newcomer, words.newcomer_text)));
}

Screen code_screen(const Voice& voice, const CodeForm& asked) {
  const auto& words = voice.words;
  const Html problem =
      maybe("p", {{"class", "problem"}, {"role", "alert"}, {"id", "problem"}}, asked.problem);
  const std::vector<html::Attribute> code{{"id", "code"},
                                          {"name", kCodeField},
                                          {"type", "text"},
                                          {"inputmode", "numeric"},
                                          {"autocomplete", "one-time-code"},
                                          {"required", ""},
                                          {"autofocus", ""}};
  return screen(
      voice, words.code_title,
      element("h1", {}, text(words.code_title)) +
          maybe("p", {{"class", "lead"}}, asked.was_sent ? words.code_sent : words.code_typed) +
          problem +
          form(asked.form, element("label", {{"for", "code"}}, text(words.code)) +
                               empty_element("input", code) + button("", words.sign_in)));
}

Screen continue_screen(const Voice& voice, const FormTarget& go_on, const FormTarget& other,
                       std::string_view login) {
  const auto& words = voice.words;
  return screen(
      voice, words.title,
      element("h1", {}, text(words.title)) + maybe("p", {{"class", "lead"}}, words.subtitle) +
          element("p", {{"class", "who"}},
                  text(words.continue_as) + element("strong", {}, text(login))) +
          form(go_on, button("", words.go_on)) + form(other, button("link", words.other_account)));
}

Screen consent_screen(const Voice& voice, const ConsentForm& asked) {
  const auto& words = voice.words;
  Html rights;
  for (const auto right : words.rights) rights += element("li", {}, text(right));
  for (const std::string& scope : asked.scopes) {
    const auto known =
        std::ranges::find(words.scopes, scope, [](auto& pair) { return pair.first; });
    rights += element("li", {}, text(known == words.scopes.end() ? scope : known->second));
  }
  Html buttons = button("allow", words.allow, kAnswerField, "allow");
  if (!words.deny.empty()) buttons += button("quiet", words.deny, kAnswerField, "deny");
  Html where;
  if (!asked.redirect_uri.empty())
    where = element("p", {{"class", "note"}},
                    text(words.redirect_note) + element("code", {}, text(asked.redirect_uri)));
  return screen(
      voice, words.consent_title,
      literal(kPair) + element("h1", {}, text(words.consent_title)) +
          element(
              "p", {{"class", "client"}},
              element("strong", {}, text(asked.client)) + text(" ") + text(words.consent_text)) +
          element("ul", {{"class", "rights"}}, rights) + form(asked.form, buttons) + where);
}

Screen device_screen(const Voice& voice, const DeviceForm& asked) {
  const auto& common = voice.common;
  const std::vector<html::Attribute> code{{"id", "user-code"},
                                          {"name", kUserCodeField},
                                          {"type", "text"},
                                          {"autocomplete", "off"},
                                          {"autocapitalize", "characters"},
                                          {"spellcheck", "false"},
                                          {"required", ""},
                                          {"autofocus", ""}};
  return screen(
      voice, common.device_title,
      element("h1", {}, text(common.device_title)) +
          maybe("p", {{"class", "lead"}}, common.device_text) +
          maybe("p", {{"class", "problem"}, {"role", "alert"}}, asked.problem) +
          form(asked.form, element("label", {{"for", "user-code"}}, text(common.device_code)) +
                               empty_element("input", code) + button("", voice.words.go_on)));
}

Screen tokens_screen(const Voice& voice, const engine::TokenSet& tokens, Instant now,
                     const FormTarget& sign_out) {
  const auto& words = voice.words;
  std::string good_for;
  if (tokens.access_until)
    good_for = std::string(words.access_note) + " " +
               duration_words(voice.common, *tokens.access_until - now);
  return screen(
      voice, words.tokens_title,
      element("h1", {}, text(words.tokens_title)) +
          maybe("p", {{"class", "lead"}}, words.tokens_text) +
          token_box("access-token", words.access_token, tokens.access_token, "7", good_for) +
          token_box("refresh-token", words.refresh_token, tokens.refresh_token, "2",
                    words.refresh_note) +
          form(sign_out, button("quiet", words.sign_out)));
}

Screen problem_screen(const Voice& voice, std::string_view title, std::string_view words,
                      std::string_view detail, const std::optional<http::Target>& again) {
  Html inside = element("h1", {}, text(title)) + element("p", {{"class", "lead"}}, text(words)) +
                maybe("p", {{"class", "detail"}}, detail);
  if (again)
    inside += element("a", {{"class", "button"}, html::href(*again)}, text(voice.common.again));
  return screen(voice, title, inside);
}

}  // namespace latchkey::server
