#include "crypto/random.h"
#include "dialects/sinopac/codec.h"
#include "dialects/sinopac/openapi.h"
#include "dialects/sinopac/pages.h"
#include "dialects/sinopac/sinopac.h"

namespace latchkey::dialects::sinopac {
namespace {

using dialect::answer;
using dialect::Question;
using dialect::Setting;
using Kind = Setting::Kind;

constexpr std::string_view kDemoRedirect = "http://127.0.0.1:8000/cb";

constexpr dialect::Traits kTraits{
    .name = "sinopac",
    .title = "Sinopac OAuth2",
    .base_url = "https://webrd.sinotrade.com.tw",
    .presence = dialect::Presence::kBrowser,
    .rotation = engine::Rotation::kSingleUse,
    .access_lifetime = Seconds{86400},
    .refresh_lifetime = Seconds{86400},
    .refresh_from_access_end = true,
    .proof_method = "POST",
    .proof_path = kTestTokenPath,
};

constexpr Setting kSettings[] = {
    {"code_lifetime", Kind::kDuration, "5m", "how long an authorization code may be used"},
    {"access_lifetime", Kind::kDuration, "24h", "how long an access token lives"},
    {"refresh_tail", Kind::kDuration, "24h",
     "how long a refresh token outlives the access token that it came with"},
    {"session_lifetime", Kind::kDuration, "1h", "how long a browser stays logged in"},
    {"rotation", Kind::kText, "single-use",
     "whether a refresh spends the old refresh token, as the provider's library does",
     "single-use|reissue"},
    {"replay_window", Kind::kDuration, "0s",
     "how long a spent refresh token gets the same answer once more; the provider documents none"},
    {"grant_lifetime", Kind::kDuration, "0s",
     "how long after its login a session is over, however often it is refreshed; 0s: no end"},
    {"idle_lifetime", Kind::kDuration, "0s",
     "how long a session may go without a refresh; 0s: as long as its tokens live"},
    {"client_flood_per_second", Kind::kInt, "0",
     "requests a second above which a client is suspended until an operator enables it; 0: off"},
    {"on_replay", Kind::kText, "refuse",
     "what a spent refresh token does: the library only refuses it; revoke ends the family",
     "refuse|revoke"},
    {"strict_state", Kind::kBool, "false",
     "refuse a state that is not letters and digits, as the provider's text demands"},
    {"authorize_grant_type", Kind::kText, "optional",
     "whether the authorize request must name its grant_type; another value is always refused",
     "optional|required"},
};

constexpr Question kQuestions[] = {
    {.name = "client_id", .label = "Client id"},
    {.name = "client_secret", .label = "Client secret", .secret = true, .renewal = true},
    {.name = "redirect_uri", .label = "Redirect URI, as it is registered", .required = false},
};

/// Long enough that nobody guesses it; letters and digits only, as the provider
/// demands.
constexpr std::size_t kStateBytes = 20;

class Sinopac final : public dialect::Dialect {
 public:
  const dialect::Traits& traits() const override { return kTraits; }
  std::span<const Setting> settings() const override { return kSettings; }
  std::span<const Question> questions() const override { return kQuestions; }

  std::unique_ptr<dialect::Codec> codec(const dialect::Settings& settings,
                                        const dialect::Keyring*) const override {
    return std::make_unique<Codec>(
        WireOptions{.strict_state = settings.flag("strict_state"),
                    .needs_grant_type = settings.text("authorize_grant_type") == "required"});
  }

  dialect::Traits traits_under(const dialect::Settings& settings) const override {
    dialect::Traits traits = kTraits;
    traits.replay_window = settings.duration("replay_window");
    return traits;
  }

  engine::Policy policy(const dialect::Settings& settings) const override {
    engine::Policy policy;
    policy.login = engine::LoginKind::kNone;
    policy.access_form = engine::TokenForm::kHex40;
    policy.refresh_form = engine::TokenForm::kHex40;
    policy.code_form = engine::TokenForm::kHex40;
    policy.access_lifetime = settings.duration("access_lifetime");
    policy.refresh_lifetime = settings.duration("refresh_tail");
    policy.refresh_from_access_end = true;
    policy.code_lifetime = settings.duration("code_lifetime");
    policy.session_lifetime = settings.duration("session_lifetime");
    policy.rotation = settings.text("rotation") == "reissue" ? engine::Rotation::kReissue
                                                             : engine::Rotation::kSingleUse;
    policy.on_replay = settings.text("on_replay") == "revoke" ? engine::OnReplay::kRevokeFamily
                                                              : engine::OnReplay::kRefuse;
    policy.replay_window = settings.duration("replay_window");
    policy.grant_lifetime = settings.duration("grant_lifetime");
    policy.idle_lifetime = settings.duration("idle_lifetime");
    policy.client_flood_per_second = static_cast<int>(settings.number("client_flood_per_second"));
    policy.refresh_needs_client = true;
    return policy;
  }

  const dialect::Pages* pages() const override { return &sinopac::pages(); }

  std::string_view openapi() const override { return sinopac::openapi(); }

  dialect::Demo demo() const override {
    dialect::Demo demo;
    demo.subjects.push_back({.subject = {.login = SubjectId("DEMOUSER01"), .name = "Demo User"},
                             .password = Secret("demo-password")});
    engine::Client client{.id = ClientId("latchkey-demo"), .name = "Latchkey demo"};
    // Three, so that a busy port does not keep anybody from trying.
    client.redirect_uris = {std::string(kDemoRedirect), "http://127.0.0.1:18000/cb",
                            "http://127.0.0.1:28000/cb"};
    client.grants = {"authorization_code", "refresh_token"};
    demo.clients.push_back({.client = client, .secret = Secret("demo-client-secret")});
    return demo;
  }

  Result<engine::Operation> login(const dialect::Answers& answers) const override {
    const std::string_view client = answer(answers, "client_id");
    if (client.empty()) return fail(Why::kUsage, "sinopac: the client id is missing");
    if (answer(answers, "client_secret").empty())
      return fail(Why::kUsage, "sinopac: the client secret is missing");
    std::string redirect_uri(answer(answers, "redirect_uri"));
    if (redirect_uri.empty()) redirect_uri = kDemoRedirect;
    if (!looks_like_uri(redirect_uri))
      return fail(Why::kUsage, "sinopac: the redirect URI is not a URI");
    return engine::Authorize{.client = ClientId(client),
                             .redirect_uri = std::move(redirect_uri),
                             .state = std::string(crypto::random_hex(kStateBytes).reveal())};
  }

  Result<engine::Operation> proof(const dialect::Answers&, const Secret& token) const override {
    return engine::Use{.bearer = token, .resource = std::string(kTestToken)};
  }

  http::Headers token_headers(const dialect::Answers&, const Secret& token) const override {
    return {{"Authorization", "Bearer " + std::string(token.reveal())}};
  }
};

}  // namespace

const dialect::Dialect& dialect() {
  static const Sinopac kSinopac;
  return kSinopac;
}

}  // namespace latchkey::dialects::sinopac
