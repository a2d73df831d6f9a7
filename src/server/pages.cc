#include "server/pages.h"

#include <algorithm>

#include "base/trouble.h"
#include "crypto/digest.h"
#include "server/page_visit.h"

namespace latchkey::server {
namespace {

bool is_form(const http::Request& request) {
  return http::media_type(request.headers) == "application/x-www-form-urlencoded";
}

/// Browsers say where a request came from, and scripts cannot change it. Old ones
/// say nothing: the proof in the form is what counts.
bool from_elsewhere(const http::Request& request) {
  const std::string* site = request.headers.find("Sec-Fetch-Site");
  return site != nullptr && *site != "same-origin" && *site != "none";
}

std::string text_or_empty(const std::string* text) { return text ? *text : std::string{}; }

}  // namespace

PagesRoute::PagesRoute(const dialect::Pages& pages, engine::LocalAuthority& authority,
                       const dialect::Codec& codec, PagesOptions options)
    : pages_(pages),
      authority_(authority),
      codec_(codec),
      prefix_(std::move(options.prefix)),
      cookies_(authority.realm().text, options.secure_cookies),
      style_(style_of(pages.colours)),
      remember_key_(
          crypto::derive_key(bytes_of(options.key.reveal()), "latchkey remembered login")),
      code_path_(std::string(pages.login_path) + "/code"),
      continue_path_(std::string(pages.login_path) + "/continue"),
      out_path_(std::string(pages.login_path) + "/out"),
      consent_path_(std::string(pages.login_path) + "/consent"),
      guard_(options.key) {}

bool PagesRoute::owns(std::string_view path) const {
  const auto under = [&](std::string_view root) {
    return !root.empty() && path.starts_with(root) &&
           (path.size() == root.size() || path[root.size()] == '/');
  };
  return under(pages_.start_path) || under(pages_.login_path);
}

PagesRoute::Step PagesRoute::step_of(std::string_view path) const {
  if (!pages_.start_path.empty() && path == pages_.start_path) return Step::kStart;
  if (path == pages_.login_path) return Step::kLogin;
  if (path == code_path_ && authority_.policy().standard.otp) return Step::kCode;
  if (path == continue_path_) return Step::kContinue;
  if (path == out_path_) return Step::kOut;
  if (path == consent_path_) return Step::kConsent;
  return Step::kNone;
}

bool PagesRoute::is_slow(const http::Request& request) const {
  return request.method == "POST" && step_of(request.target.path) == Step::kLogin;
}

Voice PagesRoute::voice_for(const http::Request& request) const {
  std::vector<std::string> known;
  for (const auto& words : pages_.words) known.emplace_back(words.language);
  const std::string language = http::preferred_language(request.headers, known);
  const auto words = std::ranges::find(pages_.words, language, &dialect::PageWords::language);
  return {pages_, words == pages_.words.end() ? pages_.words.front() : *words,
          common_words(language)};
}

http::Response PagesRoute::serve(const http::Request& request, Instant now) {
  if (auto instead = from_form(request)) return *std::move(instead);
  Visit visit{.request = request, .now = now, .voice = voice_for(request)};
  for (const auto& pair : request.target.query)
    if (std::ranges::find(pages_.carried, pair.first) != pages_.carried.end() ||
        pair.first == kLoggedIn)
      visit.carried.push_back(pair);
  return dispatch(visit, step_of(request.target.path));
}

http::Response PagesRoute::dispatch(Visit& visit, Step step) {
  const bool get = visit.request.method == "GET" || visit.request.method == "HEAD";
  const bool post = visit.request.method == "POST";
  if (step == Step::kNone) return missing(visit, 404);
  const bool gettable =
      step == Step::kStart || step == Step::kLogin || step == Step::kCode || step == Step::kConsent;
  const bool postable = step != Step::kStart;
  if (!(get && gettable) && !(post && postable)) {
    auto response = missing(visit, 405);
    response.headers.add("Allow", !postable ? "GET, HEAD" : gettable ? "GET, HEAD, POST" : "POST");
    return response;
  }
  if (step == Step::kStart) return start(visit);
  if (auto stop = admit(visit)) return *std::move(stop);
  if (auto stop = find_session(visit)) return *std::move(stop);
  if (auto stop = heed_prompt(visit, step)) return *std::move(stop);
  if (post)
    if (auto stop = read_form(visit)) return *std::move(stop);

  if (step == Step::kLogin && post) return log_in(visit);
  if (step == Step::kLogin) return visit.who ? show_continue(visit) : show_login(visit, {}, 200);
  if (step == Step::kCode) return post ? take_code(visit) : show_code(visit, "", 200);
  if (step == Step::kContinue) return go_on(visit);
  if (step == Step::kOut) return log_out(visit);
  return post ? consent(visit) : show_consent(visit);
}

http::Request PagesRoute::as_asked(const Visit& visit) const {
  return {.method = "GET", .target = {std::string(pages_.login_path), visit.carried}};
}

// checklist 7: client and redirect_uri first, and nothing is redirected before
// they are known to belong together. Then the dialect's own demands; a refusal of
// those goes to the client.
std::optional<http::Response> PagesRoute::admit(Visit& visit) {
  if (pages_.end != dialect::PagesEnd::kRedirect) {
    visit.client = std::string(visit.voice.words.brand);
    return std::nullopt;
  }
  const http::Target& target = visit.request.target;
  const auto count = [&](std::string_view name) {
    return std::ranges::count(target.query, name, &http::Pairs::value_type::first);
  };
  if (count("client_id") > 1 || count("redirect_uri") > 1)
    return refused(visit, {Why::kMalformed, "a parameter came twice", "", {}});
  visit.authorize = {ClientId(text_or_empty(target.param("client_id"))),
                     text_or_empty(target.param("redirect_uri")),
                     text_or_empty(target.param("state"))};
  const auto asked = codec_.decode_request(as_asked(visit));
  if (asked) visit.authorize = std::get<engine::Authorize>(*asked);
  auto whole = authority_.whole_request(visit.authorize, visit.now);
  if (!whole) return refused(visit, whole.error());
  visit.authorize = *std::move(whole);
  const auto client = authority_.check_authorize(visit.authorize);
  if (!client) return refused(visit, client.error());
  visit.client = client->name.empty() ? client->id.text : client->name;
  const bool standard = authority_.policy().standard.on;
  visit.back_to = standard ? client->redirect_uris.front() : visit.authorize.redirect_uri;
  if (!asked) return refuse(visit, asked.error());
  if (const auto may = authority_.check_request(visit.authorize); !may)
    return refuse(visit, may.error());
  return std::nullopt;
}

// To the client: it and its redirect_uri were found to belong together.
http::Response PagesRoute::refuse(const Visit& visit, const Error& error) const {
  if (is_trouble(error.why)) return problem(visit, error);
  const engine::Operation checked = visit.asked();
  return harden(
      codec_.encode_reply({as_asked(visit), &checked, visit.now, true}, fail(Error(error))), visit);
}

// What OpenID Connect Core section 3.1.2.1 calls "prompt", and nobody is asked twice.
std::optional<http::Response> PagesRoute::heed_prompt(Visit& visit, Step step) {
  const auto& max_age = visit.authorize.max_age;
  // The request says so at every step; whoever has logged in for it has heeded it.
  const bool again = !has_logged_in(visit);
  if (again) visit.carried = visit.without_mark();
  if (visit.who && max_age && again) {
    const auto& since = visit.who->authenticated;
    if (!since || visit.now > *since + *max_age) visit.who.reset();
  }
  if (visit.prompts("login") && again) visit.who.reset();
  if (!visit.prompts("none")) return std::nullopt;
  if (step != Step::kLogin || visit.request.method == "POST") return missing(visit, 404);
  if (!visit.who) return refuse(visit, {Why::kPersonNeeded, "nobody is logged in", "", {}});
  const auto granted = authority_.was_granted(visit.session, visit.authorize, visit.now);
  if (!granted) return refuse(visit, granted.error());
  if (!*granted) return refuse(visit, {Why::kPending, "the person must be asked", "", {}});
  return allow(visit);
}

// OpenID Connect Core section 3.1.2.1: the request may come as a form.
std::optional<http::Response> PagesRoute::from_form(const http::Request& request) const {
  const bool empty = request.method == "POST" && request.target.query.empty() &&
                     authority_.policy().standard.on && is_form(request) &&
                     request.body.size() <= kLongestForm;
  if (!empty || step_of(request.target.path) != Step::kLogin) return std::nullopt;
  const auto form = http::parse_form(request.body);
  if (!form || !http::find_param(*form, "client_id")) return std::nullopt;
  http::Target target{prefix_ + std::string(pages_.login_path), {}};
  for (const auto& pair : *form)
    if (std::ranges::find(pages_.carried, pair.first) != pages_.carried.end())
      target.query.push_back(pair);
  return see_other(target);
}

std::optional<http::Response> PagesRoute::read_form(Visit& visit) {
  if (from_elsewhere(visit.request) || !is_form(visit.request) ||
      visit.request.body.size() > kLongestForm)
    return stale(visit);
  auto form = http::parse_form(visit.request.body);
  if (!form || !http::refuse_repeats(*form)) return stale(visit);
  visit.form = *std::move(form);
  return std::nullopt;
}

std::optional<http::Response> PagesRoute::find_session(Visit& visit) {
  const auto cookie = cookies_.find(visit.request, kSessionCookie);
  if (!cookie) return std::nullopt;
  visit.session = Secret(*cookie);
  auto who = authority_.session(visit.session, visit.now);
  if (who) visit.who = *std::move(who);
  else if (who.error().why == Why::kOtpRequired) visit.half = true;
  else if (is_trouble(who.error().why)) return problem(visit, who.error());
  return std::nullopt;
}

}  // namespace latchkey::server
