#include "engine/testing.h"

namespace latchkey::engine {
namespace {

TEST(KeyedLogin, GivesTokensOfTheTierWithoutASecondFactor) {
  World world{keyed()};
  world.add_user("ann");
  world.add_client("app", [](Client& c) { c.owner = SubjectId{"ann"}; });
  const TokenSet set = world.tokens(Login{.client = World::key_of("app")});
  const Identity who = world.get<Used>(Use{.bearer = set.access_token}).who;
  EXPECT_EQ(who.client, ClientId{"app"});
  EXPECT_EQ(who.subject, SubjectId{"ann"});
  EXPECT_EQ(who.tier, "data");
  EXPECT_EQ(who.until, kNoon + 8h);
  EXPECT_EQ(world.told("login"), 1);
}

TEST(KeyedLogin, TellsNobodyWhatWasWrong) {  // checklist 59
  World world{keyed()};
  world.add_client("app");
  world.add_client("off");
  must(world.admin.set_client_disabled(kRealm, ClientId{"off"}, true, kNoon));
  must(world.admin.create_client(
      {.client = {.realm = kRealm, .id = ClientId{"open"}}, .is_public = true}));
  world.add_user("gone");
  world.add_client("orphan", [](Client& c) { c.owner = SubjectId{"gone"}; });
  must(world.admin.set_user_disabled(kRealm, SubjectId{"gone"}, true, "left", kNoon));
  std::optional<Error> first;
  for (const ClientKey& key :
       {ClientKey{ClientId{"app"}, Secret{"wrong"}}, ClientKey{ClientId{"app"}, {}},
        World::key_of("nobody"), ClientKey{}, World::key_of("off"), World::key_of("orphan"),
        ClientKey{ClientId{"open"}, {}}, ClientKey{ClientId{"open"}, Secret{"x"}}}) {
    const auto refused = world.perform(Login{.client = key}, kNoon);
    ASSERT_FALSE(refused) << key.id.text;
    if (!first) first = refused.error();
    EXPECT_EQ(refused.error(), *first) << key.id.text;
  }
  EXPECT_EQ(first->why, Why::kBadCredentials);
  EXPECT_EQ(world.told("login_refused"), 8);
}

TEST(KeyedLogin, EndsTheSessionBefore) {
  World world{keyed()};
  world.add_client("app");
  world.add_client("other");
  const TokenSet bystander = world.tokens(Login{.client = World::key_of("other")});
  const TokenSet first = world.tokens(Login{.client = World::key_of("app")});
  const TokenSet second = world.tokens(Login{.client = World::key_of("app")});
  EXPECT_EQ(world.refusal(Use{.bearer = first.access_token}), Why::kRevoked);
  EXPECT_EQ(world.refusal(Refresh{.refresh_token = first.refresh_token}), Why::kRevoked);
  EXPECT_TRUE(world.is_live(second.access_token));
  EXPECT_TRUE(world.is_live(bystander.access_token));
}

TEST(KeyedLogin, LeavesOneSessionHoweverManyLogInAtOnce) {
  World world{keyed()};
  world.add_client("app");
  const auto log_in = [&](int) {
    return world.perform(Login{.client = World::key_of("app")}, kNoon).has_value();
  };
  EXPECT_EQ(in_parallel(8, log_in), 8);
  EXPECT_EQ(world.live_families(), 1);
}

TEST(KeyedLogin, KeepsTheSessionsWhereThePolicyAllowsMany) {
  Policy policy = keyed();
  policy.single_session = false;
  World world{policy};
  world.add_client("app");
  const TokenSet first = world.tokens(Login{.client = World::key_of("app")});
  world.tokens(Login{.client = World::key_of("app")});
  EXPECT_TRUE(world.is_live(first.access_token));
}

TEST(KeyedLogin, IsPacedByTheAccountThatIsClaimed) {
  Policy policy = keyed();
  policy.auth_interval = 10s;
  World world{policy};
  world.add_client("app");
  world.add_client("other");
  const Login wrong{.client = {ClientId{"app"}, Secret{"wrong"}}};
  EXPECT_EQ(world.refusal(wrong), Why::kBadCredentials);
  const auto soon = world.perform(Login{.client = World::key_of("app")}, kNoon + 9s);
  ASSERT_FALSE(soon);
  EXPECT_EQ(soon.error().why, Why::kTooMany);
  EXPECT_EQ(soon.error().retry_after, 1s);
  EXPECT_TRUE(world.perform(Login{.client = World::key_of("other")}, kNoon + 9s));
  EXPECT_TRUE(world.perform(Login{.client = World::key_of("app")}, kNoon + 10s));
}

TEST(PasswordLogin, GivesACompanyATokenWithoutAnEnd) {
  World world{tiered()};
  world.add_user("acme");
  const TokenSet set = world.tokens(Login{.user = World::user_key("acme")});
  EXPECT_EQ(set.access_until, std::nullopt);
  EXPECT_TRUE(set.refresh_token.empty());
  EXPECT_TRUE(world.is_live(set.access_token, kNoon + 10 * 365 * 24h));
}

TEST(PasswordLogin, TellsNobodyWhatWasWrong) {  // checklist 59
  World world{tiered()};
  world.add_user("acme");
  world.add_user("off");
  must(world.admin.set_user_disabled(kRealm, SubjectId{"off"}, true, "left", kNoon));
  for (const UserKey& key :
       {UserKey{SubjectId{"acme"}, Secret{"wrong"}}, UserKey{SubjectId{"acme"}, {}},
        World::user_key("nobody"), UserKey{}, World::user_key("off")}) {
    const auto refused = world.perform(Login{.user = key}, kNoon);
    ASSERT_FALSE(refused) << key.login.text;
    EXPECT_EQ(refused.error().why, Why::kBadCredentials);
    EXPECT_EQ(refused.error().say, "login or password is wrong");
  }
}

// checklist 55: after so many wrong ones even the right one is not read …
TEST(PasswordLogin, StopsAfterTooManyWrongOnes) {
  Policy policy = tiered();
  policy.password_attempts = 3;
  policy.password_window = 15min;
  World world{policy};
  world.add_user("acme");
  const Secret live = world.tokens(Login{.user = World::user_key("acme")}).access_token;
  const Login wrong{.user = {SubjectId{"acme"}, Secret{"wrong"}}};
  const Login right{.user = World::user_key("acme")};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(world.refusal(wrong), Why::kBadCredentials);
  const auto locked = world.perform(right, kNoon + 15min - 1s);
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().why, Why::kTooMany);
  EXPECT_EQ(locked.error().retry_after, 15min);
  EXPECT_TRUE(world.is_live(live));  // … and what is logged in stays so.
  EXPECT_TRUE(world.perform(right, kNoon + 15min));
}

TEST(PasswordLogin, ForgetsWrongOnesAfterARightOne) {
  Policy policy = tiered();
  policy.password_attempts = 3;
  World world{policy};
  world.add_user("acme");
  const Login wrong{.user = {SubjectId{"acme"}, Secret{"wrong"}}};
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 2; ++i) EXPECT_EQ(world.refusal(wrong), Why::kBadCredentials);
    EXPECT_TRUE(world.perform(Login{.user = World::user_key("acme")}, kNoon));
  }
}

