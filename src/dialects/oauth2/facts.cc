#include "base/text.h"
#include "crypto/random.h"
#include "dialects/oauth2/actor.h"
#include "dialects/oauth2/claims.h"
#include "dialects/oauth2/client.h"
#include "dialects/oauth2/codec.h"
#include "dialects/oauth2/oauth2.h"
#include "dialects/oauth2/openapi.h"
#include "dialects/oauth2/pages.h"

namespace latchkey::dialects::oauth2 {
namespace {

using dialect::Question;
using dialect::Setting;
using Kind = Setting::Kind;

constexpr dialect::Traits kTraits{
    .name = "oauth2",
    .title = "OAuth 2 / OpenID Connect",
    .sandbox_prefix = "/oidc",
    .presence = dialect::Presence::kBrowser,
    .rotation = engine::Rotation::kSingleUse,
    .rotation_is_assumed = true,
    .proves_codes = true,
    .proof_path = kUserInfoPath,
};

constexpr Setting kSettings[] = {
    {"issuer", Kind::kText, "",
     "the URL that names this authority, as clients write it, without a slash at its end"},
    {"scopes", Kind::kText, "openid profile email phone offline_access",
     "that may be asked for, separated by spaces"},
    {"default_scope", Kind::kText, "openid", "what a client gets that asks for no scope"},
    {"audience", Kind::kText, "", "who a token is for that was asked for no resource; the issuer"},
    {"resources", Kind::kText, "",
     "what else a token may be for: URIs separated by spaces (RFC 8707)"},
    {"signing_alg", Kind::kText, "ES256", "what tokens are signed with", "ES256|RS256"},
    {"access_lifetime", Kind::kDuration, "10m", "how long an access token lives"},
    {"id_lifetime", Kind::kDuration, "5m", "how long an ID token says that it is good"},
    {"refresh_lifetime", Kind::kDuration, "30d", "how long a refresh token lives unless used"},
    {"code_lifetime", Kind::kDuration, "1m", "how long an authorization code may be used"},
    {"session_lifetime", Kind::kDuration, "1h", "how long a browser stays logged in"},
    {"grant_lifetime", Kind::kDuration, "365d",
     "how long after its login a grant is over, however often it is refreshed; 0s: no end"},
    {"idle_lifetime", Kind::kDuration, "0s",
     "how long a grant may go without a refresh; 0s: as long as its tokens live"},
    {"client_flood_per_second", Kind::kInt, "0",
     "requests a second above which a client is suspended until an operator enables it; 0: off"},
    {"replay_window", Kind::kDuration, "30s",
     "how long a spent refresh token gets the same answer once more; 0s: never"},
    {"pkce", Kind::kText, "public", "who must use PKCE: clients without a secret, or all",
     "public|all"},
    {"otp", Kind::kBool, "true",
     "whether a person who has a one-time password needs it to log in on the pages"},
    {"device", Kind::kBool, "true", "the device flow (RFC 8628)"},
    {"device_lifetime", Kind::kDuration, "10m", "how long a device waits for a person"},
    {"token_exchange", Kind::kBool, "false", "token exchange (RFC 8693)"},
    {"pushed_requests", Kind::kText, "offered",
     "authorization requests handed in beforehand (RFC 9126)", "off|offered|required"},
    {"dpop_nonce", Kind::kBool, "false",
     "a DPoP proof must hold a nonce that this authority gave (RFC 9449 section 8)"},
    {"registration", Kind::kText, "off",
     "clients may register themselves (RFC 7591): with a token of the scope client_registration, "
     "or anybody",
     "off|token|open"},
};

// Of the tokens with which a trusted client registers others.
constexpr std::string_view kRegistrationScope = "client_registration";

std::vector<std::string> words_of(std::string_view text) {
  auto words = split(text, ' ');
  std::erase(words, "");
  return words;
}

WireOptions options_of(const dialect::Settings& settings) {
  const auto& pushed = settings.text("pushed_requests");
  return {.issuer = settings.text("issuer"),
          .scopes = words_of(settings.text("scopes")),
          .signing_alg = settings.text("signing_alg"),
          .device = settings.flag("device"),
          .exchange = settings.flag("token_exchange"),
          .pushed = pushed != "off",
          .pushed_only = pushed == "required",
          .registration = settings.text("registration") != "off",
          .proof_nonce = settings.flag("dpop_nonce")};
}

engine::StandardPolicy standard_of(const dialect::Settings& settings, crypto::Alg alg) {
  const WireOptions wire = options_of(settings);
  const auto& audience = settings.text("audience");
  auto scopes = wire.scopes;
  const bool by_token = settings.text("registration") == "token";
  if (by_token) scopes.emplace_back(kRegistrationScope);
  return {.on = true,
          .issuer = wire.issuer,
          .scopes = std::move(scopes),
          .resources = words_of(settings.text("resources")),
          .audience = audience.empty() ? wire.issuer : audience,
          .pkce_for_all = settings.text("pkce") == "all",
          .id_token = id_form(wire.issuer, alg, settings.duration("id_lifetime")),
          .otp = settings.flag("otp"),
          .device = wire.device,
          .exchange = wire.exchange,
          .act = act_claim,
          .pushed = wire.pushed,
          .pushed_only = wire.pushed_only,
          .registration = wire.registration,
          .registration_scope = std::string(by_token ? kRegistrationScope : ""),
          .device_lifetime = settings.duration("device_lifetime"),
          .proof_nonce = wire.proof_nonce};
}

/// A client that signs (private_key_jwt), with a key of its own each time.
dialect::DemoClient signing_client(const std::vector<std::string>& uris) {
  const auto key = crypto::Key::generate(crypto::Alg::kEs256);
  json::Array keys;
  if (auto jwk = key.public_jwk("demo-key")) keys.emplace_back(*std::move(jwk));
  return {.client = {.id = ClientId("demo-signer"),
                     .name = "Demo application that signs",
                     .redirect_uris = uris,
                     .auth_method = "private_key_jwt",
                     .jwks = json::write(json::Object{{"keys", std::move(keys)}})},
          .private_key = key.export_private()};
}

class OAuth2 final : public dialect::Dialect {
 public:
  const dialect::Traits& traits() const override { return kTraits; }
  std::span<const Setting> settings() const override { return kSettings; }
  std::span<const Setting> profile_settings() const override { return client_settings(); }
  std::span<const Question> questions() const override { return client_questions(); }
  bool requires_answer(const Question& question, const dialect::Settings& settings) const override {
    return client_requires(question, settings);
  }

