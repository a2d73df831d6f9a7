#pragma once

#include "dialect/codec.h"
#include "engine/local_authority.h"
#include "server/cookies.h"
#include "server/form_guard.h"
#include "server/screens.h"

namespace latchkey::server {

struct PagesOptions {
  std::string prefix = {};      ///< the realm's, before every path that a page names
  bool secure_cookies = false;  ///< browsers come over TLS, here or at the proxy
  Secret key = {};              ///< for forms and the remembered login; 16 bytes or more
};

/// A realm's pages: login, continue-as, consent and its end, as dialect::Pages
/// says. Knows no wire: the codec reads the authorize request and writes the
/// redirect. Thread-safe. All referents must outlive it.
///
/// Paths are without the prefix:
///
///   GET  start_path              a link to the login        (where there is a start page)
///   GET  login_path              the login form, or continue-as where a session lives
///   POST login_path              checks the password: 303 to the consent   (slow)
///   GET  login_path/code         asks for the one-time password, where a second step is due
///   POST login_path/code         303 to the consent
///   POST login_path/continue     303 to the consent
///   POST login_path/out          ends the session: 303 to the login
///   GET  login_path/consent      the rights
///   POST login_path/consent      302 to the client with a code, or both tokens shown
///
/// Where a device is let in (PagesEnd::kDevice) the consent is that device's:
///
///   GET  login_path/consent              a form for the user code
///   POST login_path/consent              303 to what it is for
///   GET  login_path/consent?user_code=   the rights
///   POST login_path/consent?user_code=   the answer
class PagesRoute {
 public:
  PagesRoute(const dialect::Pages& pages, engine::LocalAuthority& authority,
             const dialect::Codec& codec, PagesOptions options);

  bool owns(std::string_view path) const;
  /// It hashes a password: not for a network thread.
  bool is_slow(const http::Request& request) const;
  /// Tokens are about to be shown on a page; if it fails, they are not. Before the
  /// first request only.
  using Issued = std::function<Result<>(const engine::TokenSet&, Instant now)>;
  void on_issued(Issued listener) { issued_ = std::move(listener); }
  /// Always a page or a redirect, never the dialect's own errors.
  http::Response serve(const http::Request& request, Instant now);

 private:
  struct Visit;
  enum class Step { kStart, kLogin, kCode, kContinue, kOut, kConsent, kNone };

  Step step_of(std::string_view path) const;
  Voice voice_for(const http::Request& request) const;

  // pages.cc: before a step.
  http::Response dispatch(Visit& visit, Step step);
  std::optional<http::Response> admit(Visit& visit);
  std::optional<http::Response> read_form(Visit& visit);
  std::optional<http::Response> find_session(Visit& visit);
  std::optional<http::Response> heed_prompt(Visit& visit, Step step);
  http::Request as_asked(const Visit& visit) const;
  http::Response refuse(const Visit& visit, const Error& error) const;
  std::optional<http::Response> from_form(const http::Request& request) const;

  // page_steps.cc: one step each.
  http::Response start(const Visit& visit);
  http::Response show_login(const Visit& visit, LoginForm form, int status);
  http::Response log_in(Visit& visit);
  http::Response signed_in(const Visit& visit, const Secret& session, std::string_view login);
  http::Response show_code(const Visit& visit, std::string_view problem, int status);
  http::Response take_code(const Visit& visit);
  http::Response show_continue(const Visit& visit);
  http::Response go_on(const Visit& visit);
  http::Response log_out(const Visit& visit);
  http::Response show_consent(const Visit& visit);
  http::Response consent(const Visit& visit);
  http::Response allow(const Visit& visit);
  http::Response deny(const Visit& visit);

  std::vector<std::string> scopes_of(const Visit& visit) const;

  // device_steps.cc
  http::Response ask_code(const Visit& visit, std::string_view problem, int status) const;
  http::Response typed_code(const Visit& visit) const;
  http::Response show_device(const Visit& visit) const;
  http::Response answer_device(const Visit& visit, bool approve) const;
  http::Response no_device(const Visit& visit, const Error& error) const;

  // page_replies.cc: what a step answers with.
  http::Response page(const Visit& visit, const Screen& screen, int status = 200) const;
  http::Response see_other(const http::Target& target) const;
  http::Response problem(const Visit& visit, const Error& error) const;
  http::Response refused(const Visit& visit, const Error& error) const;
  http::Response missing(const Visit& visit, int status) const;
  http::Response stale(const Visit& visit) const;
  http::Response harden(http::Response response, const Visit& visit) const;

  http::Target at(const Visit& visit, std::string_view path) const;
  http::Target consent_target(const Visit& visit) const;
  http::Target after_login(const Visit& visit, const Secret& session) const;
  bool has_logged_in(const Visit& visit) const;
  std::string login_binding(const Visit& visit, const Secret& session) const;
  FormTarget form_for(const Visit& visit, std::string_view path, std::string_view bound_to) const;
  std::string binding(const Visit& visit, std::string_view bound_to) const;

  // The login that a browser remembers, sealed.
  std::string remembered(const http::Request& request) const;
  void remember(http::Response& response, std::string_view login) const;

  const dialect::Pages& pages_;
  engine::LocalAuthority& authority_;
  const dialect::Codec& codec_;
  const std::string prefix_;
  const Cookies cookies_;
  const html::StyleSheet style_;
  const Bytes remember_key_;
  const std::string code_path_, continue_path_, out_path_, consent_path_;
  FormGuard guard_;
  Issued issued_;
};

inline constexpr std::size_t kLongestLogin = 256;
inline constexpr std::size_t kLongestPassword = 1024;
inline constexpr std::size_t kLongestUserCode = 32;
inline constexpr std::size_t kLongestForm = 16 * 1024;
inline constexpr Seconds kRememberFor{30 * 86400};

/// What form-action must allow so that a form may end in a redirect there:
/// "http://127.0.0.1:8000", or only the scheme where a source cannot say more.
std::string form_source(std::string_view redirect_uri);

}  // namespace latchkey::server
