// Logins that end somewhere else: in a browser that comes back, or on another device.

#include "broker/backoff.h"
#include "broker/broker.h"
#include "broker/call.h"
#include "broker/polling.h"
#include "crypto/digest.h"
#include "crypto/random.h"

namespace latchkey::broker {
namespace {

constexpr std::size_t kVerifierBytes = 32;  // RFC 7636 section 4.1
constexpr std::size_t kNonceBytes = 16;
constexpr std::size_t kStateBytes = 16;

engine::ClientKey client_of(const engine::Authorize& asked, const dialect::Answers& answers) {
  return {.id = asked.client, .secret = Secret(dialect::answer(answers, "client_secret"))};
}

/// The callback is what the authority's redirect said; it is read as that reply.
http::Response as_redirect(const std::string& redirect_uri, const http::Target& back) {
  const char mark = redirect_uri.find('?') == std::string::npos ? '?' : '&';
  return {302, {{"Location", redirect_uri + mark + http::write_form(back.query)}}, {}};
}

}  // namespace

Result<engine::TokenSet> Broker::in_browser(Call& call, const engine::Authorize& asked,
                                            Person& person) {
  engine::Authorize authorize = asked;
  authorize.state = crypto::random_hex(kStateBytes).reveal();
  engine::Exchange exchange;
  if (call.traits().proves_codes) {
    exchange.verifier = crypto::random_base64url(kVerifierBytes);
    authorize.challenge = to_base64url(crypto::sha256(bytes_of(exchange.verifier.reveal())));
    authorize.nonce = crypto::random_base64url(kNonceBytes).reveal();
  }
  const auto brought = TRY(as_brought(call, authorize));
  const http::Request start = TRY(call.codec->encode_request(brought));
  const std::string origin = call.codec->origin(authorize);
  const auto back = TRY(person.browse(
      (origin.empty() ? call.profile.base_url : origin) + http::write_target(start.target),
      authorize.redirect_uri));
  // Whose the answer is comes before what it says, even if that is a refusal.
  const std::string* state = back.param("state");
  if (state == nullptr || !(Secret(*state) == Secret(authorize.state)))
    return fail(Why::kBadResponse,
                "the browser came back with another state; somebody else's login "
                "was refused");
  const auto authorized = TRY(expect<engine::Authorized>(
      call.codec->decode_reply({authorize, now()}, as_redirect(authorize.redirect_uri, back))));
  exchange.client = client_of(asked, call.answers);
  exchange.code = authorized.code;
  exchange.redirect_uri = authorize.redirect_uri;
  auto tokens = TRY(expect<engine::TokenSet>(ask(call, exchange)));
  TRY(check_login(call, tokens, Secret(authorize.nonce)));
  return tokens;
}

Result<engine::Authorize> Broker::as_brought(Call& call, const engine::Authorize& asked) {
  const auto* issuer = call.profile.dialect->issuer();
  if (issuer == nullptr) return asked;
  if (!issuer->pushes(call.profile.settings, call.description)) {
    auto named = TRY(call.as_sent(asked, now()));
    return std::get<engine::Authorize>(std::move(named));
  }
  engine::PushAuthorization push{.client = client_of(asked, call.answers), .asked = asked};
  const auto pushed = TRY(expect<engine::Pushed>(ask(call, std::move(push))));
  return engine::Authorize{.client = asked.client, .request_uri = pushed.request_uri};
}

Result<engine::TokenSet> Broker::on_device(Call& call, const engine::AuthorizeDevice& asked,
                                           Person& person) {
  const Instant asked_at = now();
  const auto started = TRY(expect<engine::DeviceStarted>(ask(call, asked)));
  person.tell("open " + started.verification_uri + " on any device and enter the code " +
              std::string(started.user_code.reveal()));
  if (!started.complete_uri.empty()) person.tell("or open " + started.complete_uri);
  Polling polling(asked_at, started.until, started.interval);
  const engine::PollDevice poll{.client = asked.client, .device_code = started.device_code};
  std::string told;
  while (const auto pause = polling.pause(now())) {
    const std::string line =
        "waiting for your approval, " +
        to_words(std::chrono::ceil<std::chrono::minutes>(polling.left(now()))) + " left";
    if (line != told) person.tell(line);
    told = line;
    world_.wait(*pause);
    auto tokens = expect<engine::TokenSet>(ask(call, poll));
    if (tokens) {
      TRY(check_login(call, *tokens, {}));
      return tokens;
    }
    if (!polling.go_on(tokens.error())) {
      if (tokens.error().why == Why::kExpired) break;
      return tokens;
    }
  }
  return fail(Why::kPersonNeeded, "nobody approved the login before its code was over; run: " +
                                      login_command(call.profile));
}

Result<> Broker::check_login(Call& call, const engine::TokenSet& tokens, const Secret& nonce) {
  const auto* issuer = call.profile.dialect->issuer();
  if (issuer == nullptr || tokens.id_token.empty()) return {};
  const auto at = issuer->keys(call.description);
  if (!at) return fail(Why::kBadResponse, "the issuer sent an ID token, and publishes no keys");
  // Once a login, whatever key the token names (checklist 53).
  http::Client* client = TRY(call.client_at(at->origin));
  auto keys = call.reached(client->send({.target = at->target}), at->origin);
  if (!keys) return fail(std::move(keys).error());
  if (keys->status != 200)
    return fail(Why::kBadResponse,
                "the issuer's keys cannot be read: it answers " + std::to_string(keys->status));
  return issuer->check(tokens, {.description = call.description,
                                .client = ClientId(dialect::answer(call.answers, "client_id")),
                                .nonce = nonce,
                                .keys = keys->body,
                                .at = now()});
}

}  // namespace latchkey::broker
