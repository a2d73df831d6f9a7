#include "base/json.h"
#include "base/text.h"
#include "dialects/chathub/chathub.h"
#include "dialects/chathub/codec.h"
#include "dialects/chathub/openapi.h"

namespace latchkey::dialects::chathub {
namespace {

using Kind = dialect::Setting::Kind;

constexpr std::string_view kCompany = "company";
constexpr std::string_view kOperator = "operator";

constexpr dialect::Traits kTraits{
    .name = "chathub",
    .title = "SMSBAT ChatHub",
    .base_url = "https://chatapi.smsbat.com",
    .presence = dialect::Presence::kNone,
    .rotation = engine::Rotation::kNone,
    .delegates = true,
    .delegate_most = Seconds{24 * 3600},
    .can_validate = true,
    .auth_interval = Seconds{1},
    .rotate_credentials_after = Seconds{90 * 86400},
    .proof_path = "/api/operator",
};

constexpr dialect::Setting kSettings[] = {
    {"company_lifetime", Kind::kDuration, "0s",
     "how long a company's token lives; 0s: without an end, as no end is documented"},
    {"operator_most", Kind::kDuration, "24h",
     "the furthest end that an operator's token may be asked for"},
    {"operator_hours_strict", Kind::kBool, "true",
     "refuse an end beyond operator_most; false: cut it, as the samples' 30 days need"},
    {"legacy_valid_field", Kind::kBool, "false",
     "validate-token also says \"valid\", which older clients read"},
    {"expired_text", Kind::kText, "Invalid token",
     "what validate-token says of a token whose time is over", "Invalid token|Token expired"},
    {"auth_interval", Kind::kDuration, "0s",
     "at most one token call an interval and account, else 429; 0s: no limit"},
};

constexpr dialect::Question kQuestions[] = {
    {.name = "login", .label = "Company login"},
    {.name = "password", .label = "Company password", .secret = true, .keep = true},
    {.name = "operator",
     .label = "Operator id (empty: use the company's token)",
     .required = false},
    {.name = "header",
     .label = "Header that carries the token (authorization, x-authorization-key)",
     .required = false},
};

bool wants_key_header(std::string_view header) {
  return equals_ignoring_case(header, "x-authorization-key");
}

// The two optional answers, if they are there.
Result<> check_choices(const dialect::Answers& answers) {
  const auto id = dialect::answer(answers, "operator");
  if (!id.empty() && parse_int(id).value_or(0) < 1) {
    return fail(Why::kUsage, "\"operator\" must be the operator's number");
  }
  const auto header = dialect::answer(answers, "header");
  if (!header.empty() && !wants_key_header(header) &&
      !equals_ignoring_case(header, "authorization")) {
    return fail(Why::kUsage, "\"header\" must be authorization or x-authorization-key");
  }
  return {};
}

// {"alg":"HS256","typ":"JWT"}     as the provider's samples have it: without a "kid"
std::string jwt_header(std::string_view) {
  return json::write(json::Object{{"alg", "HS256"}, {"typ", "JWT"}});
}

// {"operator_id":123,"exp":1737412799,"client_id":1,"iat":…,"jti":"…"}
// {"client_id":1,"name":"Demo company","iat":…,"jti":"…"}     with "exp" if it has an end
std::string jwt_payload(const engine::JwtFacts& facts) {
  json::Object claims;
  const bool ends = facts.until != kEndOfTime;
  if (facts.grant.operator_id != 0) {
    claims.add("operator_id", facts.grant.operator_id);
    if (ends) claims.add("exp", epoch(facts.until));
    claims.add("client_id", facts.subject.number);
  } else {
    claims.add("client_id", facts.subject.number).add("name", facts.subject.name);
    if (ends) claims.add("exp", epoch(facts.until));
  }
  claims.add("iat", epoch(facts.issued)).add("jti", facts.id);
  return json::write(std::move(claims));
}

class ChatHub final : public dialect::Dialect {
 public:
  const dialect::Traits& traits() const override { return kTraits; }
  std::span<const dialect::Setting> settings() const override { return kSettings; }
  std::span<const dialect::Question> questions() const override { return kQuestions; }

  std::unique_ptr<dialect::Codec> codec(const dialect::Settings& settings,
                                        const dialect::Keyring*) const override {
    return std::make_unique<Codec>(
        WireOptions{.legacy_valid_field = settings.flag("legacy_valid_field"),
                    .expired_text = settings.text("expired_text")});
  }

  engine::Policy policy(const dialect::Settings& settings) const override {
    engine::Policy policy;
    policy.login = engine::LoginKind::kPassword;
    policy.access_form = engine::TokenForm::kJwt;
    policy.jwt = {.alg = crypto::Alg::kHs256, .header = jwt_header, .payload = jwt_payload};
    policy.access_lifetime = settings.duration("company_lifetime");
    policy.tier = kCompany;
    policy.tier_with_otp = kCompany;
    policy.delegate_from_tier = kCompany;
    policy.delegate_tier = kOperator;
    policy.delegate_most = settings.duration("operator_most");
    policy.delegate_strict = settings.flag("operator_hours_strict");
    policy.auth_interval = settings.duration("auth_interval");
    return policy;
  }

  std::string_view openapi() const override { return chathub::openapi(); }

  dialect::Demo demo() const override {
    dialect::Demo demo;
    demo.subjects.push_back(
        {.subject = {.login = SubjectId("demo-company"), .number = 1, .name = "Demo company"},
         .password = Secret("demo-password"),
         .organizations = {{"Support", {"Olena", "Taras"}}, {"Sales", {"Iryna"}}}});
    return demo;
  }

  Result<engine::Operation> login(const dialect::Answers& answers) const override {
    for (const char* needed : {"login", "password"}) {
      if (dialect::answer(answers, needed).empty()) {
        return fail(Why::kUsage, std::string("the profile has no \"") + needed + "\"");
      }
    }
    TRY(check_choices(answers));
    return engine::Login{.user = {.login = SubjectId(dialect::answer(answers, "login")),
                                  .password = Secret(dialect::answer(answers, "password"))}};
  }

  http::Headers token_headers(const dialect::Answers& answers, const Secret& token) const override {
    if (wants_key_header(dialect::answer(answers, "header"))) {
      return {{"X-Authorization-Key", std::string(token.reveal())}};
    }
    return {{"Authorization", "Bearer " + std::string(token.reveal())}};
  }

  Result<engine::Operation> proof(const dialect::Answers& answers,
                                  const Secret& token) const override {
    if (dialect::answer(answers, "operator").empty()) {
      return engine::ListOrganizations{.bearer = token};
    }
    return engine::ListOperators{.bearer = token};
  }
};

}  // namespace

const dialect::Dialect& dialect() {
  static const ChatHub chathub;
  return chathub;
}

}  // namespace latchkey::dialects::chathub
