#include "crypto/random.h"
#include "server/page_visit.h"

namespace latchkey::server {
namespace {

constexpr std::size_t kFormCookieBytes = 24;

/// Ours to reuse, so that two tabs do not end each other's forms.
bool is_form_cookie(std::string_view text) { return parse_hex(text) && text.size() == 48; }

bool acceptable(std::string_view login, std::string_view password) {
  return !login.empty() && login.size() <= kLongestLogin && is_utf8(login) && !password.empty() &&
         password.size() <= kLongestPassword;
}

}  // namespace

http::Response PagesRoute::start(const Visit& visit) {
  return page(visit, start_screen(visit.voice, at(visit, pages_.login_path)));
}

// Before there is a session, the form is bound to a cookie that only this browser has.
http::Response PagesRoute::show_login(const Visit& visit, LoginForm form, int status) {
  auto cookie = cookies_.find(visit.request, kFormCookie);
  const bool fresh = !cookie || !is_form_cookie(*cookie);
  if (fresh) cookie = crypto::random_hex(kFormCookieBytes).reveal();
  form.form = form_for(visit, pages_.login_path, *cookie);
  if (form.login.empty())
    if (const std::string known = remembered(visit.request); !known.empty())
      form.login = pages_.masks_login ? html::mask(known) : known;
  auto response = page(visit, login_screen(visit.voice, form), status);
  if (fresh) cookies_.set(response, kFormCookie, *cookie);
  return response;
}

http::Response PagesRoute::log_in(Visit& visit) {
  const auto cookie = cookies_.find(visit.request, kFormCookie);
  const std::string* proof = visit.field(kProofField);
  if (!cookie || !proof ||
      guard_.check(*proof, pages_.login_path, binding(visit, *cookie), visit.now) !=
          FormGuard::Verdict::kGood)
    return stale(visit);

  const std::string* typed = visit.field(kLoginField);
  const std::string* password = visit.field(kPasswordField);
  std::string login = typed ? *typed : "";
  if (const std::string known = remembered(visit.request);
      pages_.masks_login && !known.empty() && login == html::mask(known))
    login = known;
  Result<Secret> session = fail(Why::kBadCredentials);
  if (password && acceptable(login, *password))
    session =
        authority_.sign_in({SubjectId(login), Secret(*password)}, visit.now, {visit.request.peer});
  if (session) return signed_in(visit, *session, login);

  const auto& common = visit.voice.common;
  LoginForm again{.login = typed && is_utf8(*typed) ? typed->substr(0, kLongestLogin) : "",
                  .remember = visit.field(kRememberField) != nullptr,
                  .problem = std::string(common.wrong_password)};
  const Error& error = session.error();
  if (error.why == Why::kBadCredentials) return show_login(visit, again, 403);
  if (error.why == Why::kForbidden) {
    again.problem = common.suspended;
    return show_login(visit, again, 403);
  }
  if (error.why != Why::kTooMany) return problem(visit, error);
  again.problem = common.too_many;
  auto response = show_login(visit, again, 429);
  if (error.retry_after > Seconds{0})
    response.headers.add("Retry-After", std::to_string(error.retry_after.count()));
  return response;
}

// checklist 62: the session's id is new; one that was there before ends here.
http::Response PagesRoute::signed_in(const Visit& visit, const Secret& session,
                                     std::string_view login) {
  if (!visit.session.empty())
    if (const auto ended = authority_.sign_out(visit.session); !ended)
      return problem(visit, ended.error());
  const auto whole = authority_.session(session, visit.now);
  const bool half = !whole && whole.error().why == Why::kOtpRequired;
  auto response = see_other(half ? at(visit, code_path_) : after_login(visit, session));
  cookies_.set(response, kSessionCookie, session.reveal());
  cookies_.drop(response, kFormCookie);
  if (visit.voice.words.remember.empty()) return response;
  if (visit.field(kRememberField)) remember(response, login);
  else cookies_.drop(response, kLoginCookie);
  return response;
}

http::Response PagesRoute::show_code(const Visit& visit, std::string_view problem, int status) {
  if (!visit.half) return see_other(at(visit, pages_.login_path));
  const auto kind = authority_.second_step_of(visit.session, visit.now);
  if (!kind) return this->problem(visit, kind.error());
  return page(visit,
              code_screen(visit.voice, {form_for(visit, code_path_, visit.session.reveal()),
                                        *kind == engine::OtpKind::kOutbox, std::string(problem)}),
              status);
}

// checklist 62: the session that counts has a new id.
http::Response PagesRoute::take_code(const Visit& visit) {
  if (!visit.half) return see_other(at(visit, pages_.login_path));
  const std::string* proof = visit.field(kProofField);
  if (!proof || guard_.check(*proof, code_path_, binding(visit, visit.session.reveal()),
                             visit.now) != FormGuard::Verdict::kGood)
    return stale(visit);
  const std::string* code = visit.field(kCodeField);
  Result<Secret> session = fail(Why::kOtpWrong);
  if (code && !code->empty() && code->size() <= kLongestPassword)
    session = authority_.second_step(visit.session, Secret(*code), visit.now);
  if (session) {
    auto response = see_other(after_login(visit, *session));
    cookies_.set(response, kSessionCookie, session->reveal());
    return response;
  }
  const Error& error = session.error();
  if (error.why == Why::kOtpWrong) return show_code(visit, visit.voice.words.code_wrong, 403);
  if (error.why != Why::kTooMany) return problem(visit, error);
  auto response = show_code(visit, visit.voice.common.too_many, 429);
  if (error.retry_after > Seconds{0})
    response.headers.add("Retry-After", std::to_string(error.retry_after.count()));
  return response;
}

http::Response PagesRoute::show_continue(const Visit& visit) {
  const std::string& login = visit.who->subject.text;
  return page(visit,
              continue_screen(visit.voice, form_for(visit, continue_path_, visit.session.reveal()),
                              form_for(visit, out_path_, visit.session.reveal()),
                              pages_.masks_login ? html::mask(login) : login));
}

http::Response PagesRoute::go_on(const Visit& visit) {
  const std::string* proof = visit.field(kProofField);
  if (!visit.who) return see_other(at(visit, pages_.login_path));
  if (!proof || guard_.check(*proof, continue_path_, binding(visit, visit.session.reveal()),
                             visit.now) != FormGuard::Verdict::kGood)
    return stale(visit);
  return see_other(consent_target(visit));
}

http::Response PagesRoute::log_out(const Visit& visit) {
  const std::string* proof = visit.field(kProofField);
  if (visit.who) {
    if (!proof || guard_.check(*proof, out_path_, binding(visit, visit.session.reveal()),
                               visit.now) != FormGuard::Verdict::kGood)
      return stale(visit);
    if (const auto ended = authority_.sign_out(visit.session); !ended)
      return problem(visit, ended.error());
  }
  auto response = see_other(at(visit, pages_.login_path));
  cookies_.drop(response, kSessionCookie);
  return response;
}

// What the screen must name one by one; empty where the dialect's rights are always the same.
std::vector<std::string> PagesRoute::scopes_of(const Visit& visit) const {
  const engine::Policy& policy = authority_.policy();
  if (!policy.standard.on) return {};
  auto scopes = split(visit.authorize.scope.empty() ? policy.scope : visit.authorize.scope, ' ');
  std::erase(scopes, "");
  return scopes;
}

http::Response PagesRoute::show_consent(const Visit& visit) {
  if (!visit.who) return see_other(at(visit, pages_.login_path));
  if (pages_.end == dialect::PagesEnd::kDevice) return show_device(visit);
  return page(visit,
              consent_screen(visit.voice, {form_for(visit, consent_path_, visit.session.reveal()),
                                           visit.client, visit.back_to, scopes_of(visit)}));
}

// A form gives one consent. Sent twice (a double click, a replay), it leads back to
// a fresh form: nothing is issued for it again.
http::Response PagesRoute::consent(const Visit& visit) {
  if (!visit.who) return see_other(at(visit, pages_.login_path));
  const std::string* proof = visit.field(kProofField);
  if (!proof) return stale(visit);
  const bool device = pages_.end == dialect::PagesEnd::kDevice;
  if (device && !visit.field(kAnswerField)) return typed_code(visit);
  switch (guard_.spend(*proof, consent_path_, binding(visit, visit.session.reveal()), visit.now)) {
    case FormGuard::Verdict::kGood: break;
    case FormGuard::Verdict::kUsed: return see_other(consent_target(visit));
    case FormGuard::Verdict::kForged:
    case FormGuard::Verdict::kStale: return stale(visit);
  }
  const std::string* answer = visit.field(kAnswerField);
  if (device && answer) return answer_device(visit, *answer == "allow");
  if (answer && *answer == "allow") return allow(visit);
  if (answer && *answer == "deny" && !visit.voice.words.deny.empty()) return deny(visit);
  return stale(visit);
}

http::Response PagesRoute::allow(const Visit& visit) {
  if (pages_.end == dialect::PagesEnd::kShowTokens) {
    const auto tokens = authority_.issue(visit.session, pages_.client, visit.now);
    if (!tokens) return problem(visit, tokens.error());
    if (issued_)
      if (const auto told = issued_(*tokens, visit.now); !told) return problem(visit, told.error());
    return page(visit, tokens_screen(visit.voice, *tokens, visit.now,
                                     form_for(visit, out_path_, visit.session.reveal())));
  }
  const auto authorized = authority_.consent(visit.session, visit.authorize, visit.now);
  if (!authorized) return problem(visit, authorized.error());
  const engine::Operation asked = visit.asked();
  return harden(
      codec_.encode_reply({visit.request, &asked, visit.now, true}, engine::Outcome(*authorized)),
      visit);
}

http::Response PagesRoute::deny(const Visit& visit) {
  if (pages_.end == dialect::PagesEnd::kShowTokens)
    return see_other(at(visit, pages_.start_path.empty() ? pages_.login_path : pages_.start_path));
  return refuse(visit, {Why::kDeclined, "the person said no", "", {}});
}

}  // namespace latchkey::server
