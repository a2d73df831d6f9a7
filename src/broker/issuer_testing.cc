#include "broker/issuer_testing.h"

#include <algorithm>

#include "crypto/digest.h"
#include "dialects/oauth2/assertion.h"
#include "dialects/oauth2/dpop.h"
#include "dialects/oauth2/oauth2.h"

namespace latchkey::broker::testing {
namespace {

constexpr std::string_view kId = "https://id.example";
constexpr std::string_view kTokens = "https://tokens.example";

/// One broker's way to one of its hosts.
class Way final : public http::Client {
 public:
  Way(ToyIssuer& issuer, std::string origin) : issuer_(issuer), origin_(std::move(origin)) {}
  Result<http::Response> send(const http::Request& request) override {
    return issuer_.serve(origin_, request);
  }

 private:
  ToyIssuer& issuer_;
  const std::string origin_;
};

http::Response refused(int status, std::string_view error) {
  return http::json_response(status, json::write(json::Object{{"error", error}}));
}

std::string param(const http::Pairs& pairs, std::string_view name) {
  const std::string* found = http::find_param(pairs, name);
  return found == nullptr ? "" : *found;
}

}  // namespace

ToyIssuer::ToyIssuer() : key_(crypto::Key::generate(crypto::Alg::kEs256)) {}

World ToyIssuer::world(Variables variables) {
  World world;
  world.clock = &clock;
  world.connect = [this](const Profile&,
                         const std::string& url) -> Result<std::unique_ptr<http::Client>> {
    return std::make_unique<Way>(*this, url);
  };
  world.wait = [this](Seconds pause) { clock.advance(pause); };
  world.environment = environment(std::move(variables));
  world.uptime = [this] { return clock.uptime(); };
  return world;
}

Profile ToyIssuer::profile(const std::map<std::string, std::string>& settings) const {
  const auto& dialect = dialects::oauth2::dialect();
  auto profile = profile_of(
      dialect,
      {{"client_id", "me"}, {"issuer", std::string(kId)}, {"scope", "openid offline_access"}});
  profile.settings = dialect::Settings::make(dialect.profile_settings(), settings).value();
  profile.base_url = profile.api_url = kId;
  return profile;
}

std::function<Result<http::Target>(const http::Target&, const std::string&)> ToyIssuer::browser() {
  return [this](const http::Target& url, const std::string& redirect_uri) -> Result<http::Target> {
    brought.push_back(http::write_form(url.query));
    const std::string pushed = param(url.query, "request_uri");
    if (only_pushed && pushed.empty())
      return fail(Why::kMalformed, "it takes pushed requests only");
    const http::Pairs asked = pushed.empty() ? url.query : pushed_[pushed];
    const std::string code = "code" + std::to_string(++issued_);
    codes_[code] = {param(asked, "code_challenge"), param(asked, "nonce"), redirect_uri,
                    param(asked, "dpop_jkt")};
    http::Target back{
        "/cb", {{"code", code}, {"state", param(asked, "state")}, {"iss", std::string(kId)}}};
    if (mends_callback) mends_callback(back.query);
    return back;
  };
}

int ToyIssuer::count(std::string_view path) const {
  return static_cast<int>(
      std::ranges::count_if(seen, [&](const std::string& one) { return one.ends_with(path); }));
}

Result<http::Response> ToyIssuer::serve(const std::string& origin, const http::Request& request) {
  const std::string& path = request.target.path;
  auto& waiting = faults_[path];
  const Fault fault = waiting.empty() ? Fault::kNone : waiting.front();
  if (!waiting.empty()) waiting.pop_front();
  if (fault == Fault::kUnreachable) return fail(Why::kUnavailable, "no connection");
  seen.push_back(request.method + " " + origin + path);
  const bool about_tokens = path == "/token" || path == "/par" || path == "/revoke" ||
                            path == "/introspect" || path == "/userinfo" ||
                            path == "/device_authorization";
  if (origin != (about_tokens ? kTokens : kId)) return http::Response{404, {}, {}};
  const auto wrong = judge_proof(origin + path, request);
  auto reply = wrong ? *wrong : answer(path, request);
  if (fault == Fault::kAnswerLost) return fail(Why::kNoAnswer, "no answer in time");
  return reply;
}

http::Response ToyIssuer::describe(const std::string& path) const {
  const bool openid = path == "/.well-known/openid-configuration";
  if (openid && only_oauth_address) return {404, {}, {}};
  const auto at = [](std::string_view origin, const char* where) {
    return std::string(origin) + where;
  };
  json::Object described{{"issuer", name_in_description},
                         {"authorization_endpoint", at(kId, "/authorize")},
                         {"token_endpoint", at(kTokens, "/token")},
                         {"device_authorization_endpoint", at(kTokens, "/device_authorization")},
                         {"revocation_endpoint", at(kTokens, "/revoke")},
                         {"introspection_endpoint", at(kTokens, "/introspect")},
                         {"userinfo_endpoint", at(kTokens, "/userinfo")},
                         {"jwks_uri", at(kId, "/keys")},
                         {"authorization_response_iss_parameter_supported", true}};
  if (takes_pushed || only_pushed)
    described.add("pushed_authorization_request_endpoint", at(kTokens, "/par"));
  if (only_pushed) described.add("require_pushed_authorization_requests", true);
  return http::json_response(200, json::write(described));
}

bool ToyIssuer::is_signed(const http::Pairs& form) {
  const auto said = dialects::oauth2::verify_assertion(Secret(param(form, "client_assertion")),
                                                       ClientId("me"), client_keys, kId);
  return said && said->until > clock.now() && assertions.insert(said->id).second;
}

bool ToyIssuer::knows(const http::Request& request, const http::Pairs& form) {
  if (!client_keys.empty()) return is_signed(form);
  const std::string* header = request.headers.find("Authorization");
  if (header == nullptr) return param(form, "client_id") == "me";
  return *header == "Basic " + to_base64(bytes_of("me:" + secret));
}

http::Response ToyIssuer::answer(const std::string& path, const http::Request& request) {
  if (path.starts_with("/.well-known/")) return describe(path);
  if (path == "/keys")
    return http::json_response(
        200, json::write(json::Object{{"keys", json::Array{key_.public_jwk("k1").value()}}}));
  if (path == "/api") return api(request);
  if (path == "/userinfo")
    return active ? http::json_response(200, R"({"sub":"somebody"})") : http::Response{401, {}, {}};
  const auto form = http::parse_form(request.body).value();
  if (!knows(request, form)) return refused(401, "invalid_client");
  if (path == "/token") return token(form);
  if (path == "/par") return push(form);
  if (path == "/revoke") {
    revoked.push_back(param(form, "token"));
    return {200, {}, {}};
  }
  if (path == "/introspect")
    return http::json_response(200, json::write(json::Object{{"active", active}}));
  return http::json_response(
      200,
      R"({"device_code":"d","user_code":"WDJB-MJHT","verification_uri":"https://id.example/device",)"
      R"("verification_uri_complete":"https://id.example/device?user_code=WDJB-MJHT",)"
      R"("expires_in":600,"interval":5})");
}

std::optional<http::Response> ToyIssuer::judge_proof(const std::string& where,
                                                     const http::Request& request) {
  shown_.clear();
  const auto proof = dialects::oauth2::proof_of(request, where);
  const auto came_before = [&](const auto& one) { return one.id == (*proof)->id; };
  if (!proof || (*proof && std::ranges::any_of(proofs, came_before)))
    return refused(400, "invalid_dpop_proof");
  if (!*proof) return std::nullopt;
  if (!content) proof_nonce += "+";
  if ((*proof)->nonce != proof_nonce || repeats_nonce) {
    clock.advance(refusal_takes);
    auto response = refused(request.method == "POST" ? 400 : 401, "use_dpop_nonce");
    response.headers.add("DPoP-Nonce", proof_nonce)
        .add("WWW-Authenticate", R"(DPoP error="use_dpop_nonce")");
    return response;
  }
  proofs.push_back(**proof);
  shown_ = (*proof)->thumbprint;
  return std::nullopt;
}

/// Gives what it holds to whoever shows the newest token, and that he has its key.
http::Response ToyIssuer::api(const http::Request& request) const {
  if (!api_says.empty())
    return {401, {{"WWW-Authenticate", "DPoP error=\"" + api_says + "\""}}, {}};
  const std::string token = "access" + std::to_string(issued_);
  const std::string* header = request.headers.find("Authorization");
  const bool right =
      header != nullptr && *header == (bound_.empty() ? "Bearer " : "DPoP ") + token &&
      shown_ == bound_ &&
      (bound_.empty() || proofs.back().token_hash == dialects::oauth2::token_hash(Secret(token)));
  return right ? http::json_response(200, R"({"orders":7})") : http::Response{401, {}, {}};
}

http::Response ToyIssuer::push(const http::Pairs& form) {
  const std::string name = "urn:ietf:params:oauth:request_uri:" + std::to_string(++issued_);
  pushed_[name] = form;
  if (!shown_.empty()) pushed_[name].emplace_back("dpop_jkt", shown_);
  return http::json_response(201,
                             json::write(json::Object{{"request_uri", name}, {"expires_in", 60}}));
}

http::Response ToyIssuer::token(const http::Pairs& form) {
  const std::string grant = param(form, "grant_type");
  if (grant == "client_credentials") return issue(false, "", false);
  if (grant == "refresh_token") return refresh(param(form, "refresh_token"));
  if (grant != "authorization_code") {
    const std::string error = device_answers.empty() ? "expired_token" : device_answers.front();
    if (!device_answers.empty()) device_answers.pop_front();
    return error.empty() ? issue(true, "", true) : refused(400, error);
  }
  const auto login = codes_.find(param(form, "code"));
  if (login == codes_.end()) return refused(400, "invalid_grant");
  const auto proof = to_base64url(crypto::sha256(bytes_of(param(form, "code_verifier"))));
  const auto& thumbprint = login->second.thumbprint;
  const bool proved = proof == login->second.challenge &&
                      param(form, "redirect_uri") == login->second.redirect_uri &&
                      (thumbprint.empty() || thumbprint == shown_);
  const std::string nonce = login->second.nonce;
  codes_.erase(login);
  if (!proved) return refused(400, "invalid_grant");
  ++codes_proved;
  return issue(true, nonce, true);
}

http::Response ToyIssuer::refresh(const std::string& token) {
  if (answers_again && spent_.contains(token)) return spent_[token];
  if (spent_.contains(token)) ++reused;
  if (token != refresh_token_ || shown_ != bound_) return refused(400, "invalid_grant");
  const auto reply = issue(rotates, "", false);
  if (rotates) spent_[token] = reply;
  return reply;
}

http::Response ToyIssuer::issue(bool with_refresh, const std::string& nonce, bool with_id_token) {
  const std::string number = std::to_string(++issued_);
  bound_ = binds ? shown_ : std::string();
  json::Object body{{"access_token", "access" + number},
                    {"token_type", bound_.empty() ? "bearer" : "DPoP"},
                    {"expires_in", lifetime.count()}};
  if (with_refresh) {
    refresh_token_ = "refresh" + number;
    body.add("refresh_token", refresh_token_);
  }
  if (!with_id_token) return http::json_response(200, json::write(body));
  json::Object claims{{"iss", kId},
                      {"aud", "me"},
                      {"sub", "somebody"},
                      {"exp", epoch(clock.now()) + 300},
                      {"iat", epoch(clock.now())}};
  if (!nonce.empty()) claims.add("nonce", nonce);
  if (mends_claims) mends_claims(claims);
  const std::string header = json::write(json::Object{{"alg", "ES256"}, {"kid", kid}});
  body.add("id_token",
           std::string(crypto::sign_compact(key_, header, json::write(claims)).reveal()));
  return http::json_response(200, json::write(body));
}

}  // namespace latchkey::broker::testing
