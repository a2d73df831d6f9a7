#include "engine/testing.h"

namespace latchkey::engine {
namespace {

class Company : public ::testing::Test {
 protected:
  Company() {
    world.add_user("acme");
    world.add_user("rival");
    office = must(world.admin.add_organization(kRealm, SubjectId{"acme"}, "Office"));
    ann = must(world.admin.add_operator(kRealm, office.id, "Ann"));
    bob = must(world.admin.add_operator(kRealm, office.id, "Bob"));
    company = world.tokens(Login{.user = World::user_key("acme")}).access_token;
    rival = world.tokens(Login{.user = World::user_key("rival")}).access_token;
  }
  Delegate asked(Instant until = kNoon + 1h) { return {company, ann.id, until}; }
  Secret operator_token(std::int64_t id, Instant until = kNoon + 24h) {
    return world.tokens(Delegate{company, id, until}).access_token;
  }
  Validation validate(const Secret& token, Instant now = kNoon) {
    return world.get<Validation>(Validate{company, token}, now);
  }
  void set_status(std::int64_t id, OperatorStatus status) {
    world.get<Done>(SetOperatorStatus{company, id, status});
  }

  World world{tiered()};
  Organization office;
  Operator ann, bob;
  Secret company, rival;
};

TEST_F(Company, GetsATokenForItsOperator) {
  const TokenSet set = world.tokens(asked());
  EXPECT_EQ(set.access_until, kNoon + 1h);
  EXPECT_TRUE(set.refresh_token.empty());
  const Identity who = world.get<Used>(Use{.bearer = set.access_token}).who;
  EXPECT_EQ(who.tier, "operator");
  EXPECT_EQ(who.operator_id, ann.id);
  EXPECT_EQ(who.subject, SubjectId{"acme"});
}

struct EndRow {
  const char* name;
  Seconds ahead;
  std::optional<Why> answer;
};
void PrintTo(const EndRow& row, std::ostream* out) { *out << row.name; }

class DelegatedEnd : public Company, public ::testing::WithParamInterface<EndRow> {};

TEST_P(DelegatedEnd, IsAheadButNotTooFar) {
  const auto done = world.perform(asked(kNoon + GetParam().ahead), kNoon);
  EXPECT_EQ(done ? std::nullopt : std::optional(done.error().why), GetParam().answer);
}

INSTANTIATE_TEST_SUITE_P(, DelegatedEnd,
                         ::testing::Values(EndRow{"past", -1s, Why::kMalformed},
                                           EndRow{"now", 0s, Why::kMalformed},
                                           EndRow{"next", 1s, {}}, EndRow{"furthest", 24h, {}},
                                           EndRow{"too_far", 24h + 1s, Why::kMalformed},
                                           EndRow{"far_too_far", 30 * 24h, Why::kMalformed}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(Company, IsToldTheFurthestEndInWords) {
  const auto refused = world.perform(asked(kNoon + 25h), kNoon);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().say.find("24 hours"), std::string::npos) << refused.error().say;
}

TEST_F(Company, GetsAShorterTokenWhereThePolicyCuts) {
  Policy policy = tiered();
  policy.delegate_strict = false;
  world.rule_by(policy);
  EXPECT_EQ(world.tokens(asked(kNoon + 30 * 24h)).access_until, kNoon + 24h);
  EXPECT_EQ(world.refusal(asked(kNoon)), Why::kMalformed);
}

TEST_F(Company, CannotDelegateToAnothersOperator) {
  EXPECT_EQ(world.refusal(Delegate{rival, ann.id, kNoon + 1h}), Why::kNotFound);
  EXPECT_EQ(world.refusal(Delegate{company, 999'999, kNoon + 1h}), Why::kNotFound);
  EXPECT_EQ(world.refusal(Delegate{company, 0, kNoon + 1h}), Why::kNotFound);
}

TEST_F(Company, IsAskedForItsOwnToken) {
  const Secret of_ann = operator_token(ann.id);
  const auto answers = [&](const Secret& bearer) {
    return std::vector<Why>{
        world.refusal(Delegate{bearer, ann.id, kNoon + 1h}),
        world.refusal(Validate{bearer, of_ann}), world.refusal(ListOrganizations{bearer}),
        world.refusal(SynchronizeOperators{bearer, {{office.id, "New"}}}),
        world.refusal(SetOperatorStatus{bearer, ann.id, OperatorStatus::kInactive})};
  };
  EXPECT_EQ(answers(of_ann), std::vector(5, Why::kForbidden));
  EXPECT_EQ(answers(Secret{"unknown"}), std::vector(5, Why::kInvalidToken));
  EXPECT_EQ(answers(Secret{}), std::vector(5, Why::kBadCredentials));
  world.get<Done>(Revoke{.token = company});
  EXPECT_EQ(answers(company), std::vector(5, Why::kRevoked));
}

TEST_F(Company, LosesAnOperatorsTokensWithTheOperator) {
  const Secret of_ann = operator_token(ann.id);
  const Secret of_bob = operator_token(bob.id);
  for (const OperatorStatus left : {OperatorStatus::kInactive, OperatorStatus::kDeleted}) {
    set_status(ann.id, left);
    EXPECT_EQ(world.refusal(Use{.bearer = of_ann}), Why::kRevoked);
    EXPECT_EQ(validate(of_ann).why_not, Why::kRevoked);
    EXPECT_EQ(world.refusal(asked()), Why::kForbidden);
  }
  EXPECT_TRUE(world.is_live(of_bob));
  EXPECT_TRUE(world.is_live(company));
  set_status(ann.id, OperatorStatus::kActive);
  EXPECT_FALSE(world.is_live(of_ann)) << "a revoked token came back";
  EXPECT_TRUE(world.perform(asked(), kNoon));
  EXPECT_EQ(world.refusal(SetOperatorStatus{rival, bob.id, OperatorStatus::kDeleted}),
            Why::kNotFound);
}

TEST_F(Company, LosesItsOwnTokenAndItsOperatorsKeepTheirs) {
  const Secret of_ann = operator_token(ann.id);
  world.get<Done>(Revoke{.token = company});
  EXPECT_FALSE(world.is_live(company));
  EXPECT_TRUE(world.is_live(of_ann)) << "a delegation is an operator's, not the token's";
  must(world.admin.revoke_user(kRealm, SubjectId{"acme"}, "left", kNoon));
  EXPECT_FALSE(world.is_live(of_ann));
}

TEST_F(Company, LearnsWhetherAnOperatorsTokenLives) {
  const Secret of_ann = operator_token(ann.id);
  const Validation alive = validate(of_ann, kNoon + 24h - 1s);
  EXPECT_TRUE(alive.valid);
  EXPECT_EQ(alive.operator_id, ann.id);
  EXPECT_GT(alive.client_number, 0);
  EXPECT_EQ(alive.until, kNoon + 24h);
  EXPECT_EQ(validate(of_ann, kNoon + 24h), (Validation{.why_not = Why::kExpired}));
  world.get<Done>(Revoke{.token = of_ann});
  EXPECT_EQ(validate(of_ann), (Validation{.why_not = Why::kRevoked}));
}

TEST_F(Company, LearnsNothingOfOtherTokens) {  // checklist 34
  const Secret of_ann = operator_token(ann.id);
  const Validation nothing{.why_not = Why::kInvalidToken};
  EXPECT_EQ(validate(Secret{"unknown"}), nothing);
  EXPECT_EQ(validate(Secret{}), nothing);
  EXPECT_EQ(validate(company), nothing);
  EXPECT_EQ(world.get<Validation>(Validate{rival, of_ann}), nothing);
  world.get<Done>(Revoke{.token = of_ann});
  EXPECT_EQ(world.get<Validation>(Validate{rival, of_ann}), nothing);
}

TEST_F(Company, ListsItsOrganizationsAndOperators) {
  EXPECT_EQ(world.get<Organizations>(ListOrganizations{company}).list, std::vector{office});
  EXPECT_EQ(world.get<Organizations>(ListOrganizations{rival}).list, std::vector<Organization>{});
  EXPECT_EQ(world.get<Operators>(ListOperators{company, office.id}).list, (std::vector{ann, bob}));
  EXPECT_EQ(world.refusal(ListOperators{company, std::nullopt}), Why::kMalformed);
  EXPECT_EQ(world.refusal(ListOperators{company, 999}), Why::kNotFound);
  EXPECT_EQ(world.refusal(ListOperators{rival, office.id}), Why::kNotFound);
}

TEST_F(Company, ShowsAnOperatorTheOwnOrganizationOnly) {
  const Organization lab = must(world.admin.add_organization(kRealm, SubjectId{"acme"}, "Lab"));
  const Secret of_ann = operator_token(ann.id);
  EXPECT_EQ(world.get<Operators>(ListOperators{of_ann, {}}).list, (std::vector{ann, bob}));
  EXPECT_EQ(world.get<Operators>(ListOperators{of_ann, office.id}).list.size(), 2u);
  EXPECT_EQ(world.refusal(ListOperators{of_ann, lab.id}), Why::kForbidden);
}

TEST_F(Company, AddsAllOperatorsOrNone) {
  const auto count = [&] {
    return world.get<Operators>(ListOperators{company, office.id}).list.size();
  };
  const auto added =
      world.get<Operators>(SynchronizeOperators{company, {{office.id, "Ann"}, {office.id, "Eve"}}});
  ASSERT_EQ(added.list.size(), 2u);
  EXPECT_EQ(added.list[0].name, "Ann");
  EXPECT_NE(added.list[0].id, ann.id);
  EXPECT_EQ(added.list[1].organization, office);
  EXPECT_EQ(count(), 4u);
  const NewOperator good{office.id, "Good"};
  for (const NewOperator& bad :
       {NewOperator{999, "X"}, NewOperator{office.id, ""},
        NewOperator{office.id, std::string(201, 'x')}, NewOperator{office.id, "\xff"}}) {
    EXPECT_EQ(world.refusal(SynchronizeOperators{company, {good, bad}}), Why::kMalformed);
  }
  EXPECT_EQ(world.refusal(SynchronizeOperators{company, std::vector(1001, good)}), Why::kMalformed);
  EXPECT_EQ(world.refusal(SynchronizeOperators{rival, {good}}), Why::kMalformed);
  EXPECT_EQ(count(), 4u);
}

TEST_F(Company, IsPacedOverItsDelegations) {
  Policy policy = tiered();
  policy.auth_interval = 1s;
  world.rule_by(policy);
  world.tokens(asked());
  const auto soon = world.perform(asked(), kNoon);
  ASSERT_FALSE(soon);
  EXPECT_EQ(soon.error().why, Why::kTooMany);
  EXPECT_EQ(soon.error().retry_after, 1s);
  EXPECT_TRUE(world.perform(asked(), kNoon + 1s));
}

TEST(NoCompany, IsKnownWhereNobodyDelegates) {
  World world{keyed()};
  world.add_client("app");
  const Secret token = world.tokens(Login{.client = World::key_of("app")}).access_token;
  EXPECT_EQ(world.refusal(Delegate{token, 1, kNoon + 1h}), Why::kUnsupported);
  EXPECT_EQ(world.refusal(Validate{token, token}), Why::kUnsupported);
  EXPECT_EQ(world.refusal(ListOrganizations{token}), Why::kForbidden);
  EXPECT_EQ(world.refusal(ListOperators{token, {}}), Why::kUnsupported);
}

}  // namespace
}  // namespace latchkey::engine
