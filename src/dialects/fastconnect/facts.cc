#include "dialects/fastconnect/codec.h"
#include "dialects/fastconnect/fastconnect.h"
#include "dialects/fastconnect/openapi.h"

#include "base/json.h"

namespace latchkey::dialects::fastconnect {
namespace {

using Kind = dialect::Setting::Kind;

constexpr dialect::Traits kTraits{
    .name = "fastconnect",
    .title = "SSI FastConnect",
    .base_url = "https://api.ssi.com.vn",
    .presence = dialect::Presence::kOtp,
    .rotation = engine::Rotation::kSingleUse,
    .single_session = true,
    .access_lifetime = Seconds{8 * 3600},
    .refresh_lifetime = Seconds{24 * 3600},
    .refresh_from_access_end = true,
    .otp_poll = Seconds{5},
    .otp_patience = Seconds{60},
    .proof_method = "GET",
    .proof_path = "/api/v3/account/info",
};

constexpr dialect::Setting kSettings[] = {
    {"access_lifetime", Kind::kDuration, "8h", "how long an access token lives"},
    {"refresh_lifetime", Kind::kDuration, "24h",
     "how long a refresh token outlives its access token"},
    {"jwt_alg", Kind::kText, "HS256",
     "how access tokens are signed; only the sample's header says HS256", "HS256|ES256|RS256"},
    {"single_session", Kind::kBool, "true", "a login ends the other sessions of its apiKey"},
    {"replay_window", Kind::kDuration, "0s",
     "how long a spent refresh token gets the same answer once more; the provider has no such "
     "window"},
    {"grant_lifetime", Kind::kDuration, "0s",
     "how long after its login a session is over, however often it is refreshed; 0s: no end"},
    {"idle_lifetime", Kind::kDuration, "0s",
     "how long a session may go without a refresh; 0s: as long as its tokens live"},
    {"client_flood_per_second", Kind::kInt, "0",
     "requests a second above which a client is suspended until an operator enables it; 0: off"},
    {"refresh_ends_access", Kind::kBool, "true", "a refresh ends the access token before it"},
    {"otp_success_code", Kind::kText, "200",
     "the code of a successful requestOtp: the documentation says 0, the SDK from 3.3.0 wants 200",
     "200|0"},
    {"transaction_id_in", Kind::kText, "top",
     "where requestOtp puts a push's transactionId: beside the code or under data", "top|data"},
    {"token_body", Kind::kText, "flat", "whether the tokens stand under data", "flat|data"},
    {"expiry_type", Kind::kText, "number",
     "the JSON type of expiresAt: the API reference says string, the samples are numbers",
     "number|string"},
    {"pending_status", Kind::kText, "202", "the HTTP status of a push that waits", "202|401"},
    {"otp_required", Kind::kBool, "false",
     "refuse a login without OTP (400103) instead of giving a token that reaches data only"},
    {"language", Kind::kText, "en",
     "the language of msg when the request names none, and the one that a broker asks for",
     "en|vi"},
    {"otp_lifetime", Kind::kDuration, "5m", "how long a code that was sent is good"},
    {"push_lifetime", Kind::kDuration, "60s", "how long a push waits for its answer"},
};

constexpr dialect::Question kQuestions[] = {
    {.name = "api_key", .label = "API key"},
    {.name = "api_secret", .label = "API secret", .secret = true},
};

std::function<std::string(std::string_view)> header_of(const std::string& alg) {
  return
      [alg](std::string_view) { return json::write(json::Object{{"alg", alg}, {"typ", "JWT"}}); };
}

// {"sub":"0011220","clientId":…,"scope":"data trade","iat":…,"exp":…,"jti":"…"}
std::string claims(const engine::JwtFacts& facts) {
  const bool may_trade = facts.grant.tier == "trade";
  return json::write(json::Object{{"sub", facts.grant.client.text},
                                  {"clientId", facts.subject.login.text},
                                  {"scope", may_trade ? "data trade" : "data"},
                                  {"iat", epoch(facts.issued)},
                                  {"exp", epoch(facts.until)},
                                  {"jti", facts.id}});
}

struct DemoAccount {
  std::string_view key, secret, name, owner, accounts, address, seed;
  engine::OtpKind otp;
};

constexpr DemoAccount kDemo[] = {
    {"demo-sms-key", "demo-sms-secret", "OTP by SMS", "001122",
     "0011221:Cash 0011226:Margin 0011228:Derivative", "+84 900 000 001", "",
     engine::OtpKind::kOutbox},
    {"demo-smart-key", "demo-smart-secret", "Smart OTP, typed", "001133",
     "0011331:Cash 0011336:Margin", "", "latchkey-demo-totp-0", engine::OtpKind::kTyped},
    {"demo-push-key", "demo-push-secret", "Smart OTP, push", "001144", "0011441:Cash", "", "",
     engine::OtpKind::kPush},
};

class FastConnect final : public dialect::Dialect {
 public:
  const dialect::Traits& traits() const override { return kTraits; }
  std::span<const dialect::Setting> settings() const override { return kSettings; }
  std::span<const dialect::Question> questions() const override { return kQuestions; }

