#include <algorithm>

#include "base/text.h"
#include "dialects/oauth2/assertion.h"
#include "dialects/oauth2/dpop.h"
#include "dialects/oauth2/form.h"
#include "dialects/oauth2/registration.h"
#include "engine/pkce.h"

namespace latchkey::dialects::oauth2 {
namespace {

using engine::ClientKey;

/// Parameters that a request may repeat (RFC 8707 section 2, RFC 8693 section 2.1).
constexpr std::string_view kLists[] = {"resource", "audience"};
/// What is worth stealing, and would stand in logs and histories (checklist 30).
constexpr std::string_view kSecretParameters[] = {
    "client_secret", "client_assertion", "refresh_token", "code",  "code_verifier",
    "access_token",  "subject_token",    "actor_token",   "token", "device_code"};

std::vector<std::string> words_of(std::string_view text) {
  auto words = split(text, ' ');
  std::erase(words, "");
  return words;
}

/// checklist 14: an empty value is no value, and nothing else comes twice.
Result<> refuse_repeats(const http::Pairs& pairs) {
  http::Pairs single;
  for (const auto& pair : pairs) {
    if (std::ranges::find(kLists, pair.first) == std::end(kLists)) single.push_back(pair);
  }
  return http::refuse_repeats(single);
}

/// One half of a Basic header: it is form-encoded first (RFC 6749 section 2.3.1).
std::optional<std::string> decoded(std::string_view half) {
  const auto pairs = http::parse_form("x=" + std::string(half));
  if (!pairs || pairs->size() != 1) return std::nullopt;
  return pairs->front().second;
}

Result<ClientKey> by_header(const std::string& header) {
  constexpr std::string_view kScheme = "Basic ";
  const auto bad = [] { return fail(Why::kBadCredentials, "client is invalid"); };
  if (!equals_ignoring_case(header.substr(0, kScheme.size()), kScheme)) return bad();
  const auto bytes = parse_base64(trim(std::string_view(header).substr(kScheme.size())));
  const std::string pair(bytes ? latchkey::text_of(*bytes) : std::string_view{});
  const auto colon = pair.find(':');
  if (colon == std::string::npos || colon == 0) return bad();
  const auto id = decoded(std::string_view(pair).substr(0, colon));
  const auto secret = decoded(std::string_view(pair).substr(colon + 1));
  if (!id || !secret || !is_plain(*id, kLongestId) || !is_plain(*secret, kLongestToken))
    return bad();
  return ClientKey{.id = ClientId(*id), .secret = Secret(*secret)};
}

}  // namespace

std::unexpected<Error> malformed(std::string say) { return fail(Why::kMalformed, std::move(say)); }

std::string text_of(const http::Pairs& pairs, std::string_view name) {
  const std::string* text = http::find_param(pairs, name);
  return text ? *text : std::string{};
}

std::vector<std::string> all_of(const http::Pairs& pairs, std::string_view name) {
  std::vector<std::string> found;
  for (const auto& [key, value] : pairs) {
    if (key == name && !value.empty()) found.push_back(value);
  }
  return found;
}

Result<Secret> secret_in(const http::Pairs& form, const char* name) {
  const std::string text = text_of(form, name);
  if (text.empty()) return malformed(std::string(name) + " is missing");
  if (!is_plain(text, kLongestToken)) return malformed(std::string(name) + " cannot be one");
  return Secret(text);
}

Result<std::vector<std::string>> resources_in(const http::Pairs& pairs) {
  auto uris = all_of(pairs, "resource");
  if (uris.size() > kMostResources) return malformed("too many resources");
  for (const std::string& uri : uris) {
    const bool absolute = uri.find(':') != std::string::npos && uri.find('#') == std::string::npos;
    if (!absolute || !is_plain(uri, kLongestUri) || uri.find(' ') != std::string::npos)
      return fail(Why::kNotFound, "a resource is an absolute URI without a fragment");
  }
  return uris;
}

bool is_plain(std::string_view text, std::size_t most) {
  return text.size() <= most &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; });
}

Result<ClientKey> Reader::by_assertion(const http::Pairs& form) const {
  if (text_of(form, "client_assertion_type") != kAssertionType)
    return fail(Why::kBadCredentials, "client is invalid", "an assertion of another type");
  const Secret text(text_of(form, "client_assertion"));
  const ClientId id = TRY(claimed_client(text));
  std::optional<std::string> keys;
  if (keyring_ != nullptr) keys = TRY(keyring_->client_keys(id));
  if (!keys) return fail(Why::kBadCredentials, "client is invalid", "it registered no keys");
  auto said = TRY(verify_assertion(text, id, *keys, options_.issuer));
  return ClientKey{.id = id, .assertion = std::move(said)};
}

