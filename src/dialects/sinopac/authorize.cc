#include "dialects/sinopac/authorize.h"

#include <algorithm>

#include "dialects/sinopac/refusals.h"

namespace latchkey::dialects::sinopac {
namespace {

using engine::Authorize;
using engine::Authorized;
using engine::Outcome;

std::string text_or_empty(const std::string* text) { return text ? *text : std::string{}; }

bool alphanumeric(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

}  // namespace

bool all_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; });
}

bool usable_state(std::string_view state) {
  return state.size() <= kLongestState && all_visible(state);
}

bool looks_like_uri(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon < 2 || text.size() > kLongestUri) return false;
  const std::string_view scheme = text.substr(0, colon);
  const char first = scheme.front();
  return ((first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z')) && all_visible(text) &&
         std::ranges::all_of(scheme, [](char c) {
           return alphanumeric({&c, 1}) || c == '+' || c == '.' || c == '-';
         });
}

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

// GET /oauth2/login?response_type=code&grant_type=authorization_code
//     &client_id=oauthtestclient&redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Fcb&state=abcd1234
http::Request encode_authorize(const Authorize& asked) {
  return {.method = "GET",
          .target = {std::string(kLoginPath),
                     {{"response_type", "code"},
                      {"grant_type", "authorization_code"},
                      {"client_id", asked.client.text},
                      {"redirect_uri", asked.redirect_uri},
                      {"state", asked.state}}}};
}

// Checks in the library's order: what comes before `state` may not be redirected.
Result<engine::Operation> decode_authorize(const http::Request& request,
                                           const WireOptions& options) {
  if (request.method != "GET" && request.method != "HEAD")
    return fail(Why::kUnsupported, "Invalid request: method must be GET");
  TRY(http::refuse_repeats(request.target.query));
  const std::string* client = request.target.param("client_id");
  const std::string* redirect_uri = request.target.param("redirect_uri");
  if (!client) return fail(Why::kMalformed, "Missing parameter: `client_id`");
  if (!all_visible(*client)) return fail(Why::kMalformed, "Invalid parameter: `client_id`");
  if (!redirect_uri) return fail(Why::kMalformed, "Missing parameter: `redirect_uri`");
  if (!looks_like_uri(*redirect_uri))
    return fail(Why::kMalformed, "Invalid request: `redirect_uri` is not a valid URI");

  const std::string* state = request.target.param("state");
  if (!state) return fail(Why::kMalformed, "Missing parameter: `state`");
  if (!usable_state(*state) || (options.strict_state && !alphanumeric(*state)))
    return fail(Why::kMalformed, "Invalid parameter: `state`");
  const std::string* response_type = request.target.param("response_type");
  if (!response_type) return fail(Why::kMalformed, "Missing parameter: `response_type`");
  if (*response_type != "code")
    return fail(Why::kUnsupported, "Unsupported response type: `response_type` is not supported");
  const std::string* grant_type = request.target.param("grant_type");
  if (!grant_type && options.needs_grant_type)
    return fail(Why::kMalformed, "Missing parameter: `grant_type`");
  if (grant_type && *grant_type != "authorization_code")
    return fail(Why::kMalformed, "Invalid parameter: `grant_type`");
  return Authorize{ClientId(*client), *redirect_uri, *state};
}

// 302  Location: http://127.0.0.1:8000/cb?code=b9b8…&state=abcd1234
http::Response encode_authorized(const Authorized& outcome) {
  http::Response response{.status = 302};
  response.headers.add(
      "Location", with_query(outcome.redirect_uri, {{"code", std::string(outcome.code.reveal())},
                                                    {"state", outcome.state}}));
  response.headers.add("Cache-Control", "no-store");
  return response;
}

// The 302, or the callback that it became, given as one. Its shape only: whoever
// sent the browser away knows which state must come back.
Result<Outcome> decode_authorized(const http::Response& response) {
  const std::string* location = response.headers.find("Location");
  if (!location || location->size() > kLongestUri + kLongestToken)
    return fail(Why::kBadResponse, "sinopac: a redirect without a usable Location");
  const auto mark = location->find('?');
  if (mark == std::string::npos)
    return fail(Why::kBadResponse, "sinopac: the callback has no query");
  const auto query = http::parse_form(std::string_view(*location).substr(mark + 1));
  if (!query || !http::refuse_repeats(*query))
    return fail(Why::kBadResponse, "sinopac: the callback's query cannot be read");
  if (http::find_param(*query, "error")) return fail(decode_redirected_refusal(*query));

  const std::string* code = http::find_param(*query, "code");
  if (!code || !looks_like_token(*code))
    return fail(Why::kBadResponse, "sinopac: the callback has no code");
  http::Pairs rest = *query;
  std::erase_if(rest,
                [](const auto& pair) { return pair.first == "code" || pair.first == "state"; });
  return Authorized{.code = Secret(*code),
                    .redirect_uri = with_query(location->substr(0, mark), rest),
                    .state = text_or_empty(http::find_param(*query, "state"))};
}

}  // namespace latchkey::dialects::sinopac
