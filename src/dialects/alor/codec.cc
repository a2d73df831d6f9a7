#include "dialects/alor/codec.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "crypto/jws.h"
#include "dialects/alor/resources.h"

namespace latchkey::dialects::alor {
namespace {

using engine::Outcome;
using engine::Refresh;
using engine::TokenSet;
using engine::Use;

/// An empty value is absent: the provider's .NET client sends "?token=" beside a body.
const std::string* query_param(const http::Target& target, std::string_view name) {
  for (const auto& [key, value] : target.query)
    if (equals_ignoring_case(key, name) && !value.empty()) return &value;
  return nullptr;
}

Result<std::vector<std::string>> portfolios_of(const json::Value& value) {
  std::vector<std::string> names;
  if (value.is_null()) return names;
  if (!value.as_array() || value.as_array()->size() > kMostPortfolios)
    return fail(Why::kMalformed, "allowedPortfolios is not a list of names");
  for (const auto& item : *value.as_array()) {
    if (!item.as_string() || !is_name(*item.as_string()))
      return fail(Why::kMalformed, "allowedPortfolios is not a list of names");
    names.push_back(*item.as_string());
  }
  return names;
}

bool looks_like_token(std::string_view text) {
  return !text.empty() && text.size() <= kLongestToken &&
         std::ranges::all_of(text, [](char c) { return c >= 0x21 && c <= 0x7e; });
}

// POST /refresh                     {"token":"12be28e4-…","allowedPortfolios":["D39004"]}
// Our client puts the token into the body: an URL ends up in logs.
http::Request encode_refresh(const Refresh& asked) {
  json::Object body{{"token", std::string(asked.refresh_token.reveal())}};
  if (!asked.narrow_to.empty()) {
    json::Array names(asked.narrow_to.begin(), asked.narrow_to.end());
    body.add("allowedPortfolios", std::move(names));
  }
  return {.method = "POST",
          .target = {std::string(kRefreshPath), {}},
          .headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
          .body = json::write(body)};
}

/// The body's refresh, or nullopt when there is no token in it.
Result<std::optional<Refresh>> refresh_of_body(const http::Request& request) {
  if (trim(request.body).empty()) return std::nullopt;
  const std::string type = http::media_type(request.headers);
  if (!type.empty() && type != "application/json" && !type.ends_with("+json"))
    return fail(Why::kMalformed, "the body is not JSON");
  const auto value = TRY(json::parse(request.body));
  if (!value.as_object()) return fail(Why::kMalformed, "the body is not a JSON object");
  const json::Value* token = value.as_object()->find_ignoring_case("token");
  if (!token || token->is_null()) return std::nullopt;
  if (!token->as_string()) return fail(Why::kMalformed, "token is not a string");
  if (token->as_string()->empty()) return std::nullopt;
  Refresh refresh{.refresh_token = Secret(*token->as_string())};
  if (const json::Value* names = value.as_object()->find_ignoring_case("allowedPortfolios"))
    refresh.narrow_to = TRY(portfolios_of(*names));
  return refresh;
}

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.';
  });
}

// POST /refresh?token=12be28e4-…&allowedPortfolios=["D39004"]     the token is in the query:
//                                                                 targets are logged without values
// The body wins over the query, and names are bound without regard to case.
Result<engine::Operation> Codec::decode_refresh(const http::Request& request) const {
  if (request.method != "POST") return fail(Why::kUnsupported, "POST only");
  const auto of_body = TRY(refresh_of_body(request));
  if (of_body) return *of_body;
  const std::string* token = query_param(request.target, "token");
  if (!token || !options_.token_in_query)
    return fail(Why::kInvalidToken, "there is no refresh token");
  Refresh refresh{.refresh_token = Secret(*token)};
  if (const std::string* names = query_param(request.target, "allowedPortfolios")) {
    const auto list = TRY(json::parse(*names));
    refresh.narrow_to = TRY(portfolios_of(list));
  }
  return refresh;
}

