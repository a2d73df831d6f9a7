// How a profile logs in: with stored secrets, a second factor, a push or a paste. The
// browser and the device are in login_elsewhere.cc.

#include "broker/backoff.h"
#include "broker/broker.h"
#include "broker/budget.h"
#include "broker/call.h"
#include "broker/clocks.h"

namespace latchkey::broker {
namespace {

constexpr int kMostOtpAttempts = 3;
/// With the answer of a person's login in hand, one waits longer than usual.
constexpr std::chrono::milliseconds kLoginPatience{120'000};

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

/// Of a new login; empty: its tokens are a bearer's.
Secret new_proof_key(const Profile& profile) {
  const auto* issuer = profile.dialect->issuer();
  return issuer == nullptr ? Secret() : issuer->new_proof_key(profile.settings);
}

/// Where a login is the only renewal, it is no sign of trouble in the second half of the
/// token's life.
bool is_renewal(const Profile& profile, const Entry& entry, Instant now) {
  if (entry.access_token.empty() || !entry.access_until) return false;
  return traits_of(profile, entry).rotation == engine::Rotation::kNone &&
         now - entry.renewed >= (*entry.access_until - entry.renewed) / 2;
}

}  // namespace

Result<Handed> Broker::login(const Profile& profile, const dialect::Answers& given,
                             SecondFactor factor, Person& person) {
  auto answers = TRY(gather(profile, given, Entry{}, For::kLogin, &person));
  Entry entry;
  entry.proof_key = new_proof_key(profile);
  Call call = TRY(open_call(profile, entry, std::move(answers), Described::kFresh));
  const LetGo at_end(lease_);
  // While a person is asked, others may go on renewing what is there.
  const bool at_once = call.traits().presence == dialect::Presence::kNone;
  if (at_once) TRY(hold(profile));
  const Instant asked_at = now();
  auto tokens = TRY(first_tokens(call, factor, person));
  if (!at_once) TRY(hold(profile, kLoginPatience));

  entry.logged_in = asked_at;
  keep_secrets(entry, profile, call.answers);
  if (means_of(profile, entry).delegates) {
    entry.parent_token = tokens.access_token;
    entry.parent_until = tokens.access_until;
    tokens = TRY(delegate(call, entry.parent_token));
  }
  // Whatever was there is replaced, even if it cannot be read.
  const auto old = vault_.load(profile.name);
  if (!old) TRY(vault_.remove(profile.name));
  if (old && *old) {
    entry.generation = (*old)->generation;
    entry.credentials_since = (*old)->credentials_since;
    entry.credentials_mark = (*old)->credentials_mark;
  }
  note_credentials(entry, profile, call.answers, asked_at);
  const Entry fresh =
      TRY(commit(profile, updated(std::move(entry), tokens, call.traits(), asked_at)));
  TRY(absolve(profile));
  return Handed{fresh.access_token, fresh.access_until, {}, !fresh.proof_key.empty()};
}

Result<> Broker::adopt(const Profile& profile, Entry tokens, bool replace) {
  TRY(hold(profile));
  const LetGo at_end(lease_);
  const Entry old = TRY(load(profile));
  const bool lives = alive(old.refresh_token, old.refresh_until, now()) ||
                     alive(old.access_token, old.access_until, now());
  if (lives && !replace)
    return fail(Why::kPolicy,
                profile.name.text + " is logged in here; --force replaces that login");
  tokens.generation = old.generation;
  tokens.kept = old.kept;
  tokens.credentials_since = old.credentials_since;
  tokens.credentials_mark = old.credentials_mark;
  tokens.logged_in = tokens.renewed = now();
  TRY(put(profile, tokens));
  return absolve(profile);
}

Result<engine::TokenSet> Broker::first_tokens(Call& call, SecondFactor factor, Person& person) {
  if (call.traits().pastes_refresh_token) return pasted(call, person);
  const engine::Operation asked =
      TRY(call.profile.dialect->login_under(call.profile.settings, call.answers));
  if (const auto* authorize = std::get_if<engine::Authorize>(&asked))
    return in_browser(call, *authorize, person);
  if (const auto* login = std::get_if<engine::Login>(&asked))
    return with_second_factor(call, *login, factor, person);
  if (const auto* device = std::get_if<engine::AuthorizeDevice>(&asked))
    return on_device(call, *device, person);
  return expect<engine::TokenSet>(ask(call, asked));
}

Result<Entry> Broker::log_in_alone(const Profile& profile, Entry entry) {
  // It may be a refresh that has led here, which such a record lets pass.
  if (auto no = held_back_now(profile, entry, Step::kLogIn, true)) return fail(*std::move(no));
  Seconds pause{0};
  if (!is_renewal(profile, entry, now()))
    pause = TRY(vault_.draw(logins_of(profile), kMostLogins, kLoginEvery, now()));
  if (pause > Seconds{0})
    return fail({Why::kTooMany,
                 profile.name.text + " has logged in by itself " + std::to_string(kMostLogins) +
                     " times in a short while: something ends its session each time; not before " +
                     clock_time(now() + pause, now()) +
                     "; to log in now run: " + login_command(profile),
                 {},
                 pause});
  attempt_ = Attempt::kLogin;
  auto answers = TRY(gather(profile, {}, entry, For::kLogin, nullptr));
  entry.proof_key = new_proof_key(profile);
  Call call = TRY(open_call(profile, entry, std::move(answers), Described::kFresh));
  const engine::Operation asked = TRY(profile.dialect->login_under(profile.settings, call.answers));
  const Instant asked_at = now();
  auto tokens = TRY(expect<engine::TokenSet>(patiently(call, asked)));
  entry.logged_in = asked_at;
  entry.refresh_token = Secret();
  entry.refresh_until.reset();
  entry.spending_since.reset();
  entry.spending_uptime = {};
  note_credentials(entry, profile, call.answers, asked_at);
  if (means_of(profile, entry).delegates) {
    entry.parent_token = tokens.access_token;
    entry.parent_until = tokens.access_until;
    // Kept even if the next call fails: then only that one is made again.
    TRY(put(profile, entry));
    tokens = TRY(delegate(call, entry.parent_token));
  }
  return commit(profile, updated(std::move(entry), tokens, call.traits(), asked_at));
}

Result<engine::TokenSet> Broker::with_second_factor(Call& call, engine::Login login,
                                                    SecondFactor factor, Person& person) {
  const bool settled = !login.otp.empty() || !login.transaction_id.empty() ||
                       call.traits().presence != dialect::Presence::kOtp ||
                       factor == SecondFactor::kNone;
  if (settled) return expect<engine::TokenSet>(ask(call, login));

  auto sent = expect<engine::OtpSent>(ask(call, engine::RequestOtp{login.client}));
  if (sent && !sent->transaction_id.empty()) {
    login.transaction_id = sent->transaction_id;
    return poll_push(call, std::move(login), person);
  }
  if (!sent && sent.error().why != Why::kUnsupported) return fail(std::move(sent).error());
  const std::string_view hint =
      sent ? "the code that was sent to you" : "the code that your app shows";
  for (int attempt = 1;; ++attempt) {
    login.otp = TRY(person.one_time_password(hint));
    auto tokens = expect<engine::TokenSet>(ask(call, login));
    if (tokens || tokens.error().why != Why::kOtpWrong || attempt == kMostOtpAttempts)
      return tokens;
    person.tell("that code was not accepted: " + tokens.error().say);
  }
}

Result<engine::TokenSet> Broker::poll_push(Call& call, engine::Login login, Person& person) {
  const Seconds every = std::max(call.traits().otp_poll, Seconds{1});
  for (Seconds waited{0}; waited <= call.traits().otp_patience; waited += every) {
    auto tokens = expect<engine::TokenSet>(ask(call, login));
    const bool waits =
        !tokens && (tokens.error().why == Why::kPending || is_passing(tokens.error().why));
    if (!waits) return tokens;
    person.tell("waiting for your approval in the app, " +
                to_words(call.traits().otp_patience - waited) + " left");
    world_.wait(every);
  }
  return fail(Why::kPersonNeeded,
              "nobody approved the login in the app; run: " + login_command(call.profile));
}

Result<engine::TokenSet> Broker::pasted(Call& call, Person& person) {
  Secret token(dialect::answer(call.answers, "refresh_token"));
  if (token.empty()) {
    const http::Request page = TRY(call.codec->encode_request(engine::Authorize{}));
    token =
        TRY(person.paste(call.profile.base_url + http::write_target(page.target), "refresh token"));
  }
  const engine::Operation refresh = call.profile.dialect->refresh(call.answers, token);
  const bool once = call.traits().rotation == engine::Rotation::kSingleUse;
  auto tokens = TRY(expect<engine::TokenSet>(once ? ask(call, refresh) : patiently(call, refresh)));
  if (tokens.refresh_token.empty()) tokens.refresh_token = token;
  return tokens;
}

}  // namespace latchkey::broker