  std::unique_ptr<dialect::Codec> codec(const dialect::Settings& settings,
                                        const dialect::Keyring*) const override {
    return std::make_unique<Codec>(Manner::of(settings));
  }

  dialect::Traits traits_under(const dialect::Settings& settings) const override {
    dialect::Traits traits = kTraits;
    traits.replay_window = settings.duration("replay_window");
    return traits;
  }

  engine::Policy policy(const dialect::Settings& settings) const override {
    engine::Policy policy;
    policy.login = engine::LoginKind::kClientSecret;
    policy.access_form = engine::TokenForm::kJwt;
    policy.refresh_form = engine::TokenForm::kOpaque;
    policy.jwt = {.alg = *crypto::parse_alg(settings.text("jwt_alg")),
                  .header = header_of(settings.text("jwt_alg")),
                  .payload = claims};
    policy.access_lifetime = settings.duration("access_lifetime");
    policy.refresh_lifetime = settings.duration("refresh_lifetime");
    policy.refresh_from_access_end = true;
    policy.rotation = engine::Rotation::kSingleUse;
    policy.on_replay = engine::OnReplay::kRevokeClient;
    policy.replay_window = settings.duration("replay_window");
    policy.grant_lifetime = settings.duration("grant_lifetime");
    policy.idle_lifetime = settings.duration("idle_lifetime");
    policy.client_flood_per_second = static_cast<int>(settings.number("client_flood_per_second"));
    policy.single_session = settings.flag("single_session");
    policy.refresh_ends_access = settings.flag("refresh_ends_access");
    policy.tier = "data";
    policy.tier_with_otp = "trade";
    policy.otp_lifetime = settings.duration("otp_lifetime");
    policy.push_lifetime = settings.duration("push_lifetime");
    return policy;
  }

  engine::Messages messages() const override {
    return {.otp =
                [](const engine::Client&, const Secret& code) {
                  return "FastConnect: ma OTP cua ban la / your OTP is " +
                         std::string(code.reveal());
                },
            .push =
                [](const engine::Client& client) {
                  return "FastConnect: cho phep API key / allow API key " + client.id.text + "?";
                }};
  }

  std::string_view openapi() const override { return fastconnect::openapi(); }

  dialect::Demo demo() const override {
    dialect::Demo demo;
    for (const DemoAccount& account : kDemo) {
      demo.subjects.push_back(
          {.subject = {.login = SubjectId(account.owner),
                       .name = std::string(account.name),
                       .attributes = {{"accounts", std::string(account.accounts)},
                                      {"balance", "100000000"}}}});
      demo.clients.push_back({.client = {.id = ClientId(account.key),
                                         .name = std::string(account.name),
                                         .owner = SubjectId(account.owner),
                                         .otp = account.otp,
                                         .otp_address = std::string(account.address)},
                              .secret = Secret(account.secret),
                              .totp_seed = Secret(account.seed)});
    }
    return demo;
  }

  // An OTP is not a question: whoever asks a person for it adds it to the answers.
  Result<engine::Operation> login(const dialect::Answers& answers) const override {
    for (const dialect::Question& question : kQuestions) {
      if (!dialect::answer(answers, question.name).empty()) continue;
      return fail(Why::kUsage, "fastconnect needs " + std::string(question.name));
    }
    return engine::Login{.client = {.id = ClientId(dialect::answer(answers, "api_key")),
                                    .secret = Secret(dialect::answer(answers, "api_secret"))},
                         .otp = Secret(dialect::answer(answers, "otp")),
                         .transaction_id = std::string(dialect::answer(answers, "transaction_id"))};
  }

  /// What any live token may call; account/info would refuse one without OTP.
  Result<engine::Operation> proof(const dialect::Answers&, const Secret& token) const override {
    return engine::Use{.bearer = token,
                       .resource = std::string(route_of(Endpoint::kSecurities).resource),
                       .arguments = {{"board", "HOSE"}}};
  }

  http::Headers token_headers(const dialect::Answers&, const Secret& token) const override {
    return {{"Authorization", "Bearer " + std::string(token.reveal())}};
  }
};

}  // namespace

const dialect::Dialect& dialect() {
  static const FastConnect kDialect;
  return kDialect;
}

}  // namespace latchkey::dialects::fastconnect
