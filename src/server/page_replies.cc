#include <algorithm>

#include "base/text.h"
#include "base/trouble.h"
#include "crypto/aead.h"
#include "server/page_visit.h"

namespace latchkey::server {
namespace {

constexpr std::string_view kRememberContext = "remembered login";

bool plain(std::string_view text, std::string_view more) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           more.find(c) != std::string_view::npos;
  });
}

}  // namespace

std::string form_source(std::string_view redirect_uri) {
  const auto colon = redirect_uri.find(':');
  const std::string_view scheme = redirect_uri.substr(0, std::min(colon, redirect_uri.size()));
  if (colon == std::string_view::npos || !plain(scheme, "+.-")) return "";
  const std::string only_scheme = std::string(scheme) + ":";
  std::string_view rest = redirect_uri.substr(colon + 1);
  if (!rest.starts_with("//")) return only_scheme;
  rest.remove_prefix(2);
  const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  // A source cannot name an IPv6 address, and a browser must not read another
  // directive out of a host.
  if (!plain(host, ".:-") || std::ranges::count(host, ':') > 1) return only_scheme;
  return only_scheme + "//" + std::string(host);
}

// checklist 16, 31, 62
http::Response PagesRoute::harden(http::Response response, const Visit& visit) const {
  std::string actions = "'self'";
  if (const std::string source = form_source(visit.back_to); !source.empty())
    actions += " " + source;
  response.headers
      .set("Content-Security-Policy", "default-src 'none'; style-src " + style_.source() +
                                          "; img-src data:; form-action " + actions +
                                          "; base-uri 'none'; frame-ancestors 'none'")
      .set("X-Frame-Options", "DENY")
      .set("X-Content-Type-Options", "nosniff")
      .set("Referrer-Policy", "no-referrer")
      .set("Cross-Origin-Resource-Policy", "same-origin")
      .set("Cache-Control", "no-store");
  return response;
}

http::Response PagesRoute::page(const Visit& visit, const Screen& screen, int status) const {
  const auto& language = visit.voice.words.language;
  http::Response response{.status = status};
  response.headers.set("Content-Type", "text/html; charset=utf-8")
      .set("Content-Language", std::string(language))
      .set("Vary", "Accept-Language, Cookie");
  response.body = html::document(language, screen.title, style_, screen.body).text();
  return harden(std::move(response), visit);
}

// checklist 9: 303, so that no browser sends the password on.
http::Response PagesRoute::see_other(const http::Target& target) const {
  http::Response response{.status = 303};
  response.headers.set("Location", http::write_target(target))
      .set("Referrer-Policy", "no-referrer")
      .set("X-Frame-Options", "DENY")
      .set("X-Content-Type-Options", "nosniff")
      .set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
      .set("Cache-Control", "no-store");
  return response;
}

// What a step met after the request was found good: the session ended meanwhile,
// the account or client was taken away, or the store is in trouble.
http::Response PagesRoute::problem(const Visit& visit, const Error& error) const {
  const auto& common = visit.voice.common;
  if (error.why == Why::kInvalidToken || error.why == Why::kExpired || error.why == Why::kRevoked)
    return see_other(at(visit, pages_.login_path));
  if (error.why == Why::kForbidden)
    return page(visit, problem_screen(visit.voice, common.suspended, "", "", {}), 403);
  if (error.why == Why::kMalformed || error.why == Why::kBadCredentials)
    return refused(visit, error);
  auto response = page(visit,
                       problem_screen(visit.voice, common.busy_title, common.busy_text, "",
                                      at(visit, pages_.login_path)),
                       503);
  response.headers.set("Retry-After",
                       std::to_string(std::max<long long>(1, error.retry_after.count())));
  return response;
}

http::Response PagesRoute::refused(const Visit& visit, const Error& error) const {
  if (is_trouble(error.why)) return problem(visit, error);
  const auto& common = visit.voice.common;
  return page(visit,
              problem_screen(visit.voice, common.refused_title, common.refused_text, error.say, {}),
              400);
}

http::Response PagesRoute::missing(const Visit& visit, int status) const {
  const auto& common = visit.voice.common;
  std::optional<http::Target> again;
  if (!pages_.start_path.empty()) again = at(visit, pages_.start_path);
  return page(visit,
              problem_screen(visit.voice, common.missing_title, common.missing_text, "", again),
              status);
}

http::Response PagesRoute::stale(const Visit& visit) const {
  const auto& common = visit.voice.common;
  return page(visit,
              problem_screen(visit.voice, common.stale_title, common.stale_text, "",
                             at(visit, pages_.login_path)),
              403);
}

http::Target PagesRoute::at(const Visit& visit, std::string_view path) const {
  const bool carries = path != pages_.start_path;
  return {prefix_ + std::string(path), carries ? visit.carried : http::Pairs{}};
}

http::Target PagesRoute::consent_target(const Visit& visit) const {
  return at(visit, consent_path_);
}

// Whoever has just logged in need not do so again for the same request.
http::Target PagesRoute::after_login(const Visit& visit, const Secret& session) const {
  http::Target target = consent_target(visit);
  target.query = visit.without_mark();
  if (visit.prompts("login") || visit.authorize.max_age)
    target.query.emplace_back(kLoggedIn,
                              guard_.issue(kLoggedIn, login_binding(visit, session), visit.now));
  return target;
}

bool PagesRoute::has_logged_in(const Visit& visit) const {
  const std::string* mark = http::find_param(visit.carried, kLoggedIn);
  return mark != nullptr && guard_.check(*mark, kLoggedIn, login_binding(visit, visit.session),
                                         visit.now) == FormGuard::Verdict::kGood;
}

std::string PagesRoute::login_binding(const Visit& visit, const Secret& session) const {
  return authority_.realm().text + "\n" + std::string(session.reveal()) + "\n" +
         http::write_form(visit.without_mark());
}

FormTarget PagesRoute::form_for(const Visit& visit, std::string_view path,
                                std::string_view bound_to) const {
  return {at(visit, path), guard_.issue(path, binding(visit, bound_to), visit.now)};
}

// The request is bound too: a consent given to one client is no proof for another.
std::string PagesRoute::binding(const Visit& visit, std::string_view bound_to) const {
  return authority_.realm().text + "\n" + std::string(bound_to) + "\n" +
         http::write_form(visit.carried);
}

std::string PagesRoute::remembered(const http::Request& request) const {
  const auto cookie = cookies_.find(request, kLoginCookie);
  const auto sealed = cookie ? parse_base64url(*cookie) : std::nullopt;
  if (!sealed) return {};
  const auto login =
      crypto::open(remember_key_, *sealed, std::string(kRememberContext) + authority_.realm().text);
  return login ? std::string(login->reveal()) : std::string{};
}

void PagesRoute::remember(http::Response& response, std::string_view login) const {
  const Bytes sealed = crypto::seal(remember_key_, bytes_of(login),
                                    std::string(kRememberContext) + authority_.realm().text);
  cookies_.set(response, kLoginCookie, to_base64url(sealed), kRememberFor);
}

}  // namespace latchkey::server