namespace {

// 200 {"AccessToken":"ey…"}     no expiry, no new refresh token
http::Response encode_tokens(const TokenSet& tokens) {
  auto response = http::json_response(
      200, json::write(json::Object{{"AccessToken", std::string(tokens.access_token.reveal())}}));
  response.headers.add("Referrer-Policy", "no-referrer");
  return response;
}

/// When the token ends: by its own exp, as far from when we asked as it is from
/// its iat, so that two clocks need not agree.
std::optional<Instant> end_of(std::string_view token, Instant asked_at) {
  const auto claims = crypto::peek_claims(token);
  if (!claims) return std::nullopt;
  const auto until = crypto::time_claim(*claims, "exp");
  const auto issued = crypto::time_claim(*claims, "iat");
  if (!until || !issued || *issued == Instant{} || *issued >= *until) return until;
  return expiry(asked_at, Lifetime{*until - *issued});
}

Result<Outcome> decode_tokens(const http::Response& response, Instant asked_at) {
  const auto body = json::parse(response.body);
  if (!body || !body->as_object())
    return fail(Why::kBadResponse, "alor: the answer is not a JSON object");
  const json::Value* token = body->as_object()->find_ignoring_case("AccessToken");
  if (!token || !token->as_string() || !looks_like_token(*token->as_string()))
    return fail(Why::kBadResponse, "alor: no usable AccessToken");
  return TokenSet{.access_token = Secret(*token->as_string()),
                  .access_until = end_of(*token->as_string(), asked_at)};
}

/// The wire has statuses and no words. A dead refresh token is 403, a dead access
/// token 401.
int status_of(Why why, bool refresh, bool known_path) {
  switch (why) {
    case Why::kMalformed:
    case Why::kConflict: return 400;
    case Why::kUnsupported: return known_path ? 405 : 404;
    case Why::kNotFound: return refresh ? 403 : 404;
    case Why::kBadCredentials:
    case Why::kOtpRequired:
    case Why::kOtpWrong:
    case Why::kPending:
    case Why::kDeclined:
    case Why::kInvalidToken:
    case Why::kExpired:
    case Why::kRevoked:
    case Why::kReplayed: return refresh ? 403 : 401;
    case Why::kForbidden: return 403;
    case Why::kTooMany: return 429;
    case Why::kUnavailable: return 503;
    case Why::kPersonNeeded:
    case Why::kUnknownName:
    case Why::kPolicy:
    case Why::kStore:
    case Why::kNoAnswer:
    case Why::kLostRotation:
    case Why::kBadResponse:
    case Why::kUsage:
    case Why::kBug: return 500;
  }
  return 500;
}

http::Response encode_refusal(const dialect::Asked& asked, const Error& error) {
  const std::string& path = asked.request.target.path;
  const bool refresh = path == kRefreshPath || (asked.operation != nullptr &&
                                                std::holds_alternative<Refresh>(*asked.operation));
  http::Response response{.status = status_of(error.why, refresh, refresh || is_resource(path))};
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("Referrer-Policy", "no-referrer");
  if (response.status == 401) response.headers.add("WWW-Authenticate", "Bearer");
  if (response.status == 405) {
    const bool post = refresh || to_lower(path).starts_with("/commandapi/");
    response.headers.add("Allow", post ? "POST" : "GET, HEAD");
  }
  if (error.retry_after > Seconds{0})
    response.headers.add("Retry-After", std::to_string(error.retry_after.count()));
  return response;
}

Error decode_refusal(const dialect::Sent& sent, const http::Response& response) {
  const bool refresh = std::holds_alternative<Refresh>(sent.operation);
  const auto error = [&](Why why, const char* say) {
    return Error{why, say, "", http::retry_after(response.headers, sent.at)};
  };
  if (response.status >= 500) return error(Why::kUnavailable, "alor: the server is in trouble");
  switch (response.status) {
    case 400: return error(Why::kMalformed, "alor: the request was not understood");
    case 401: return error(Why::kInvalidToken, "alor: the access token is not accepted");
    case 403:
      return refresh ? error(Why::kInvalidToken,
                             "alor: the refresh token is wrong, revoked or past its year")
                     : error(Why::kForbidden, "alor: not allowed");
    case 404: return error(Why::kNotFound, "alor: there is no such thing");
    case 405: return error(Why::kUnsupported, "alor: not that way");
    case 429: return error(Why::kTooMany, "alor: too many requests");
    default: return error(Why::kBadResponse, "alor: an answer with an unexpected status");
  }
}

}  // namespace

bool Codec::owns(std::string_view path) const {
  return path == kRefreshPath || path == kTokensPath || path.starts_with("/tokens/") ||
         is_resource(path);
}

Result<http::Request> Codec::encode_request(const engine::Operation& asked) const {
  if (const auto* refresh = std::get_if<Refresh>(&asked)) return encode_refresh(*refresh);
  if (const auto* use = std::get_if<Use>(&asked)) return encode_use(*use);
  // GET /tokens, where a person gets the refresh token.
  if (std::holds_alternative<engine::Authorize>(asked))
    return http::Request{.method = "GET", .target = {std::string(kTokensPath), {}}};
  return fail(Why::kUnsupported, std::string("alor has no such call: ") + name_of(asked));
}

Result<engine::Operation> Codec::decode_request(const http::Request& request) const {
  if (request.target.path == kRefreshPath) return decode_refresh(request);
  if (is_resource(request.target.path)) return decode_use(request);
  if (request.target.path == kTokensPath && request.method == "GET") return engine::Authorize{};
  return fail(Why::kUnsupported, "no such endpoint");
}

http::Response Codec::encode_reply(const dialect::Asked& asked,
                                   const Result<engine::Outcome>& result) const {
  if (!result) return encode_refusal(asked, result.error());
  if (const auto* tokens = std::get_if<TokenSet>(&*result)) return encode_tokens(*tokens);
  if (const auto* used = std::get_if<engine::Used>(&*result); used && asked.operation)
    if (const auto* use = std::get_if<Use>(asked.operation)) return encode_used(*use, *used);
  return encode_refusal(asked, Error{Why::kBug, "", "an outcome that alor has no words for", {}});
}

Result<engine::Outcome> Codec::decode_reply(const dialect::Sent& sent,
                                            const http::Response& response) const {
  if (response.status != 200) return fail(decode_refusal(sent, response));
  if (const auto* use = std::get_if<Use>(&sent.operation)) return decode_used(*use, response);
  if (std::holds_alternative<Refresh>(sent.operation)) return decode_tokens(response, sent.at);
  return fail(Why::kBadResponse, "alor: an answer to nothing that was asked");
}

}  // namespace latchkey::dialects::alor
