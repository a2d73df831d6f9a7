#include "dialects/oauth2/client.h"

#include <algorithm>

#include "base/text.h"
#include "dialects/oauth2/client_key.h"

namespace latchkey::dialects::oauth2 {
namespace {

using dialect::answer;
using dialect::Question;
using dialect::Setting;
using Kind = Setting::Kind;

constexpr std::string_view kDefaultRedirect = "http://127.0.0.1:8000/cb";

constexpr Setting kSettings[] = {
    {"flow", Kind::kText, "browser",
     "how to log in: in a browser here, on another device, or as the client itself",
     "browser|device|client_credentials"},
    {"auth_method", Kind::kText, "auto",
     "how the client proves who it is: by its secret (auto: as the issuer says), or by its key",
     "auto|client_secret_basic|client_secret_post|private_key_jwt"},
    {"pushed_requests", Kind::kText, "offered",
     "whether the issuer is told beforehand what a browser will ask (RFC 9126): where it offers "
     "that, or only where it demands it",
     "offered|demanded"},
    {"dpop", Kind::kBool, "false",
     "whether a login's tokens are bound to a key of its own, which stays in the vault (RFC 9449)"},
    {"rotation", Kind::kText, "learn",
     "whether a refresh token is good for one use; learn: taken to be, until a renewal gives no "
     "other",
     "learn|single-use|reusable"},
    {"replay_window", Kind::kDuration, "0s",
     "how long the issuer gives a spent refresh token its answer again; most never do"},
    {"refresh_lifetime", Kind::kDuration, "0s",
     "how long a login lasts unless it is renewed, for status to show; 0s: nobody knows"},
};

constexpr Question kQuestions[] = {
    {.name = "client_id", .label = "Client id"},
    {.name = "client_secret",
     .label = "Client secret",
     .secret = true,
     .required = false,
     .renewal = true},
    {.name = "client_key",
     .label = "Client's private key, a JWK in one line",
     .secret = true,
     .required = false,
     .renewal = true},
    {.name = "issuer", .label = "Issuer, to the letter: https://…"},
    {.name = "scope", .label = "Scope, separated by spaces", .required = false},
    {.name = "resource", .label = "Resources (RFC 8707), separated by spaces", .required = false},
    {.name = "redirect_uri", .label = "Redirect URI, as it is registered", .required = false},
};

std::vector<std::string> words(std::string_view text) {
  auto parts = split(text, ' ');
  std::erase(parts, "");
  return parts;
}

engine::ClientKey client_of(const dialect::Answers& answers) {
  engine::ClientKey client;
  client.id = ClientId(answer(answers, "client_id"));
  client.secret = Secret(answer(answers, "client_secret"));
  return client;
}

/// Before anybody is sent to a browser.
Result<> check_key(const dialect::Settings& settings, const dialect::Answers& answers) {
  const auto key = answers.find("client_key");
  const bool has_key = key != answers.end() && !key->second.empty();
  const bool signs = settings.text("auth_method") == kPrivateKeyJwt;
  if (has_key && !signs)
    return fail(Why::kUsage, R"(oauth2: a client_key is for auth_method = "private_key_jwt")");
  if (signs && !has_key) return fail(Why::kUsage, "oauth2: the client key is missing");
  if (signs) TRY(read_private_key(key->second));
  return {};
}

engine::Authorize authorize_of(const dialect::Answers& answers) {
  engine::Authorize authorize;
  authorize.client = ClientId(answer(answers, "client_id"));
  authorize.redirect_uri = answer(answers, "redirect_uri");
  if (authorize.redirect_uri.empty()) authorize.redirect_uri = kDefaultRedirect;
  authorize.scope = answer(answers, "scope");
  authorize.resources = words(answer(answers, "resource"));
  // OpenID Connect Core section 11: without it, no refresh token comes.
  const auto scopes = words(authorize.scope);
  if (std::ranges::find(scopes, "offline_access") != scopes.end()) authorize.prompt = {"consent"};
  return authorize;
}

}  // namespace

std::span<const Setting> client_settings() { return kSettings; }
std::span<const Question> client_questions() { return kQuestions; }

bool client_requires(const Question& question, const dialect::Settings& settings) {
  const auto& method = settings.text("auth_method");
  if (question.name == "client_key") return method == kPrivateKeyJwt;
  if (question.name != "client_secret") return question.required;
  if (method == kPrivateKeyJwt) return false;
  return settings.text("flow") == "client_credentials" || method != "auto";
}

dialect::Traits client_traits(dialect::Traits facts, const dialect::Settings& settings) {
  const auto& rotation = settings.text("rotation");
  facts.rotation_is_assumed = rotation == "learn";
  facts.rotation =
      rotation == "reusable" ? engine::Rotation::kReusable : engine::Rotation::kSingleUse;
  facts.replay_window = settings.duration("replay_window");
  const auto lifetime = settings.duration("refresh_lifetime");
  if (lifetime > Seconds{0}) facts.refresh_lifetime = lifetime;
  facts.presence = dialect::Presence::kBrowser;
  if (settings.text("flow") == "client_credentials") {
    facts.presence = dialect::Presence::kNone;
    facts.rotation = engine::Rotation::kNone;
    facts.rotation_is_assumed = false;
  }
  return facts;
}

Result<engine::Operation> client_login(const dialect::Settings& settings,
                                       const dialect::Answers& answers) {
  if (answer(answers, "client_id").empty())
    return fail(Why::kUsage, "oauth2: the client id is missing");
  TRY(check_key(settings, answers));
  const auto& flow = settings.text("flow");
  const std::string scope(answer(answers, "scope"));
  const auto resources = words(answer(answers, "resource"));
  if (flow == "browser") return authorize_of(answers);
  if (flow == "device")
    return engine::AuthorizeDevice{
        .client = client_of(answers), .scope = scope, .resources = resources};
  if (answer(answers, "client_secret").empty() && settings.text("auth_method") != kPrivateKeyJwt)
    return fail(Why::kUsage, "oauth2: the client secret is missing");
  return engine::ClientCredentials{
      .client = client_of(answers), .scope = scope, .resources = resources};
}

engine::Refresh client_refresh(const dialect::Answers& answers, const Secret& refresh_token) {
  engine::Refresh refresh;
  refresh.refresh_token = refresh_token;
  refresh.client = client_of(answers);
  refresh.resources = words(answer(answers, "resource"));
  return refresh;
}

std::vector<engine::Operation> client_proofs(const dialect::Answers& answers, const Secret& token) {
  std::vector<engine::Operation> proofs;
  const auto client = client_of(answers);
  const bool confidential = !client.secret.empty() || !answer(answers, "client_key").empty();
  if (confidential) proofs.emplace_back(engine::Introspect{client, token});
  proofs.emplace_back(engine::UserInfo{.bearer = token});
  return proofs;
}

}  // namespace latchkey::dialects::oauth2
