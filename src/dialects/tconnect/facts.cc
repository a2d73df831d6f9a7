#include <algorithm>

#include "base/json.h"
#include "crypto/random.h"
#include "dialects/tconnect/codec.h"
#include "dialects/tconnect/openapi.h"
#include "dialects/tconnect/tconnect.h"

namespace latchkey::dialects::tconnect {
namespace {

using Kind = dialect::Setting::Kind;

// The rotation is not documented. A broker assumes the strictest kind: what is
// spent as if it were good once is never lost by believing otherwise.
constexpr dialect::Traits kTraits{
    .name = "tconnect",
    .title = "TCONNECT Payment OpenAPI",
    .base_url = "https://sme-open-api-sandbox.tconnect.vn",
    .presence = dialect::Presence::kNone,
    .rotation = engine::Rotation::kSingleUse,
    .access_lifetime = Seconds{36000},
    .proof_method = "POST",
    .proof_path = "/openapi/v1/transaction/qr",
    .proof_body = R"({"from_date":"2026-01-01 00:00:00","to_date":"2099-12-31 23:59:59",)"
                  R"("limit":10,"page":1})",
};

constexpr dialect::Setting kSettings[] = {
    {"access_lifetime", Kind::kDuration, "10h", "how long an access token lives"},
    {"refresh_lifetime", Kind::kDuration, "24h",
     "how long a refresh token lives; the provider publishes no figure"},
    {"rotation", Kind::kText, "reissue",
     "reissue: a refresh gives a new token and the old one stays good; single-use: the old one is "
     "spent and its second use ends the session",
     "reissue|single-use"},
    {"replay_window", Kind::kDuration, "0s",
     "how long a spent refresh token gets the same answer once more; the provider documents none"},
    {"grant_lifetime", Kind::kDuration, "0s",
     "how long after its login a session is over, however often it is refreshed; 0s: no end"},
    {"idle_lifetime", Kind::kDuration, "0s",
     "how long a session may go without a refresh; 0s: as long as its tokens live"},
    {"client_flood_per_second", Kind::kInt, "0",
     "requests a second above which a client is suspended until an operator enables it; 0: off"},
    {"scope", Kind::kText, "profile email", "the scope that a login is given"},
    {"issuer", Kind::kText, "urn:latchkey:tconnect", "the \"iss\" of the tokens"},
    {"iv", Kind::kText, "prepended",
     "where the initialisation vector is: before the ciphertext, sixteen zeros, or the key's head",
     "prepended|zero|key"},
    {"unknown_partner_status", Kind::kText, "403", "the status for an unknown Partner-Code",
     "403|401"},
    {"error_style", Kind::kText, "oauth",
     "oauth: {\"error\",\"error_description\"}; plain: {\"code\",\"message\"}", "oauth|plain"},
    {"names_missing_field", Kind::kBool, "false",
     "name the field that a decrypted request lacks: handy while integrating, but it tells that "
     "the decryption succeeded"},
};

constexpr dialect::Question kQuestions[] = {
    {.name = "username", .label = "User name (e-mail)"},
    {.name = "password", .label = "Password", .secret = true, .keep = true},
    {.name = "client_id", .label = "Client id"},
    {.name = "client_secret", .label = "Client secret", .secret = true, .keep = true},
    {.name = "partner_code", .label = "Partner code"},
    {.name = "aes_key", .label = "AES key, hexadecimal", .secret = true, .renewal = true},
};

// {"exp":…,"iat":…,"jti":"…","iss":"…","sub":"…","typ":"Bearer","azp":"…","session_state":"…",
//  "scope":"…","preferred_username":"…"}; a refresh token has "typ":"Refresh" and no user name
std::string claims(const engine::JwtFacts& facts, const std::string& issuer) {
  const bool access = facts.kind == engine::TokenKind::kAccess;
  json::Object object{{"exp", epoch(facts.until)},
                      {"iat", epoch(facts.issued)},
                      {"jti", facts.id},
                      {"iss", issuer},
                      {"sub", facts.subject.login.text},
                      {"typ", access ? "Bearer" : "Refresh"},
                      {"azp", facts.grant.client.text},
                      {"session_state", facts.grant.session},
                      {"scope", facts.grant.scope}};
  if (access) object.add("preferred_username", facts.subject.login.text);
  return json::write(std::move(object));
}

std::string header(std::string_view kid) {
  return json::write(json::Object{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", kid}});
}

constexpr std::string_view kDemoUser = "demo@yourdomain.vn";
constexpr std::string_view kDemoKey =
    "6c617463686b65792d64656d6f2d74636f6e6e6563742d6165732d6b65792d31";

// An envelope already: whoever encrypted it by hand knows what they do.
bool is_envelope(std::string_view body) {
  const auto value = json::parse(body, {.bytes = kMostBody});
  const json::Object* object = value ? value->as_object() : nullptr;
  return object != nullptr && object->size() == 1 && object->find("data") != nullptr;
}

class Tconnect final : public dialect::Dialect {
 public:
  const dialect::Traits& traits() const override { return kTraits; }
  std::span<const dialect::Setting> settings() const override { return kSettings; }
  std::span<const dialect::Question> questions() const override { return kQuestions; }

  std::unique_ptr<dialect::Codec> codec(const dialect::Settings& settings,
                                        const dialect::Keyring* keyring) const override {
    return std::make_unique<Codec>(Manner::of(settings), keyring);
  }

  dialect::Traits traits_under(const dialect::Settings& settings) const override {
    dialect::Traits traits = kTraits;
    traits.replay_window = settings.duration("replay_window");
    return traits;
  }

  engine::Policy policy(const dialect::Settings& settings) const override {
    engine::Policy policy;
    policy.login = engine::LoginKind::kBoth;
    policy.access_form = engine::TokenForm::kJwt;
    policy.refresh_form = engine::TokenForm::kJwt;
    policy.jwt = {.alg = crypto::Alg::kRs256,
                  .header = header,
                  .payload = [issuer = settings.text("issuer")](const engine::JwtFacts& facts) {
                    return claims(facts, issuer);
                  }};
    policy.access_lifetime = settings.duration("access_lifetime");
    policy.refresh_lifetime = settings.duration("refresh_lifetime");
    const bool single_use = settings.text("rotation") == "single-use";
    policy.rotation = single_use ? engine::Rotation::kSingleUse : engine::Rotation::kReissue;
    policy.on_replay = engine::OnReplay::kRevokeFamily;
    policy.replay_window = settings.duration("replay_window");
    policy.grant_lifetime = settings.duration("grant_lifetime");
    policy.idle_lifetime = settings.duration("idle_lifetime");
    policy.client_flood_per_second = static_cast<int>(settings.number("client_flood_per_second"));
    policy.refresh_needs_partner = true;
    policy.scope = settings.text("scope");
    policy.shows_session = true;
    return policy;
  }

  std::string_view openapi() const override { return tconnect::openapi(); }

  dialect::Demo demo() const override {
    dialect::Demo demo;
    demo.subjects.push_back({.subject = {.login = SubjectId(kDemoUser), .name = "Demo merchant"},
                             .password = Secret("Demo-Password-1")});
    demo.clients.push_back({.client = {.id = ClientId("demo-tconnect-client"),
                                       .name = "Demo till",
                                       .owner = SubjectId(kDemoUser),
                                       .partner = "DEMO-PARTNER"},
                            .secret = Secret("demo-tconnect-secret"),
                            .shared_key = Secret(kDemoKey)});
    return demo;
  }

  Result<engine::Operation> login(const dialect::Answers& answers) const override {
    for (const dialect::Question& question : kQuestions) {
      if (!dialect::answer(answers, question.name).empty()) continue;
      return fail(Why::kUsage, "tconnect needs " + std::string(question.name));
    }
    return engine::Login{.client = {.id = ClientId(dialect::answer(answers, "client_id")),
                                    .secret = Secret(dialect::answer(answers, "client_secret"))},
                         .user = {.login = SubjectId(dialect::answer(answers, "username")),
                                  .password = Secret(dialect::answer(answers, "password"))},
                         .partner = std::string(dialect::answer(answers, "partner_code"))};
  }

  /// The wire carries the token and the partner, and no client.
  engine::Refresh refresh(const dialect::Answers& answers, const Secret& token) const override {
    return {.refresh_token = token,
            .partner = std::string(dialect::answer(answers, "partner_code"))};
  }

  http::Headers token_headers(const dialect::Answers& answers, const Secret& token) const override {
    return {{"Authorization", "Bearer " + std::string(token.reveal())},
            {"Partner-Code", std::string(dialect::answer(answers, "partner_code"))}};
  }

  /// A body in the clear becomes an envelope with a prepended IV; an envelope stays.
  Result<http::Request> dress(const dialect::Answers& answers, const Secret& token,
                              http::Request request) const override {
    for (const auto& [name, value] : token_headers(answers, token)) {
      request.headers.set(name, value);
    }
    if (request.body.empty() || is_envelope(request.body)) return request;
    const auto key = TRY(parse_key(Secret(dialect::answer(answers, "aes_key"))));
    request.body = seal(key, Iv::kPrepended, request.body);
    request.headers.set("Content-Type", "application/json");
    return request;
  }

  Result<engine::Operation> proof(const dialect::Answers& answers,
                                  const Secret& token) const override {
    return engine::Use{.bearer = token,
                       .partner = std::string(dialect::answer(answers, "partner_code")),
                       .resource = "transaction/qr",
                       .arguments = {{"from_date", "2026-01-01 00:00:00"},
                                     {"to_date", "2099-12-31 23:59:59"},
                                     {"limit", "10"},
                                     {"page", "1"}},
                       .notebook = "qr"};
  }
};

}  // namespace

const dialect::Dialect& dialect() {
  static const Tconnect kDialect;
  return kDialect;
}

}  // namespace latchkey::dialects::tconnect
