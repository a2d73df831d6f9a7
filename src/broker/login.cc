// How a profile logs in: with stored secrets, a second factor, a push, a browser
// or a paste.

#include "broker/broker.h"
#include "broker/call.h"
#include "broker/lease.h"
#include "crypto/random.h"

namespace latchkey::broker {
namespace {

constexpr int kMostOtpAttempts = 3;
constexpr std::chrono::milliseconds kLoginPatience{5'000};

/// Which secrets stay, sealed: what every refresh needs; what a later login needs
/// if the user allowed it. What the profile reads from elsewhere is not copied.
void keep_secrets(Entry& entry, const Profile& profile, const dialect::Answers& answers) {
  entry.kept.clear();
  for (const auto& question : profile.dialect->questions()) {
    const auto found = answers.find(question.name);
    const bool wanted = question.renewal || (question.keep && profile.keep_secrets) ||
                        (!question.secret && !profile.facts.contains(question.name));
    if (found == answers.end() || !wanted || profile.sources.contains(question.name)) continue;
    entry.kept.emplace(std::string(question.name), found->second);
  }
}

}  // namespace

Result<Handed> Broker::login(const Profile& profile, const dialect::Answers& given,
                             SecondFactor factor, Person& person) {
  auto lease = Lease::take(vault_.path().substr(0, vault_.path().rfind('/')), profile.name, kLoginPatience);
  if (!lease) return fail(lease.error());
  Entry old = TRY(load(profile));
  auto answers = TRY(gather(profile, given, Entry{}, true, &person));
  Call call = TRY(open_call(profile, std::move(answers)));
  auto asked = profile.dialect->login(call.answers);
  if (!asked && !call.traits().pastes_refresh_token) return fail(std::move(asked).error());

  const Instant asked_at = now();
  Result<engine::TokenSet> tokens = fail(Why::kBug);
  if (call.traits().pastes_refresh_token) {
    tokens = pasted(call, person);
  } else if (const auto* authorize = std::get_if<engine::Authorize>(&*asked)) {
    tokens = in_browser(call, *authorize, person);
  } else if (const auto* login = std::get_if<engine::Login>(&*asked)) {
    tokens = with_second_factor(call, *login, factor, person);
  }
  if (!tokens) return fail(std::move(tokens).error());

  Entry entry;
  entry.generation = old.generation;
  entry.logged_in = asked_at;
  keep_secrets(entry, profile, call.answers);
  if (means_of(profile, entry).delegates) {
    entry.parent_token = tokens->access_token;
    entry.parent_until = tokens->access_until;
    if (call.traits().auth_interval > Seconds{0}) world_.wait(call.traits().auth_interval);
    tokens = delegate(call, entry.parent_token);
    if (!tokens) return fail(std::move(tokens).error());
  }
  Entry fresh = updated(std::move(entry), *tokens, call.traits(), asked_at);
  TRY(vault_.store(profile.name, fresh));
  return Handed{fresh.access_token, fresh.access_until, {}};
}

Result<Entry> Broker::log_in_alone(const Profile& profile, Entry entry) {
  auto answers = TRY(gather(profile, {}, entry, true, nullptr));
  Call call = TRY(open_call(profile, std::move(answers)));
  const engine::Operation asked = TRY(profile.dialect->login(call.answers));
  const Instant asked_at = now();
  auto tokens = TRY(expect<engine::TokenSet>(patiently(call, asked)));
  entry.logged_in = asked_at;
  if (means_of(profile, entry).delegates) {
    entry.parent_token = tokens.access_token;
    entry.parent_until = tokens.access_until;
    if (call.traits().auth_interval > Seconds{0}) world_.wait(call.traits().auth_interval);
    tokens = TRY(delegate(call, entry.parent_token));
  }
  Entry fresh = updated(std::move(entry), tokens, call.traits(), asked_at);
  TRY(vault_.store(profile.name, fresh));
  return fresh;
}

Result<engine::TokenSet> Broker::with_second_factor(Call& call, engine::Login login,
                                                    SecondFactor factor, Person& person) {
  const bool settled = !login.otp.empty() || !login.transaction_id.empty() ||
                       call.traits().presence != dialect::Presence::kOtp ||
                       factor == SecondFactor::kNone;
  if (settled) return expect<engine::TokenSet>(call.perform(login, now()));

  auto sent = expect<engine::OtpSent>(call.perform(engine::RequestOtp{login.client}, now()));
  if (sent && !sent->transaction_id.empty()) {
    login.transaction_id = sent->transaction_id;
    return poll_push(call, std::move(login), person);
  }
  if (!sent && sent.error().why != Why::kUnsupported) return fail(std::move(sent).error());
  const std::string_view hint = sent ? "the code that was sent to you" : "the code that your app shows";
  for (int attempt = 1;; ++attempt) {
    login.otp = TRY(person.one_time_password(hint));
    auto tokens = expect<engine::TokenSet>(call.perform(login, now()));
    if (tokens || tokens.error().why != Why::kOtpWrong || attempt == kMostOtpAttempts) return tokens;
    person.tell("that code was not accepted: " + tokens.error().say);
  }
}

Result<engine::TokenSet> Broker::poll_push(Call& call, engine::Login login, Person& person) {
  const Seconds every = call.traits().otp_poll;
  for (Seconds waited{0}; waited <= call.traits().otp_patience; waited += every) {
    auto tokens = expect<engine::TokenSet>(call.perform(login, now()));
    if (tokens || tokens.error().why != Why::kPending) return tokens;
    person.tell("waiting for your approval in the app, " +
                to_words(call.traits().otp_patience - waited) + " left");
    world_.wait(every);
  }
  return fail(Why::kPersonNeeded, "nobody approved the login in the app; run: " + login_command(call.profile));
}

Result<engine::TokenSet> Broker::in_browser(Call& call, const engine::Authorize& asked, Person& person) {
  engine::Authorize authorize = asked;
  authorize.state = crypto::random_hex(16).reveal();
  const http::Request start = TRY(call.codec->encode_request(authorize));
  const auto back = TRY(person.browse(call.profile.base_url + http::write_target(start.target),
                                      authorize.redirect_uri));
  // The callback is what the authority's redirect said; read it as that reply.
  http::Response redirect{302, {{"Location", authorize.redirect_uri + "?" + http::write_form(back.query)}}, {}};
  const auto authorized =
      TRY(expect<engine::Authorized>(call.codec->decode_reply({authorize, now()}, redirect)));
  if (!(Secret(authorized.state) == Secret(authorize.state)))
    return fail(Why::kBadResponse, "the browser came back with another state; somebody else's login "
                                   "was refused");
  engine::Exchange exchange;
  exchange.client = {asked.client, Secret(dialect::answer(call.answers, "client_secret"))};
  exchange.code = authorized.code;
  exchange.redirect_uri = authorize.redirect_uri;
  return expect<engine::TokenSet>(call.perform(exchange, now()));
}

Result<engine::TokenSet> Broker::pasted(Call& call, Person& person) {
  Secret token(dialect::answer(call.answers, "refresh_token"));
  if (token.empty()) {
    const http::Request page = TRY(call.codec->encode_request(engine::Authorize{}));
    token = TRY(person.paste(call.profile.base_url + http::write_target(page.target), "refresh token"));
  }
  auto tokens = TRY(expect<engine::TokenSet>(
      patiently(call, call.profile.dialect->refresh(call.answers, token))));
  if (tokens.refresh_token.empty()) tokens.refresh_token = token;
  return tokens;
}

}  // namespace latchkey::broker