TEST(PasswordLogin, CostsAGuessForEachOfManyAtOnce) {  // checklist 57
  Policy policy = tiered();
  policy.password_attempts = 3;
  World world{policy};
  world.add_user("acme");
  const auto judged = [&](int) {
    const Login wrong{.user = {SubjectId{"acme"}, Secret{"wrong"}}};
    return world.perform(wrong, kNoon).error().why == Why::kBadCredentials;
  };
  EXPECT_EQ(in_parallel(10, judged), 3);
}

struct PartnerRow {
  const char* name;
  Login login;
  std::optional<Why> answer;
};
void PrintTo(const PartnerRow& row, std::ostream* out) { *out << row.name; }

class PartneredLogin : public ::testing::TestWithParam<PartnerRow> {};

TEST_P(PartneredLogin, NeedsAllThree) {
  World world{partnered()};
  world.add_user("ann");
  world.add_user("bob");
  world.add_client("app", [](Client& c) {
    c.partner = "P";
    c.owner = SubjectId{"ann"};
  });
  world.add_client("rival", [](Client& c) { c.partner = "Q"; });
  const auto done = world.perform(GetParam().login, kNoon);
  EXPECT_EQ(done ? std::nullopt : std::optional(done.error().why), GetParam().answer);
  if (!done) return;
  const TokenSet& set = std::get<TokenSet>(*done);
  EXPECT_EQ(set.access_until, kNoon + 10h);
  EXPECT_EQ(set.refresh_until, kNoon + 30h);
  EXPECT_TRUE(is_uuid(set.session));
}

INSTANTIATE_TEST_SUITE_P(
    , PartneredLogin,
    ::testing::Values(PartnerRow{"right", {World::key_of("app"), World::user_key("ann"), "P"}, {}},
                      PartnerRow{"no_partner",
                                 {World::key_of("app"), World::user_key("ann"), ""},
                                 Why::kForbidden},
                      PartnerRow{"unknown_partner",
                                 {World::key_of("app"), World::user_key("ann"), "Z"},
                                 Why::kForbidden},
                      PartnerRow{"another_partner",
                                 {World::key_of("app"), World::user_key("ann"), "Q"},
                                 Why::kForbidden},
                      PartnerRow{"wrong_client",
                                 {{ClientId{"app"}, Secret{"x"}}, World::user_key("ann"), "P"},
                                 Why::kBadCredentials},
                      PartnerRow{"wrong_password",
                                 {World::key_of("app"), {SubjectId{"ann"}, Secret{"x"}}, "P"},
                                 Why::kBadCredentials},
                      PartnerRow{"another_partners_user",
                                 {World::key_of("app"), World::user_key("bob"), "P"},
                                 Why::kBadCredentials}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(AnyLogin, IsSlowOnlyWithAPassword) {
  EXPECT_TRUE(is_slow(tiered(), Login{}));
  EXPECT_TRUE(is_slow(partnered(), Login{}));
  EXPECT_FALSE(is_slow(keyed(), Login{}));
  EXPECT_FALSE(is_slow(partnered(), Refresh{}));
}

TEST(AnyLogin, IsUnsupportedWhereOnlyABrowserLogsIn) {
  World world{coded()};
  EXPECT_EQ(world.refusal(Login{}), Why::kUnsupported);
  EXPECT_EQ(world.refusal(RequestOtp{}), Why::kUnsupported);
  EXPECT_EQ(world.refusal(Authorize{}), Why::kUnsupported);
}

}  // namespace
}  // namespace latchkey::engine