// checklist 29: one way, and only one.
Result<ClientKey> Reader::client_of(const http::Request& request, const http::Pairs& form) const {
  const std::size_t headers = request.headers.count("Authorization");
  const bool secret = http::find_param(form, "client_secret") != nullptr;
  const bool assertion = http::find_param(form, "client_assertion") != nullptr;
  if (headers + (secret ? 1 : 0) + (assertion ? 1 : 0) > 1)
    return malformed("a client authenticates in one way");
  const std::string id = text_of(form, "client_id");
  ClientKey key{.id = ClientId(id)};
  if (headers == 1) key = TRY(by_header(*request.headers.find("Authorization")));
  else if (assertion) key = TRY(by_assertion(form));
  else if (secret) key.secret = Secret(text_of(form, "client_secret"));
  if (!id.empty() && id != key.id.text) return malformed("client_id is another client");
  if (key.id.empty() || !is_plain(key.id.text, kLongestId))
    return fail(Why::kBadCredentials, "client is invalid");
  return key;
}

Result<std::optional<engine::DpopProof>> Reader::proof_of(const http::Request& request) const {
  return oauth2::proof_of(request, options_.issuer + request.target.path);
}

Result<Reader::Form> Reader::form_of(const http::Request& request) const {
  if (request.method != "POST") return fail(Why::kUnsupported, "the method must be POST");
  if (http::media_type(request.headers) != kForm)
    return malformed("the content must be application/x-www-form-urlencoded");
  for (const auto name : kSecretParameters) {
    const auto in_query = [&](const auto& pair) { return pair.first == name; };
    if (std::ranges::any_of(request.target.query, in_query))
      return malformed("no secret stands in a query");
  }
  Form form;
  form.pairs = TRY(http::parse_form(request.body));
  TRY(refuse_repeats(form.pairs));
  form.client = TRY(client_of(request, form.pairs));
  form.proof = TRY(proof_of(request));
  return form;
}

Result<engine::Operation> Reader::token(const http::Request& request) const {
  Form form = TRY(form_of(request));
  const std::string grant = text_of(form.pairs, "grant_type");
  if (grant.empty()) return malformed("grant_type is missing");
  auto resources = TRY(resources_in(form.pairs));
  if (grant == kCodeGrant) {
    auto code = TRY(secret_in(form.pairs, "code"));
    return engine::Exchange{.client = std::move(form.client),
                            .code = std::move(code),
                            .redirect_uri = text_of(form.pairs, "redirect_uri"),
                            .verifier = Secret(text_of(form.pairs, "code_verifier")),
                            .resources = std::move(resources),
                            .dpop = std::move(form.proof)};
  }
  if (grant == kRefreshGrant) {
    auto token = TRY(secret_in(form.pairs, "refresh_token"));
    return engine::Refresh{.refresh_token = std::move(token),
                           .client = std::move(form.client),
                           .narrow_to = words_of(text_of(form.pairs, "scope")),
                           .resources = std::move(resources),
                           .dpop = std::move(form.proof)};
  }
  if (grant == kClientGrant)
    return engine::ClientCredentials{.client = std::move(form.client),
                                     .scope = text_of(form.pairs, "scope"),
                                     .resources = std::move(resources),
                                     .dpop = std::move(form.proof)};
  if (grant == kDeviceGrant && options_.device) return poll(std::move(form));
  if (grant == kTokenExchangeGrant && options_.exchange) return exchange(std::move(form));
  return fail(Why::kUnsupported, "the grant type is not supported");
}

// POST /oauth2/introspect, /oauth2/revoke   token=…&token_type_hint=…
Result<engine::Operation> Reader::about_token(const http::Request& request) const {
  Form form = TRY(form_of(request));
  auto token = TRY(secret_in(form.pairs, "token"));
  if (request.target.path == kIntrospectPath)
    return engine::Introspect{.client = std::move(form.client), .token = std::move(token)};
  return engine::Revoke{.token = std::move(token), .client = std::move(form.client)};
}