  std::unique_ptr<dialect::Codec> codec(const dialect::Settings& settings,
                                        const dialect::Keyring* keyring) const override {
    return std::make_unique<Codec>(options_of(settings), keyring);
  }

  dialect::Traits traits_under(const dialect::Settings& settings) const override {
    return client_traits(kTraits, settings);
  }
  const dialect::Issuer* issuer() const override { return &oauth2::issuer(); }

  engine::Policy policy(const dialect::Settings& settings) const override {
    const auto alg = crypto::parse_alg(settings.text("signing_alg")).value_or(crypto::Alg::kEs256);
    engine::Policy policy;
    policy.standard = standard_of(settings, alg);
    policy.access_form = engine::TokenForm::kJwt;
    policy.refresh_form = engine::TokenForm::kOpaque;
    policy.code_form = engine::TokenForm::kOpaque;
    policy.jwt = access_form(policy.standard.issuer, policy.standard.audience, alg);
    // A JWT says when it ends: no setting makes one that never does.
    policy.access_lifetime = std::max(settings.duration("access_lifetime"), Seconds{1});
    policy.refresh_lifetime = settings.duration("refresh_lifetime");
    policy.code_lifetime = settings.duration("code_lifetime");
    policy.session_lifetime = settings.duration("session_lifetime");
    policy.rotation = engine::Rotation::kSingleUse;
    policy.on_replay = engine::OnReplay::kRevokeFamily;
    policy.replay_window = settings.duration("replay_window");
    policy.grant_lifetime = settings.duration("grant_lifetime");
    policy.idle_lifetime = settings.duration("idle_lifetime");
    policy.client_flood_per_second = static_cast<int>(settings.number("client_flood_per_second"));
    policy.refresh_needs_client = true;
    policy.scope = settings.text("default_scope");
    return policy;
  }

  engine::Messages messages() const override {
    return {.otp = [](const engine::Client&, const Secret& code) {
      return "Your one-time code is " + std::string(code.reveal());
    }};
  }

  const dialect::Pages* pages() const override { return &oauth2::pages(); }
  std::string_view openapi() const override { return oauth2::openapi(); }
  const dialect::Pages* device_pages(const dialect::Settings& settings) const override {
    return settings.flag("device") ? &oauth2::device_pages() : nullptr;
  }
  dialect::Demo demo() const override;

  Result<engine::Operation> login(const dialect::Answers& answers) const override {
    const auto settings = TRY(dialect::Settings::make(client_settings()));
    return login_under(settings, answers);
  }
  Result<engine::Operation> login_under(const dialect::Settings& settings,
                                        const dialect::Answers& answers) const override {
    return client_login(settings, answers);
  }
  engine::Refresh refresh(const dialect::Answers& answers,
                          const Secret& refresh_token) const override {
    return client_refresh(answers, refresh_token);
  }
  Result<std::vector<engine::Operation>> proofs(const dialect::Answers& answers,
                                                const Secret& token) const override {
    return client_proofs(answers, token);
  }
  http::Headers token_headers(const dialect::Answers&, const Secret& token) const override {
    return {{"Authorization", "Bearer " + std::string(token.reveal())}};
  }
};

// A person, one who is sent a code for the second step, and a client of every kind.
dialect::Demo OAuth2::demo() const {
  dialect::Demo demo;
  demo.subjects.push_back(
      {.subject = {.login = SubjectId("demo"),
                   .name = "Demo User",
                   .attributes = {{"email", "demo@example.org"}, {"locale", "en"}}},
       .password = Secret("demo-password")});
  demo.subjects.push_back(
      {.subject = {.login = SubjectId("demo-otp"),
                   .name = "Demo User with a second step",
                   .attributes = {{"email", "demo-otp@example.org"}, {"locale", "en"}},
                   .otp = engine::OtpKind::kOutbox,
                   .otp_address = "demo-otp@example.org"},
       .password = Secret("demo-otp-password")});
  const std::vector<std::string> uris{"http://127.0.0.1:8000/cb", "http://127.0.0.1:18000/cb",
                                      "http://127.0.0.1:28000/cb"};
  demo.clients.push_back({.client = {.id = ClientId("demo-web"),
                                     .name = "Demo web application",
                                     .redirect_uris = uris},
                          .secret = Secret("demo-web-secret")});
  demo.clients.push_back({.client = {.id = ClientId("demo-native"),
                                     .name = "Demo native application",
                                     .redirect_uris = {"http://127.0.0.1/cb"},
                                     .auth_method = "none",
                                     .native = true}});
  demo.clients.push_back({.client = {.id = ClientId("demo-service"),
                                     .name = "Demo service",
                                     .grants = {std::string(kClientGrant)}},
                          .secret = Secret("demo-service-secret")});
  demo.clients.push_back(signing_client(uris));
  return demo;
}

}  // namespace

const dialect::Dialect& dialect() {
  static const OAuth2 kOAuth2;
  return kOAuth2;
}

}  // namespace latchkey::dialects::oauth2
