#include "dialects/sinopac/refusals.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "dialects/sinopac/authorize.h"
#include "dialects/sinopac/codec.h"

namespace latchkey::dialects::sinopac {
namespace {

struct Refusal {
  int status;
  std::string_view error;
  std::string description;
};

http::Response write(const Refusal& refusal) {
  auto response = http::json_response(
      refusal.status, json::write(json::Object{{"error", refusal.error},
                                               {"error_description", refusal.description}}));
  response.headers.add("Pragma", "no-cache");
  return response;
}

Refusal invalid_request(std::string description) {
  return {400, "invalid_request", std::move(description)};
}
Refusal invalid_grant(std::string description) {
  return {400, "invalid_grant", "Invalid grant: " + std::move(description)};
}

/// Reasons that have nothing to do with what was asked.
std::optional<Refusal> of_the_moment(Why why) {
  switch (why) {
    case Why::kTooMany: return Refusal{429, "temporarily_unavailable", "Too many requests"};
    case Why::kUnavailable: return Refusal{503, "server_error", "Server error: try again later"};
    case Why::kBug:
    case Why::kPersonNeeded:
    case Why::kUnknownName:
    case Why::kPolicy:
    case Why::kStore:
    case Why::kNoAnswer:
    case Why::kLostRotation:
    case Why::kBadResponse:
    case Why::kUsage: return Refusal{503, "server_error", "Server error"};
    case Why::kMalformed:
    case Why::kUnsupported:
    case Why::kNotFound:
    case Why::kConflict:
    case Why::kBadCredentials:
    case Why::kOtpRequired:
    case Why::kOtpWrong:
    case Why::kPending:
    case Why::kDeclined:
    case Why::kForbidden:
    case Why::kInvalidToken:
    case Why::kExpired:
    case Why::kRevoked:
    case Why::kReplayed: return std::nullopt;
  }
  return std::nullopt;
}

/// A request that never became an operation: decode_request has the words.
Refusal of_unread(const Error& error) {
  if (error.why == Why::kBadCredentials) return {400, "invalid_client", error.say};
  if (error.why == Why::kNotFound) return {404, "invalid_request", error.say};
  return invalid_request(error.say.empty() ? "Invalid request" : error.say);
}

/// A word or a URI, as the library tests it.
bool looks_like_grant_type(std::string_view text) {
  const auto in_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_' ||
           c == '|';
  };
  return std::ranges::all_of(text, in_word) || looks_like_uri(text);
}

/// What is wrong with the form itself, in the order in which the library looks.
std::optional<Refusal> wrong_in(const http::Pairs& form, bool forbidden) {
  const std::string* grant = http::find_param(form, "grant_type");
  if (!grant) return invalid_request("Missing parameter: `grant_type`");
  if (!looks_like_grant_type(*grant)) return invalid_request("Invalid parameter: `grant_type`");
  // The library knows these two, and no client may use them.
  const bool foreign = *grant == "password" || *grant == "client_credentials";
  if (!foreign && *grant != kCodeGrant && *grant != kRefreshGrant)
    return Refusal{400, "unsupported_grant_type",
                   "Unsupported grant type: `grant_type` is invalid"};
  if (foreign || forbidden)
    return Refusal{400, "unauthorized_client", "Unauthorized client: `grant_type` is invalid"};
  const std::string what = *grant == kRefreshGrant ? "refresh_token" : "code";
  const std::string* value = http::find_param(form, what);
  if (!value) return invalid_request("Missing parameter: `" + what + "`");
  if (!all_visible(*value)) return invalid_request("Invalid parameter: `" + what + "`");
  return std::nullopt;
}

Refusal of_exchange(const engine::Exchange& asked, Why why) {
  if (why == Why::kExpired) return invalid_grant("authorization code has expired");
  if (why != Why::kMalformed) return invalid_grant("authorization code is invalid");
  return invalid_request(looks_like_uri(asked.redirect_uri)
                             ? "Invalid request: `redirect_uri` is invalid"
                             : "Invalid request: `redirect_uri` is not a valid URI");
}

http::Response refuse_token(const dialect::Asked& asked, const Error& error) {
  if (error.why == Why::kBadCredentials) {
    // 401 only to a client that tried a header (RFC 6749 section 5.2).
    const bool header = asked.request.headers.count("Authorization") > 0;
    auto response =
        write({header ? 401 : 400, "invalid_client", "Invalid client: client is invalid"});
    if (header) response.headers.add("WWW-Authenticate", "Basic realm=\"Service\"");
    return response;
  }
  const auto form = http::parse_form(asked.request.body);
  if (form)
    if (const auto wrong = wrong_in(*form, error.why == Why::kForbidden)) return write(*wrong);
  if (const auto* exchange = std::get_if<engine::Exchange>(asked.operation))
    return write(of_exchange(*exchange, error.why));
  return write(invalid_grant(error.why == Why::kExpired ? "refresh token has expired"
                                                        : "refresh token is invalid"));
}

http::Response refuse_use(const engine::Use& asked, const Error& error) {
  if (error.why == Why::kForbidden)
    return write(
        {403, "insufficient_scope", "Insufficient scope: authorized scope is insufficient"});
  if (asked.bearer.empty()) {
    auto response =
        write({401, "unauthorized_request", "Unauthorized request: no authentication given"});
    response.headers.add("WWW-Authenticate", "Bearer realm=\"Service\"");
    return response;
  }
  auto response = write({401, "invalid_token",
                         error.why == Why::kExpired ? "Invalid token: access token has expired"
                                                    : "Invalid token: access token is invalid"});
  // Not seen of the library; RFC 9110 section 15.5.2 wants it on every 401.
  response.headers.add("WWW-Authenticate", "Bearer realm=\"Service\", error=\"invalid_token\"");
  return response;
}

// 302  Location: http://127.0.0.1:8000/cb?error=invalid_request
//      &error_description=Missing%20parameter%3A%20%60state%60
http::Response redirect(const http::Request& request, const engine::Authorize& asked,
                        const Refusal& refusal) {
  http::Pairs query{{"error", std::string(refusal.error)},
                    {"error_description", refusal.description}};
  // The state as it came; a doubled one is nobody's, and a refused one is not repeated.
  const auto& all = request.target.query;
  const auto is_state = [](const auto& pair) { return pair.first == "state"; };
  if (std::ranges::count_if(all, is_state) == 1 && !asked.state.empty() &&
      usable_state(asked.state))
    query.emplace_back("state", asked.state);
  http::Response response{.status = 302};
  response.headers.add("Location", with_query(asked.redirect_uri, query));
  response.headers.add("Cache-Control", "no-store");
  return response;
}

/// May go to the browser's redirect_uri: both are known to belong together.
http::Response redirect_refusal(const dialect::Asked& asked, const Error& error) {
  const auto& authorize = std::get<engine::Authorize>(*asked.operation);
  if (error.why == Why::kUnsupported)
    return redirect(asked.request, authorize,
                    {302, "unsupported_response_type",
                     "Unsupported response type: `response_type` is not supported"});
  return redirect(asked.request, authorize, invalid_request(error.say));
}

http::Response refuse_authorize(const dialect::Asked& asked, const Error& error) {
  const bool about_request = error.why == Why::kMalformed || error.why == Why::kUnsupported;
  if (about_request && asked.may_redirect) return redirect_refusal(asked, error);
  // The library raises without a redirect, and the screens have no such button.
  if (error.why == Why::kDeclined)
    return write({400, "access_denied", "Access denied: user denied access to application"});
  if (error.why == Why::kForbidden)
    return write({400, "unauthorized_client", "Unauthorized client: `grant_type` is invalid"});
  if (about_request)
    return write(
        {400, "invalid_client", "Invalid client: `redirect_uri` does not match client value"});
  return write({400, "invalid_client", "Invalid client: client credentials are invalid"});
}

bool mentions_expiry(std::string_view description) {
  return description.find("has expired") != std::string_view::npos;
}

Why meaning_of(std::string_view error, std::string_view description) {
  if (error == "invalid_client") return Why::kBadCredentials;
  if (error == "invalid_grant" || error == "invalid_token")
    return mentions_expiry(description) ? Why::kExpired : Why::kInvalidToken;
  if (error == "unauthorized_client" || error == "insufficient_scope") return Why::kForbidden;
  if (error == "unauthorized_request") return Why::kInvalidToken;
  if (error.starts_with("unsupported_")) return Why::kUnsupported;
  if (error == "invalid_request") return Why::kMalformed;
  if (error == "access_denied") return Why::kDeclined;
  if (error == "server_error" || error == "temporarily_unavailable") return Why::kUnavailable;
  return Why::kBadResponse;
}

Error say(Why why, std::string_view error, std::string_view description) {
  const std::string_view words = description.empty() ? error : description;
  return {why, "sinopac: " + printable(words), "", {}};
}

}  // namespace

