// What an issuer answers a client.

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "dialects/oauth2/client_wire.h"
#include "dialects/oauth2/operation_parts.h"

namespace latchkey::dialects::oauth2 {
namespace {

struct Refusal {
  std::string_view error;
  Why why;
};
constexpr Refusal kRefusals[] = {
    {"invalid_client", Why::kBadCredentials},
    {"invalid_grant", Why::kInvalidToken},
    {"invalid_token", Why::kInvalidToken},
    {"expired_token", Why::kExpired},
    {"authorization_pending", Why::kPending},
    {"slow_down", Why::kTooMany},
    {"access_denied", Why::kDeclined},
    {"login_required", Why::kPersonNeeded},
    {"consent_required", Why::kPersonNeeded},
    {"interaction_required", Why::kPersonNeeded},
    {"account_selection_required", Why::kPersonNeeded},
    {"unauthorized_client", Why::kForbidden},
    {"invalid_scope", Why::kForbidden},
    {"invalid_target", Why::kForbidden},
    {"insufficient_scope", Why::kForbidden},
    {"unsupported_grant_type", Why::kUnsupported},
    {"unsupported_response_type", Why::kUnsupported},
    {"unsupported_token_type", Why::kUnsupported},
    {"invalid_request", Why::kMalformed},
    {"invalid_dpop_proof", Why::kOtpWrong},
    {"use_dpop_nonce", Why::kOtpRequired},
    {"server_error", Why::kUnavailable},
    {"temporarily_unavailable", Why::kUnavailable},
};

Error refusal(std::string_view error, std::string_view description, Why otherwise) {
  const auto* known = std::ranges::find(kRefusals, error, &Refusal::error);
  const Why why = known == std::end(kRefusals) ? otherwise : known->why;
  std::string say = printable(error, 60);
  if (!description.empty()) say += (say.empty() ? "" : ": ") + printable(description);
  return {.why = why, .say = std::move(say)};
}

/// What the status alone says. Of a 4xx always a refusal, never that the answer cannot be
/// understood: whoever refuses has spent no token, and a gateway's page is a refusal too.
Why why_of(int status, bool bearer) {
  if (status == 429) return Why::kTooMany;
  if (status >= 500) return Why::kUnavailable;
  if (status < 400) return Why::kBadResponse;
  if (status == 401) return bearer ? Why::kInvalidToken : Why::kBadCredentials;
  if (status == 403) return Why::kForbidden;
  return status == 404 || status == 405 || status == 410 ? Why::kNotFound : Why::kMalformed;
}

/// The "error" of a challenge (RFC 6750 section 3, RFC 9449 section 7.1), or "". There may be a
/// challenge for each scheme, in fields of their own.
std::string challenge_error(const http::Headers& headers) {
  constexpr std::string_view kBegin = "error=\"";
  for (const auto& [name, challenge] : headers) {
    const auto begin = challenge.find(kBegin);
    if (begin == std::string::npos || !equals_ignoring_case(name, "WWW-Authenticate")) continue;
    const auto from = begin + kBegin.size();
    return challenge.substr(from, challenge.find('"', from) - from);
  }
  return {};
}

std::string member_or_empty(const json::Object& body, std::string_view name) {
  return json::string_field(body, name).value_or("");
}

Error refused(const engine::Operation& asked, const http::Response& response,
              const json::Object* body) {
  const Why otherwise = why_of(response.status, std::holds_alternative<engine::UserInfo>(asked));
  std::string error = body == nullptr ? "" : member_or_empty(*body, "error");
  if (error.empty()) error = challenge_error(response.headers);
  // No word of a body takes back what these say.
  if (response.status == 429 || response.status >= 500)
    return {.why = otherwise, .say = refusal(error, "", Why::kBug).say, .note = {}};
  const std::string description =
      body == nullptr ? "" : member_or_empty(*body, "error_description");
  Error told = refusal(error, description, otherwise);
  // Who showed no proof has no use for a nonce.
  const auto* proof = proof_in(asked);
  if (told.why == Why::kOtpRequired && (proof == nullptr || !*proof)) told.why = otherwise;
  return told;
}

std::unexpected<Error> bad(const std::string& what) {
  return fail(Why::kBadResponse, "the issuer's answer " + what);
}

/// A number of seconds, as a number or (as some write it) in digits.
Result<std::optional<Seconds>> seconds_field(const json::Object& body, std::string_view name) {
  const auto* value = body.find(name);
  if (value == nullptr || value->is_null()) return std::optional<Seconds>{};
  const auto seconds = value->as_int() != nullptr      ? std::optional(*value->as_int())
                       : value->as_string() != nullptr ? parse_int(*value->as_string())
                                                       : std::nullopt;
  if (!seconds || *seconds < 0) return bad("has no usable " + std::string(name));
  return std::optional(Seconds{*seconds});
}

Result<Secret> token_field(const json::Object& body, std::string_view name) {
  auto text = json::optional_string_field(body, name);
  if (!text || (*text && (*text)->size() > kMostReplyToken))
    return bad("has no usable " + std::string(name));
  return Secret(text->value_or(""));
}

// 200 {"access_token":"…","token_type":"Bearer","expires_in":3600,"refresh_token":"…",
//      "scope":"…","id_token":"…"}
// Who asked with a proof takes no other token than one that is bound to its key.
Result<engine::Outcome> decode_tokens(const json::Object& body, Instant asked_at, bool bound) {
  engine::TokenSet tokens;
  tokens.access_token = TRY(token_field(body, "access_token"));
  if (tokens.access_token.empty()) return bad("has no access_token");
  if (!equals_ignoring_case(member_or_empty(body, "token_type"), bound ? "DPoP" : "Bearer"))
    return bad(bound ? "has a token that is not bound to our key"
                     : "has a token that is not a bearer's");
  const auto lifetime = TRY(seconds_field(body, "expires_in"));
  if (lifetime) tokens.access_until = expiry(asked_at, Lifetime{*lifetime});
  tokens.refresh_token = TRY(token_field(body, "refresh_token"));
  const auto refresh_lifetime = TRY(seconds_field(body, "refresh_expires_in"));
  // Zero is how its authors write "no end".
  if (refresh_lifetime && *refresh_lifetime > Seconds{0})
    tokens.refresh_until = expiry(asked_at, Lifetime{*refresh_lifetime});
  tokens.id_token = TRY(token_field(body, "id_token"));
  tokens.scope = member_or_empty(body, "scope");
  return tokens;
}

bool shown_as_it_is(std::string_view text, std::size_t most) {
  return !text.empty() && printable(text, most) == text;
}

// 200 {"device_code":"…","user_code":"WDJB-MJHT","verification_uri":"https://…",
//      "verification_uri_complete":"https://…","expires_in":1800,"interval":5}
Result<engine::Outcome> decode_device(const json::Object& body, Instant asked_at) {
  engine::DeviceStarted started;
  started.device_code = TRY(token_field(body, "device_code"));
  const std::string user_code = member_or_empty(body, "user_code");
  started.user_code = Secret(user_code);
  started.verification_uri = member_or_empty(body, "verification_uri");
  // As one issuer has written it since the draft.
  if (started.verification_uri.empty())
    started.verification_uri = member_or_empty(body, "verification_url");
  started.complete_uri = member_or_empty(body, "verification_uri_complete");
  const auto lifetime = TRY(seconds_field(body, "expires_in"));
  const auto interval = TRY(seconds_field(body, "interval"));
  const auto web = [](std::string_view uri) {
    return (uri.starts_with("https://") || uri.starts_with("http://")) &&
           uri.find_first_of(" \"'<>\\`") == std::string_view::npos && shown_as_it_is(uri, 2048);
  };
  if (started.device_code.empty() || !shown_as_it_is(user_code, kMostUserCode) || !lifetime)
    return bad("begins no login on another device");
  if (!web(started.verification_uri) ||
      (!started.complete_uri.empty() && !web(started.complete_uri)))
    return bad("names no page to log in on");
  started.until = expiry(asked_at, Lifetime{*lifetime});
  started.interval = interval.value_or(Seconds{5});
  return started;
}

// 201 {"request_uri":"urn:ietf:params:oauth:request_uri:…","expires_in":60}
Result<engine::Outcome> decode_pushed(const json::Object& body, Instant asked_at) {
  engine::Pushed pushed{.request_uri = member_or_empty(body, "request_uri")};
  const auto lifetime = TRY(seconds_field(body, "expires_in"));
  if (!shown_as_it_is(pushed.request_uri, kMostRequestUri)) return bad("has no request_uri");
  // Whoever does not say for how long will be asked at once anyway.
  pushed.until = expiry(asked_at, Lifetime{lifetime.value_or(Seconds{0})});
  return pushed;
}

// 200 {"active":true,"exp":1772366400,"scope":"…","client_id":"…","sub":"…"}
Result<engine::Outcome> decode_introspection(const json::Object& body) {
  const auto* active = body.find("active");
  if (active == nullptr || active->as_bool() == nullptr) return bad("does not say \"active\"");
  engine::Introspection told{.active = *active->as_bool()};
  if (!told.active) return told;
  told.client = ClientId(member_or_empty(body, "client_id"));
  told.subject = SubjectId(member_or_empty(body, "sub"));
  told.scope = member_or_empty(body, "scope");
  const auto until = json::int_field(body, "exp");
  if (until && *until >= 0) told.until = std::min(from_epoch(*until), kEndOfTime);
  return told;
}

// 200 {"sub":"…","name":"…"}
Result<engine::Outcome> decode_userinfo(const json::Object& body) {
  const std::string subject = member_or_empty(body, "sub");
  if (subject.empty()) return bad("names nobody");
  engine::Used used;
  used.who.subject = SubjectId(subject);
  used.who.name = member_or_empty(body, "name");
  return used;
}

// 302  Location: http://127.0.0.1:8000/cb?code=…&state=…&iss=…   or the callback, given as one
Result<engine::Outcome> decode_redirect(const http::Response& response) {
  const std::string* location = response.headers.find("Location");
  const auto mark = location == nullptr ? std::string::npos : location->find('?');
  if (mark == std::string::npos) return bad("sends the browser back without a word");
  const auto query = http::parse_form(std::string_view(*location).substr(mark + 1));
  if (!query || !http::refuse_repeats(*query)) return bad("in the browser cannot be read");
  const auto text = [&](std::string_view name) {
    const std::string* found = http::find_param(*query, name);
    return found == nullptr ? std::string{} : *found;
  };
  if (!text("error").empty())
    return fail(refusal(text("error"), text("error_description"), Why::kForbidden));
  if (text("code").empty() || text("code").size() > kMostReplyToken)
    return bad("in the browser has no code");
  return engine::Authorized{.code = Secret(text("code")),
                            .redirect_uri = location->substr(0, mark),
                            .state = text("state")};
}

Result<engine::Outcome> decode_body(const dialect::Sent& sent, const http::Response& response,
                                    const json::Object* body) {
  if (std::holds_alternative<engine::Revoke>(sent.operation)) return engine::Done{};
  const bool pushed = std::holds_alternative<engine::PushAuthorization>(sent.operation);
  if (response.status != (pushed ? 201 : 200) || body == nullptr) return bad("is no JSON object");
  if (pushed) return decode_pushed(*body, sent.at);
  if (std::holds_alternative<engine::AuthorizeDevice>(sent.operation))
    return decode_device(*body, sent.at);
  if (std::holds_alternative<engine::Introspect>(sent.operation))
    return decode_introspection(*body);
  if (std::holds_alternative<engine::UserInfo>(sent.operation)) return decode_userinfo(*body);
  const auto* proof = proof_in(sent.operation);
  return decode_tokens(*body, sent.at, proof != nullptr && proof->has_value());
}

}  // namespace

Result<engine::Outcome> decode_client_reply(const dialect::Sent& sent,
                                            const http::Response& response) {
  const bool authorize = std::holds_alternative<engine::Authorize>(sent.operation);
  if (authorize && response.status < 400) return decode_redirect(response);
  const auto value = json::parse(response.body);
  const auto* body = value ? value->as_object() : nullptr;
  if (response.status < 200 || response.status > 299) {
    Error error = refused(sent.operation, response, body);
    error.retry_after = http::retry_after(response.headers, sent.at);
    return fail(std::move(error));
  }
  return decode_body(sent, response, body);
}

}  // namespace latchkey::dialects::oauth2
