#include "dialects/sinopac/codec.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "dialects/sinopac/authorize.h"
#include "dialects/sinopac/refusals.h"

namespace latchkey::dialects::sinopac {
namespace {

using engine::Authorize;
using engine::Authorized;
using engine::Exchange;
using engine::Outcome;
using engine::Refresh;
using engine::TokenSet;
using engine::Use;

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

std::string text_or_empty(const std::string* text) { return text ? *text : std::string{}; }

}  // namespace

bool looks_like_token(std::string_view text) {
  return !text.empty() && text.size() <= kLongestToken &&
         std::ranges::all_of(text, [](char c) { return c >= 0x21 && c <= 0x7e; });
}

bool Codec::owns(std::string_view path) const { return path.starts_with("/oauth2/"); }

namespace {

// POST /oauth2/token   application/x-www-form-urlencoded
//   grant_type=authorization_code&code=…&redirect_uri=…&client_id=…&client_secret=…
//   grant_type=refresh_token&refresh_token=…&client_id=…&client_secret=…
http::Request encode_form(http::Pairs form, const engine::ClientKey& client) {
  form.emplace_back("client_id", client.id.text);
  form.emplace_back("client_secret", client.secret.reveal());
  return {.method = "POST",
          .target = {std::string(kTokenPath), {}},
          .headers = {{"Content-Type", std::string(kForm)}, {"Accept", "application/json"}},
          .body = http::write_form(form)};
}

http::Request encode_exchange(const Exchange& asked) {
  return encode_form({{"grant_type", std::string(kCodeGrant)},
                      {"code", std::string(asked.code.reveal())},
                      {"redirect_uri", asked.redirect_uri}},
                     asked.client);
}

http::Request encode_refresh(const Refresh& asked) {
  return encode_form({{"grant_type", std::string(kRefreshGrant)},
                      {"refresh_token", std::string(asked.refresh_token.reveal())}},
                     asked.client);
}

// Basic before the body, as the library looks for them.
Result<engine::ClientKey> client_of(const http::Request& request, const http::Pairs& form) {
  const std::string* header = request.headers.find("Authorization");
  if (header && header->size() > 6 && equals_ignoring_case(header->substr(0, 6), "Basic ")) {
    const auto bytes = parse_base64(trim(std::string_view(*header).substr(6)));
    const std::string_view pair = bytes ? text_of(*bytes) : std::string_view{};
    const auto colon = pair.find(':');
    if (colon != std::string_view::npos && colon > 0 && colon + 1 < pair.size())
      return engine::ClientKey{ClientId(pair.substr(0, colon)), Secret(pair.substr(colon + 1))};
  }
  const std::string* id = http::find_param(form, "client_id");
  const std::string* secret = http::find_param(form, "client_secret");
  if (!id || !secret)
    return fail(Why::kBadCredentials, "Invalid client: cannot retrieve client credentials");
  if (!all_visible(*id)) return fail(Why::kMalformed, "Invalid parameter: `client_id`");
  if (!all_visible(*secret)) return fail(Why::kMalformed, "Invalid parameter: `client_secret`");
  return engine::ClientKey{ClientId(*id), Secret(*secret)};
}

// The client is judged before the grant, so a form without grant_type or code
// still becomes an operation: the engine refuses it, and encode_refusal, which
// reads the form again, names the first thing that was missing.
Result<engine::Operation> decode_token(const http::Request& request) {
  if (request.method != "POST")
    return fail(Why::kUnsupported, "Invalid request: method must be POST");
  if (http::media_type(request.headers) != kForm)
    return fail(Why::kMalformed,
                "Invalid request: content must be application/x-www-form-urlencoded");
  const auto form = TRY(http::parse_form(request.body));
  TRY(http::refuse_repeats(form));
  auto client = TRY(client_of(request, form));
  const std::string grant = text_or_empty(http::find_param(form, "grant_type"));
  if (grant == kRefreshGrant)
    return Refresh{.refresh_token = Secret(text_or_empty(http::find_param(form, "refresh_token"))),
                   .client = std::move(client)};
  // No other grant type may spend a code, so none reaches the engine.
  const bool by_code = grant == kCodeGrant;
  return Exchange{.client = std::move(client),
                  .code = Secret(by_code ? text_or_empty(http::find_param(form, "code")) : ""),
                  .redirect_uri = text_or_empty(http::find_param(form, "redirect_uri"))};
}

// The lifetime has begun to run when its end is told: whole seconds of what is left, as the library
// that the provider uses floors its milliseconds.
std::int64_t expires_in(Instant until, Instant now) {
  return std::max<std::int64_t>(0, (until - now).count() - 1);
}

// 200 {"access_token":"b9b8…","token_type":"Bearer","expires_in":86399,"refresh_token":"c106…"}
// Cache-Control: no-store, Pragma: no-cache
http::Response encode_tokens(const TokenSet& tokens, Instant now) {
  json::Object body{{"access_token", std::string(tokens.access_token.reveal())},
                    {"token_type", "Bearer"}};
  if (tokens.access_until) body.add("expires_in", expires_in(*tokens.access_until, now));
  if (!tokens.refresh_token.empty())
    body.add("refresh_token", std::string(tokens.refresh_token.reveal()));
  auto response = http::json_response(200, json::write(body));
  response.headers.add("Pragma", "no-cache");
  return response;
}

Result<Outcome> decode_tokens(const json::Object& body, Instant asked_at) {
  const auto bad = [](const char* say) { return fail(Why::kBadResponse, say); };
  const auto access = json::string_field(body, "access_token");
  if (!access || !looks_like_token(*access)) return bad("sinopac: no usable access_token");
  const auto type = json::string_field(body, "token_type");
  if (!type || !equals_ignoring_case(*type, "Bearer"))
    return bad("sinopac: token_type is not Bearer");
  TokenSet tokens{.access_token = Secret(*access)};
  if (body.find("expires_in")) {
    const auto seconds = json::int_field(body, "expires_in");
    if (!seconds || *seconds < 0) return bad("sinopac: expires_in is not a number of seconds");
    tokens.access_until = expiry(asked_at, Lifetime{Seconds(*seconds)});
  }
  const auto refresh = json::optional_string_field(body, "refresh_token");
  if (!refresh || (*refresh && !looks_like_token(**refresh)))
    return bad("sinopac: no usable refresh_token");
  if (*refresh) tokens.refresh_token = Secret(**refresh);
  return tokens;
}

// POST /oauth2/api/v1/trust/getTestToken   Authorization: Bearer b9b8…   (empty form)
http::Request encode_use(const Use& asked) {
  http::Request request{.method = "POST", .target = {std::string(kTestTokenPath), {}}};
  request.headers.add("Content-Type", std::string(kForm));
  if (!asked.bearer.empty())
    request.headers.add("Authorization", "Bearer " + std::string(asked.bearer.reveal()));
  return request;
}

Result<engine::Operation> decode_use(const http::Request& request) {
  if (request.method != "POST")
    return fail(Why::kUnsupported, "Invalid request: method must be POST");
  auto bearer = http::bearer(request.headers);
  if (!bearer) return fail(Why::kMalformed, "Invalid request: malformed authorization header");
  return Use{.bearer = bearer->value_or(Secret()), .resource = std::string(kTestToken)};
}

// 200 {"success":true,"result":{"token":"9c1f…"}}
// The token of the test API opens nothing here; it is made from the access token,
// one way, so that it stays the same for as long as that one lives.
http::Response encode_used(const Use& asked) {
  const auto mark = crypto::hmac_sha256(bytes_of(asked.bearer.reveal()), bytes_of(kTestToken));
  const std::string token = to_hex(mark).substr(0, 40);
  return http::json_response(
      200,
      json::write(json::Object{{"success", true}, {"result", json::Object{{"token", token}}}}));
}

Result<Outcome> decode_used(const json::Object& body) {
  const json::Value* success = body.find("success");
  const json::Value* result = body.find("result");
  if (!success || !success->as_bool() || !*success->as_bool() || !result || !result->as_object() ||
      !json::string_field(*result->as_object(), "token"))
    return fail(Why::kBadResponse, "sinopac: getTestToken gave no token");
  return engine::Used{};
}

}  // namespace

Result<http::Request> Codec::encode_request(const engine::Operation& asked) const {
  if (const auto* authorize = std::get_if<Authorize>(&asked)) return encode_authorize(*authorize);
  if (const auto* exchange = std::get_if<Exchange>(&asked)) return encode_exchange(*exchange);
  if (const auto* refresh = std::get_if<Refresh>(&asked)) return encode_refresh(*refresh);
  const auto* use = std::get_if<Use>(&asked);
  if (use && use->resource == kTestToken) return encode_use(*use);
  return fail(Why::kUnsupported, std::string("sinopac has no such call: ") + name_of(asked));
}

Result<engine::Operation> Codec::decode_request(const http::Request& request) const {
  if (request.target.path == kLoginPath) return decode_authorize(request, options_);
  if (request.target.path == kTokenPath) return decode_token(request);
  if (request.target.path == kTestTokenPath) return decode_use(request);
  return fail(Why::kNotFound, "no such endpoint");
}

http::Response Codec::encode_reply(const dialect::Asked& asked,
                                   const Result<engine::Outcome>& result) const {
  if (!result) return encode_refusal(asked, result.error());
  if (const auto* authorized = std::get_if<Authorized>(&*result))
    return encode_authorized(*authorized);
  if (const auto* tokens = std::get_if<TokenSet>(&*result)) return encode_tokens(*tokens, asked.at);
  if (std::holds_alternative<engine::Used>(*result) && asked.operation)
    if (const auto* use = std::get_if<Use>(asked.operation)) return encode_used(*use);
  return encode_refusal(asked,
                        Error{Why::kBug, "", "an outcome that sinopac has no words for", {}});
}

Result<engine::Outcome> Codec::decode_reply(const dialect::Sent& sent,
                                            const http::Response& response) const {
  if (std::holds_alternative<Authorize>(sent.operation) &&
      (response.status == 302 || response.status == 303))
    return decode_authorized(response);
  if (response.status != 200) return fail(decode_refusal(response, sent.at));
  const auto body = json::parse(response.body);
  if (!body || !body->as_object())
    return fail(Why::kBadResponse, "sinopac: the answer is not a JSON object");
  if (std::holds_alternative<Exchange>(sent.operation) ||
      std::holds_alternative<Refresh>(sent.operation))
    return decode_tokens(*body->as_object(), sent.at);
  if (std::holds_alternative<Use>(sent.operation)) return decode_used(*body->as_object());
  return fail(Why::kBadResponse, "sinopac: an answer to nothing that was asked");
}

}  // namespace latchkey::dialects::sinopac