// GET or POST /oauth2/userinfo   Authorization: Bearer …   or   DPoP … with a proof
Result<engine::Operation> Reader::userinfo(const http::Request& request) const {
  if (request.method != "GET" && request.method != "POST")
    return fail(Why::kUnsupported, "the method must be GET or POST");
  engine::UserInfo asked;
  if (request.headers.count("Authorization") == 0) return asked;
  constexpr std::string_view kScheme = "DPoP ";
  http::Headers headers = request.headers;
  const std::string header = *headers.find("Authorization");
  const bool bound = equals_ignoring_case(header.substr(0, kScheme.size()), kScheme);
  if (bound && headers.count("Authorization") == 1)
    headers.set("Authorization", "Bearer " + header.substr(kScheme.size()));
  auto bearer = http::bearer(headers);
  if (!bearer || (*bearer && (*bearer)->size() > kLongestToken))
    return malformed("the authorization header cannot be read");
  asked.bearer = bearer->value_or(Secret());
  if (bound) asked.dpop = TRY(proof_of(request));
  if (bound && !asked.dpop) return fail(Why::kOtpWrong, "the DPoP proof is missing");
  return asked;
}

// GET /oauth2/authorize?response_type=code&client_id=…&redirect_uri=…&scope=…&state=…
//     &code_challenge=…&code_challenge_method=S256&nonce=…
Result<engine::Operation> Reader::authorize(const http::Request& request) const {
  if (request.method != "GET" && request.method != "HEAD")
    return fail(Why::kUnsupported, "the method must be GET");
  const auto& query = request.target.query;
  TRY(refuse_repeats(query));
  const std::string id = text_of(query, "client_id");
  if (id.empty() || !is_plain(id, kLongestId)) return malformed("client_id is missing");
  if (http::find_param(query, "client_secret")) return malformed("no secret stands in a query");
  if (http::find_param(query, "request"))
    return fail(Why::kUnsupported, "request objects are not supported");
  auto asked = TRY(read_authorize(query, ClientId(id)));
  return asked;
}

Result<engine::Authorize> read_authorize(const http::Pairs& parameters, ClientId client) {
  engine::Authorize asked{.client = std::move(client)};
  asked.state = text_of(parameters, "state");
  if (!is_plain(asked.state, kLongestState)) return malformed("state is too long or odd");
  asked.request_uri = text_of(parameters, "request_uri");
  if (!asked.request_uri.empty()) return asked;
  asked.redirect_uri = text_of(parameters, "redirect_uri");
  if (!is_plain(asked.redirect_uri, kLongestUri)) return malformed("redirect_uri cannot be one");
  const std::string type = text_of(parameters, "response_type");
  if (type.empty()) return malformed("response_type is missing");
  if (type != "code") return fail(Why::kUnsupported, "the response type is not supported");
  const std::string mode = text_of(parameters, "response_mode");
  if (!mode.empty() && mode != "query") return malformed("response_mode must be query");
  asked.scope = text_of(parameters, "scope");
  asked.nonce = text_of(parameters, "nonce");
  if (!is_plain(asked.nonce, kLongestState)) return malformed("nonce is too long or odd");
  asked.challenge = text_of(parameters, "code_challenge");
  const std::string method = text_of(parameters, "code_challenge_method");
  // Without a method it would be "plain", which is not offered (checklist 10).
  const bool s256 = method == "S256" && engine::is_pkce_challenge(asked.challenge);
  if ((!asked.challenge.empty() || !method.empty()) && !s256)
    return malformed("code_challenge must be one of S256");
  asked.resources = TRY(resources_in(parameters));
  asked.prompt = words_of(text_of(parameters, "prompt"));
  const bool none = std::ranges::find(asked.prompt, "none") != asked.prompt.end();
  if (none && asked.prompt.size() > 1) return malformed("prompt=none stands alone");
  if (const std::string age = text_of(parameters, "max_age"); !age.empty()) {
    const auto seconds = parse_int(age);
    if (!seconds || *seconds < 0) return malformed("max_age is no number of seconds");
    asked.max_age = Seconds{std::min<std::int64_t>(*seconds, 10 * 365 * 86'400)};
  }
  asked.thumbprint = text_of(parameters, "dpop_jkt");
  if (!asked.thumbprint.empty() && !engine::is_pkce_challenge(asked.thumbprint))
    return malformed("dpop_jkt is no thumbprint");
  return asked;
}

Result<engine::Operation> Reader::read(const http::Request& request) const {
  const std::string& path = request.target.path;
  if (!has_endpoint(options_, path)) return fail(Why::kNotFound, "no such endpoint");
  if (path == kDevicePath) return device(request);
  if (path == kPushPath) return push(request);
  if (path == kRegisterPath) return registration(request);
  if (path == kAuthorizePath) return authorize(request);
  if (path == kTokenPath) return token(request);
  if (path == kIntrospectPath || path == kRevokePath) return about_token(request);
  if (path == kUserInfoPath) return userinfo(request);
  return fail(Why::kNotFound, "no such endpoint");
}

}  // namespace latchkey::dialects::oauth2
