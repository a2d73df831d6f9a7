#include <algorithm>

#include "dialects/oauth2/dpop.h"
#include "dialects/oauth2/wire.h"

namespace latchkey::dialects::oauth2 {
namespace {

struct Refusal {
  int status = 400;
  std::string_view error = {};
};

bool is_device_poll(const dialect::Asked& asked) {
  return asked.operation && std::holds_alternative<engine::PollDevice>(*asked.operation);
}

Refusal of_time(const dialect::Asked& asked) {
  if (is_device_poll(asked)) return {400, "expired_token"};
  return {400, "invalid_grant"};
}

bool about_token(Why why) {
  return why == Why::kBadCredentials || why == Why::kForbidden || why == Why::kOtpRequired ||
         why == Why::kOtpWrong || why == Why::kInvalidToken || why == Why::kExpired ||
         why == Why::kRevoked || why == Why::kReplayed;
}

/// RFC 6749 section 5.2, and where it is another standard's word, that.
Refusal refusal_of(const dialect::Asked& asked, Why why) {
  const std::string& path = asked.request.target.path;
  if (path == kRegisterPath && why == Why::kForbidden) return {400, "invalid_redirect_uri"};
  if (path == kRegisterPath && why == Why::kMalformed) return {400, "invalid_client_metadata"};
  if (path == kRegisterPath && about_token(why)) return {401, "invalid_token"};
  if (path == kPushPath && why == Why::kUnsupported) return {400, "unsupported_response_type"};
  switch (why) {
    case Why::kMalformed: return {400, "invalid_request"};
    case Why::kUnsupported: return {400, "unsupported_grant_type"};
    case Why::kNotFound:  // RFC 8707; a path that is not there
      if (asked.operation == nullptr && !allows_scripts(asked.request.target.path))
        return {404, "invalid_request"};
      return {400, "invalid_target"};
    case Why::kConflict: return {400, "invalid_scope"};
    case Why::kBadCredentials: return {401, "invalid_client"};
    case Why::kOtpRequired:  // RFC 9449 sections 5 and 8
      return {400, asked.request.headers.find("DPoP") ? "use_dpop_nonce" : "invalid_dpop_proof"};
    case Why::kOtpWrong: return {400, "invalid_dpop_proof"};
    case Why::kPending: return {400, "authorization_pending"};
    case Why::kDeclined: return {400, "access_denied"};
    case Why::kForbidden: return {400, "unauthorized_client"};
    case Why::kInvalidToken:
    case Why::kRevoked:
    case Why::kReplayed: return {400, "invalid_grant"};
    case Why::kExpired: return of_time(asked);
    case Why::kTooMany:
      if (is_device_poll(asked)) return {400, "slow_down"};
      return {429, "temporarily_unavailable"};
    case Why::kUnavailable: return {503, "temporarily_unavailable"};
    case Why::kPersonNeeded:
    case Why::kUnknownName:
    case Why::kPolicy:
    case Why::kStore:
    case Why::kNoAnswer:
    case Why::kLostRotation:
    case Why::kBadResponse:
    case Why::kUsage:
    case Why::kBug: return {500, "server_error"};
  }
  return {500, "server_error"};
}

/// The same at the authorization endpoint (RFC 6749 section 4.1.2.1, OpenID Connect
/// Core section 3.1.2.6).
std::string_view redirected_error(Why why) {
  switch (why) {
    case Why::kMalformed: return "invalid_request";
    case Why::kUnsupported: return "unsupported_response_type";
    case Why::kNotFound: return "invalid_target";
    case Why::kConflict: return "invalid_scope";
    case Why::kForbidden: return "unauthorized_client";
    case Why::kDeclined: return "access_denied";
    case Why::kPersonNeeded: return "login_required";
    case Why::kPending: return "consent_required";
    case Why::kTooMany:
    case Why::kUnavailable: return "temporarily_unavailable";
    case Why::kBadCredentials:
    case Why::kOtpRequired:
    case Why::kOtpWrong:
    case Why::kInvalidToken:
    case Why::kExpired:
    case Why::kRevoked:
    case Why::kReplayed:
    case Why::kUnknownName:
    case Why::kPolicy:
    case Why::kStore:
    case Why::kNoAnswer:
    case Why::kLostRotation:
    case Why::kBadResponse:
    case Why::kUsage:
    case Why::kBug: return "server_error";
  }
  return "server_error";
}

http::Response write(const Refusal& refusal, const Error& error) {
  json::Object body{{"error", refusal.error}};
  if (!error.say.empty() && refusal.status < 500) body.add("error_description", error.say);
  auto response = http::json_response(refusal.status, json::write(body));
  response.headers.add("Pragma", "no-cache");
  const auto wait = std::max<long long>(error.retry_after.count(), refusal.status == 503 ? 1 : 0);
  if (wait > 0) response.headers.add("Retry-After", std::to_string(wait));
  return response;
}

http::Response wrong_method(const http::Request& request, const Error& error) {
  auto response = write({405, "invalid_request"}, error);
  const std::string& path = request.target.path;
  response.headers.add("Allow", path == kUserInfoPath    ? "GET, POST"
                                : path == kAuthorizePath ? "GET"
                                                         : "POST");
  return response;
}

http::Response redirect(const WireOptions& options, const dialect::Asked& asked,
                        const Error& error) {
  const auto& authorize = std::get<engine::Authorize>(*asked.operation);
  http::Pairs query{{"error", std::string(redirected_error(error.why))}};
  if (!error.say.empty()) query.emplace_back("error_description", error.say);
  // The state as it came; a doubled one is nobody's, and a refused one is not repeated.
  const auto& all = asked.request.target.query;
  const auto is_state = [](const auto& pair) { return pair.first == "state"; };
  if (std::ranges::count_if(all, is_state) < 2 && !authorize.state.empty() &&
      is_plain(authorize.state, kLongestState))
    query.emplace_back("state", authorize.state);
  query.emplace_back("iss", options.issuer);  // checklist 12
  http::Response response{.status = 303};
  response.headers.add("Location", with_query(authorize.redirect_uri, query))
      .add("Cache-Control", "no-store");
  return response;
}

/// A protected call (RFC 6750 section 3.1, RFC 9449 section 7.1).
http::Response refuse_use(const engine::UserInfo& asked, const Error& error) {
  const auto challenge = [&](Refusal refusal, const std::string& parameters,
                             const char* scheme = "Bearer") {
    auto response = write(refusal, error);
    response.headers.add("WWW-Authenticate", std::string(scheme) + " " + parameters);
    return response;
  };
  if (error.why == Why::kBadCredentials)
    return challenge({401, "invalid_token"}, "realm=\"latchkey\"");
  if (error.why == Why::kForbidden)
    return challenge({403, "insufficient_scope"}, "error=\"insufficient_scope\", scope=\"openid\"");
  if (error.why != Why::kOtpWrong && error.why != Why::kOtpRequired)
    return challenge({401, "invalid_token"}, "error=\"invalid_token\"");
  std::string algs;
  for (const auto alg : proof_algorithms()) algs += (algs.empty() ? "" : " ") + std::string(alg);
  const std::string word = error.why == Why::kOtpRequired && asked.dpop ? "use_dpop_nonce"
                           : asked.dpop                                 ? "invalid_dpop_proof"
                                                                        : "invalid_token";
  return challenge({401, word}, "error=\"" + word + "\", algs=\"" + algs + "\"", "DPoP");
}

}  // namespace

http::Response write_refusal(const WireOptions& options, const dialect::Asked& asked,
                             const Error& error) {
  const bool authorize =
      asked.operation && std::holds_alternative<engine::Authorize>(*asked.operation);
  if (authorize && asked.may_redirect) return redirect(options, asked, error);
  const std::string& path = asked.request.target.path;
  if (!asked.operation && !has_endpoint(options, path))
    return write({404, "invalid_request"}, error);
  const bool no_grant = (path == kTokenPath || path == kPushPath) && asked.request.method == "POST";
  if (error.why == Why::kUnsupported && !asked.operation && !no_grant && path != kAuthorizePath)
    return wrong_method(asked.request, error);
  if (error.why == Why::kUnsupported && path == kAuthorizePath && asked.request.method != "GET")
    return wrong_method(asked.request, error);
  const auto* userinfo = asked.operation ? std::get_if<engine::UserInfo>(asked.operation) : nullptr;
  static const engine::UserInfo kUnread;
  if (userinfo == nullptr && path == kUserInfoPath) userinfo = &kUnread;
  if (userinfo != nullptr && about_token(error.why)) return refuse_use(*userinfo, error);
  auto response = write(refusal_of(asked, error.why), error);
  // checklist 29: who tried a header is told which scheme there is
  if (response.status == 401 && asked.request.headers.find("Authorization") != nullptr)
    response.headers.add("WWW-Authenticate", "Basic realm=\"latchkey\"");
  return response;
}

}  // namespace latchkey::dialects::oauth2
