#include <gtest/gtest.h>

#include "base/json.h"
#include "dialects/chathub/chathub.h"
#include "square/world.h"

namespace latchkey::square {
namespace {

using engine::OperatorStatus;

const Secret kCompany("eyJhbGciOiJIUzI1NiJ9.eyJjbGllbnRfaWQiOjF9.company-token-0123456789");
const Secret kOperator("eyJhbGciOiJIUzI1NiJ9.eyJvcGVyYXRvcl9pZCI6MX0.operator-token-987654321");
constexpr Instant kTomorrow = kNoon + Seconds{86400};

std::vector<Sample> samples() {
  const engine::Operators listed{{{7, "Olena", OperatorStatus::kActive, {1, "Support"}},
                                  {8, "Тарас \"T\"", OperatorStatus::kDeleted, {1, "Support"}}}};
  const engine::Operators added{{{9, "Iryna", OperatorStatus::kActive, {}}}};
  return {
      {"login",
       engine::Login{.user = {SubjectId("acme"), Secret("pass-w0rd-\"тест\"-4711")}},
       {engine::TokenSet{.access_token = kCompany}}},
      {"delegate",
       engine::Delegate{kCompany, 7, kTomorrow},
       {engine::TokenSet{.access_token = kOperator, .access_until = kTomorrow}}},
      {"validate",
       engine::Validate{kCompany, kOperator},
       {engine::Validation{.valid = true, .operator_id = 7, .client_number = 1, .until = kTomorrow},
        engine::Validation{.valid = true, .operator_id = 0, .client_number = 1},
        engine::Validation{.why_not = Why::kInvalidToken},
        engine::Validation{.why_not = Why::kExpired}}},
      {"organizations",
       engine::ListOrganizations{kCompany},
       {engine::Organizations{}, engine::Organizations{{{1, "Support"}, {2, "Продажі"}}}}},
      {"operators", engine::ListOperators{kCompany, 1}, {engine::Operators{}, listed}},
      {"own_operators", engine::ListOperators{kOperator, {}}, {listed}},
      {"synchronize",
       engine::SynchronizeOperators{kCompany, {{1, "Iryna"}, {2, "Iryna"}}},
       {engine::Operators{}, added}},
      {"set_status",
       engine::SetOperatorStatus{kCompany, 7, OperatorStatus::kInactive},
       {engine::Done{}}},
  };
}

Why heard_as(Why why, const engine::Operation& operation) {
  const bool logs_in = std::holds_alternative<engine::Login>(operation);
  switch (why) {
    case Why::kMalformed:
    case Why::kConflict: return Why::kMalformed;
    case Why::kUnsupported:
    case Why::kNotFound: return Why::kNotFound;
    case Why::kBadCredentials:
    case Why::kOtpRequired:
    case Why::kOtpWrong:
    case Why::kInvalidToken:
    case Why::kExpired:
    case Why::kReplayed: return logs_in ? Why::kBadCredentials : Why::kInvalidToken;
    case Why::kForbidden:
    case Why::kRevoked:
    case Why::kPending:
    case Why::kDeclined:
      return std::holds_alternative<engine::Delegate>(operation) ? Why::kRevoked : Why::kForbidden;
    case Why::kTooMany: return Why::kTooMany;
    case Why::kUnavailable:
    case Why::kPersonNeeded:
    case Why::kUnknownName:
    case Why::kPolicy:
    case Why::kStore:
    case Why::kNoAnswer:
    case Why::kLostRotation:
    case Why::kBadResponse:
    case Why::kUsage:
    case Why::kBug: return Why::kUnavailable;
  }
  return Why::kBug;
}

// {"status":403,"error":"Forbidden","message":"…"}
bool is_refusal(const http::Response& response) {
  const auto body = json::parse(response.body);
  const json::Object* object = body ? body->as_object() : nullptr;
  if (object == nullptr || response.status < 400) return false;
  const json::Value* status = object->find("status");
  const json::Value* code = object->find("code");
  return status != nullptr && *status == json::Value(response.status) &&
         json::string_field(*object, "error").has_value() &&
         json::string_field(*object, "message").has_value() &&
         (code != nullptr) == (response.status == 400);
}

// synchronize answers without the organizations; validate-token has no word for
// a revoked token.
engine::Outcome carried(const engine::Operation& operation, engine::Outcome outcome) {
  if (std::holds_alternative<engine::SynchronizeOperators>(operation)) {
    for (auto& one : std::get<engine::Operators>(outcome).list) one.organization = {};
  }
  if (auto* found = std::get_if<engine::Validation>(&outcome)) {
    if (found->why_not == Why::kRevoked) found->why_not = Why::kInvalidToken;
  }
  return outcome;
}

// A company hires an operator, who works a day, and leaves.
void story(World& world) {
  const engine::UserKey user{SubjectId("demo-company"), Secret("demo-password")};
  world.refused(engine::Login{.user = {user.login, Secret("demo-passwort")}}, Why::kBadCredentials);
  const Secret company = world.tokens(engine::Login{.user = user}).access_token;

  const auto organizations = world.perform(engine::ListOrganizations{company});
  ASSERT_TRUE(organizations);
  const auto support = std::get<engine::Organizations>(*organizations).list.at(0).id;
  const auto added = world.perform(engine::SynchronizeOperators{company, {{support, "Bohdan"}}});
  ASSERT_TRUE(added) << added.error().say;
  const auto bohdan = std::get<engine::Operators>(*added).list.at(0).id;
  EXPECT_TRUE(world.perform(engine::ListOperators{company, support}));
  world.refused(engine::ListOperators{company, {}}, Why::kMalformed);

  const Instant end = world.now() + Seconds{86400};
  world.refused(engine::Delegate{company, bohdan, end + Seconds{1}}, Why::kMalformed);
  world.refused(engine::Delegate{company, 4711, end}, Why::kNotFound);
  const auto first = world.tokens(engine::Delegate{company, bohdan, end});
  EXPECT_EQ(first.access_until, end);
  EXPECT_TRUE(world.perform(engine::ListOperators{first.access_token, {}}));
  EXPECT_TRUE(world.perform(engine::Validate{company, first.access_token}));
  world.refused(engine::ListOrganizations{first.access_token}, Why::kForbidden);
  world.refused(engine::Delegate{first.access_token, bohdan, end}, Why::kForbidden);

  world.advance(Seconds{86400});  // the day is over; the company's token is not
  world.refused(engine::ListOperators{first.access_token, {}}, Why::kExpired);
  EXPECT_TRUE(world.perform(engine::Validate{company, first.access_token}));
  const auto second = world.tokens(engine::Delegate{company, bohdan, world.now() + Seconds{3600}});
  EXPECT_TRUE(world.perform(engine::ListOperators{second.access_token, {}}));

  EXPECT_TRUE(world.perform(engine::SetOperatorStatus{company, bohdan, OperatorStatus::kInactive}));
  world.refused(engine::ListOperators{second.access_token, {}}, Why::kRevoked);
  EXPECT_TRUE(world.perform(engine::Validate{company, second.access_token}));
  world.refused(engine::ListOrganizations{Secret("not-a-token")}, Why::kInvalidToken);
}

}  // namespace

Face chathub() {
  return {.dialect = dialects::chathub::dialect(),
          .settings = {{"expired_text", "Token expired"}},
          .samples = samples(),
          .heard_as = heard_as,
          .is_refusal = is_refusal,
          .story = story,
          .carried = carried};
}

}  // namespace latchkey::square
