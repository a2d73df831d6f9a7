#include <algorithm>

#include "base/text.h"
#include "dialects/oauth2/registration.h"
#include "dialects/oauth2/wire.h"
#include "engine/scope.h"

namespace latchkey::dialects::oauth2 {
namespace {

http::Response json_reply(const json::Object& body, int status = 200) {
  auto response = http::json_response(status, json::write(body));
  response.headers.add("Pragma", "no-cache");
  return response;
}

// The authorization response (RFC 6749 section 4.1.2, RFC 9207). 303, so that no
// browser sends a form on (checklist 9).
http::Response write_authorized(const WireOptions& options, const engine::Authorized& outcome) {
  http::Pairs query{{"code", std::string(outcome.code.reveal())}};
  if (!outcome.state.empty()) query.emplace_back("state", outcome.state);
  query.emplace_back("iss", options.issuer);  // checklist 12
  http::Response response{.status = 303};
  response.headers.add("Location", with_query(outcome.redirect_uri, query))
      .add("Cache-Control", "no-store");
  return response;
}

std::int64_t seconds_left(Instant until, Instant now) {
  return std::max<std::int64_t>(0, (until - now).count());
}

// 200 {"access_token":"eyJ…","token_type":"Bearer","expires_in":600,"refresh_token":"…",
//      "scope":"openid read","id_token":"eyJ…"}
http::Response write_tokens(const engine::TokenSet& tokens, Instant now) {
  json::Object body{{"access_token", std::string(tokens.access_token.reveal())},
                    {"token_type", tokens.thumbprint.empty() ? "Bearer" : "DPoP"}};
  if (!tokens.issued_type.empty()) body.add("issued_token_type", tokens.issued_type);
  if (tokens.access_until) body.add("expires_in", seconds_left(*tokens.access_until, now));
  if (!tokens.refresh_token.empty())
    body.add("refresh_token", std::string(tokens.refresh_token.reveal()));
  if (!tokens.scope.empty()) body.add("scope", tokens.scope);
  if (!tokens.id_token.empty()) body.add("id_token", std::string(tokens.id_token.reveal()));
  return json_reply(body);
}

json::Value one_or_all(const std::vector<std::string>& texts) {
  if (texts.size() == 1) return texts.front();
  json::Array all;
  for (const std::string& text : texts) all.emplace_back(text);
  return all;
}

// checklist 34: of a dead token exactly {"active":false}
http::Response write_introspection(const WireOptions& options, const engine::Introspection& shown) {
  if (!shown.active) return json_reply({{"active", false}});
  const bool itself = shown.subject.empty();  // a client that acts for itself
  json::Object body{{"active", true},
                    {"iss", options.issuer},
                    {"client_id", shown.client.text},
                    {"sub", itself ? shown.client.text : shown.subject.text}};
  if (!itself) body.add("username", shown.subject.text);
  if (!shown.scope.empty()) body.add("scope", shown.scope);
  if (shown.kind == "access_token")
    body.add("token_type", shown.thumbprint.empty() ? "Bearer" : "DPoP");
  if (!shown.audiences.empty()) body.add("aud", one_or_all(shown.audiences));
  if (shown.issued) body.add("iat", std::int64_t{epoch(*shown.issued)});
  if (shown.until) body.add("exp", std::int64_t{epoch(*shown.until)});
  if (!shown.thumbprint.empty()) body.add("cnf", json::Object{{"jkt", shown.thumbprint}});
  if (auto act = json::parse(shown.actors); act && act->as_object())
    body.add("act", *std::move(act));
  return json_reply(body);
}

/// Claims of a person, and the scope that shows each (OpenID Connect Core section 5.4).
struct Claim {
  std::string_view name;
  std::string_view scope;
};
constexpr Claim kClaims[] = {
    {"given_name", "profile"}, {"family_name", "profile"}, {"middle_name", "profile"},
    {"nickname", "profile"},   {"picture", "profile"},     {"website", "profile"},
    {"gender", "profile"},     {"birthdate", "profile"},   {"zoneinfo", "profile"},
    {"locale", "profile"},     {"email", "email"},         {"phone_number", "phone"},
};

// 200 {"sub":"ann","name":"Ann","preferred_username":"ann","email":"ann@example.org"}
http::Response write_userinfo(const engine::Identity& who) {
  json::Object body{{"sub", who.subject.text}};
  if (engine::is_within("profile", who.scope)) {
    if (!who.name.empty()) body.add("name", who.name);
    body.add("preferred_username", who.subject.text);
  }
  for (const Claim& claim : kClaims) {
    const std::string value = engine::attribute(who.attributes, claim.name);
    if (!value.empty() && engine::is_within(claim.scope, who.scope))
      body.add(std::string(claim.name), value);
  }
  return json_reply(body);
}

// 200 {"device_code":"…","user_code":"WDJB-MJHT","verification_uri":"…/oauth2/device", …}
http::Response write_device(const WireOptions& options, const engine::DeviceStarted& started,
                            Instant now) {
  const std::string page = options.issuer + std::string(kDevicePagePath);
  const std::string code(started.user_code.reveal());
  return json_reply({{"device_code", std::string(started.device_code.reveal())},
                     {"user_code", code},
                     {"verification_uri", page},
                     {"verification_uri_complete", with_query(page, {{"user_code", code}})},
                     {"expires_in", seconds_left(started.until, now)},
                     {"interval", std::int64_t{started.interval.count()}}});
}

// 201 {"request_uri":"urn:ietf:params:oauth:request_uri:…","expires_in":300}
http::Response write_pushed(const engine::Pushed& pushed, Instant now) {
  return json_reply(
      {{"request_uri", pushed.request_uri}, {"expires_in", seconds_left(pushed.until, now)}}, 201);
}

// 201 {"client_id":"…","client_secret":"…","client_secret_expires_at":0, …}
http::Response write_registered(const engine::Registered& made) {
  json::Object body{{"client_id", made.id.text},
                    {"client_id_issued_at", std::int64_t{epoch(made.issued)}}};
  if (!made.secret.empty()) {
    body.add("client_secret", std::string(made.secret.reveal()));
    body.add("client_secret_expires_at", 0);
  }
  for (const json::Member& member : write_client_facts(made.facts)) {
    body.add(member.name, member.value);
  }
  return json_reply(body, 201);
}

}  // namespace

std::string with_query(std::string_view uri, const http::Pairs& more) {
  std::string out(uri);
  char separator = out.find('?') == std::string::npos ? '?' : '&';
  if (out.ends_with('?') || out.ends_with('&')) separator = '\0';
  for (const auto& [name, value] : more) {
    if (separator != '\0') out += separator;
    out += http::percent_encode(name) + "=" + http::percent_encode(value);
    separator = '&';
  }
  return out;
}

http::Response write_outcome(const WireOptions& options, const dialect::Asked& asked,
                             const engine::Outcome& outcome) {
  if (const auto* it = std::get_if<engine::Authorized>(&outcome))
    return write_authorized(options, *it);
  if (const auto* it = std::get_if<engine::TokenSet>(&outcome)) return write_tokens(*it, asked.at);
  if (const auto* it = std::get_if<engine::Introspection>(&outcome))
    return write_introspection(options, *it);
  if (const auto* it = std::get_if<engine::Used>(&outcome)) return write_userinfo(it->who);
  if (const auto* it = std::get_if<engine::DeviceStarted>(&outcome))
    return write_device(options, *it, asked.at);
  if (const auto* it = std::get_if<engine::Pushed>(&outcome)) return write_pushed(*it, asked.at);
  if (const auto* it = std::get_if<engine::Registered>(&outcome)) return write_registered(*it);
  // checklist 33: revoked, or as good as
  if (std::holds_alternative<engine::Done>(outcome)) return json_reply({});
  return write_refusal(options, asked, Error{.why = Why::kBug});
}

}  // namespace latchkey::dialects::oauth2