http::Response encode_refusal(const dialect::Asked& asked, const Error& error) {
  if (const auto now = of_the_moment(error.why)) {
    auto response = write(*now);
    if (error.retry_after > Seconds{0})
      response.headers.add("Retry-After", std::to_string(error.retry_after.count()));
    return response;
  }
  if (!asked.operation) return write(of_unread(error));
  if (std::holds_alternative<engine::Authorize>(*asked.operation))
    return refuse_authorize(asked, error);
  if (const auto* use = std::get_if<engine::Use>(asked.operation)) return refuse_use(*use, error);
  return refuse_token(asked, error);
}

Error decode_refusal(const http::Response& response, Instant now) {
  std::string error, description;
  if (const auto body = json::parse(response.body); body && body->as_object()) {
    error = json::string_field(*body->as_object(), "error").value_or("");
    description = json::string_field(*body->as_object(), "error_description").value_or("");
  }
  Why why = meaning_of(error, description);
  if (response.status == 429) why = Why::kTooMany;
  if (response.status >= 500) why = Why::kUnavailable;
  if (response.status < 400) why = Why::kBadResponse;
  if (error.empty()) error = "status " + std::to_string(response.status);
  Error refused = say(why, error, description);
  refused.retry_after = http::retry_after(response.headers, now);
  return refused;
}

Error decode_redirected_refusal(const http::Pairs& query) {
  const std::string* error = http::find_param(query, "error");
  const std::string* description = http::find_param(query, "error_description");
  const std::string words = description ? *description : "";
  return say(meaning_of(error ? *error : "", words), error ? *error : "", words);
}

}  // namespace latchkey::dialects::sinopac
