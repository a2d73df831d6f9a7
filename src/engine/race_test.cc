#include "engine/testing.h"

// What was acknowledged while an operation was under way holds for that operation
// too (checklist 23): each one looks again in the transaction that issues.

namespace latchkey::engine {
namespace {

constexpr const char* kUri = "http://127.0.0.1:8000/cb";

TEST(ALoginUnderWay, IsStoppedByADisabling) {
  World world{keyed()};
  world.add_user("ann");
  world.add_client("app", [](Client& c) { c.owner = SubjectId{"ann"}; });
  const Login login{.client = World::key_of("app")};
  world.interrupted.interrupt(
      [&] { must(world.admin.set_client_disabled(kRealm, ClientId{"app"}, true, kNoon)); });
  EXPECT_EQ(world.refusal(login), Why::kBadCredentials);
  must(world.admin.set_client_disabled(kRealm, ClientId{"app"}, false, kNoon));
  world.interrupted.interrupt(
      [&] { must(world.admin.set_user_disabled(kRealm, SubjectId{"ann"}, true, "x", kNoon)); });
  EXPECT_EQ(world.refusal(login), Why::kBadCredentials);
  EXPECT_EQ(world.live_families(), 0);
}

TEST(ALoginUnderWay, IsStoppedByANewSecret) {
  World world{keyed()};
  world.add_client("app");
  world.interrupted.interrupt([&] {
    must(world.admin.create_client({.client = {.realm = kRealm, .id = ClientId{"app"}}}, true));
  });
  EXPECT_EQ(world.refusal(Login{.client = World::key_of("app")}), Why::kBadCredentials);
}

TEST(ALoginUnderWay, IsStoppedByANewPassword) {
  World world{tiered()};
  world.add_user("acme");
  const auto change = [&] {
    must(world.admin.set_password(kRealm, SubjectId{"acme"}, Secret{"new"}, kNoon));
  };
  world.interrupted.interrupt(change, 2);  // after the guess is counted and forgiven
  EXPECT_EQ(world.refusal(Login{.user = World::user_key("acme")}), Why::kBadCredentials);
  EXPECT_EQ(world.live_families(), 0);
}

TEST(ASignInUnderWay, IsStoppedByANewPassword) {
  World world{coded()};
  world.add_user("ann");
  const auto change = [&] {
    must(world.admin.set_password(kRealm, SubjectId{"ann"}, Secret{"new"}, kNoon));
  };
  world.interrupted.interrupt(change, 2);
  EXPECT_EQ(why(world.authority().sign_in(World::user_key("ann"), kNoon)), Why::kBadCredentials);
}

class ARefreshUnderWay : public ::testing::Test {
 protected:
  ARefreshUnderWay() {
    world.add_user("ann");
    world.add_client("app", [](Client& c) { c.owner = SubjectId{"ann"}; });
    set = world.tokens(Login{.client = World::key_of("app")});
  }
  World world{keyed()};
  TokenSet set;
};

TEST_F(ARefreshUnderWay, IsStoppedByARevocation) {
  world.interrupted.interrupt([&] { must(world.admin.revoke({.realm = kRealm}, "x", kNoon)); });
  EXPECT_EQ(world.refusal(Refresh{.refresh_token = set.refresh_token}), Why::kRevoked);
  EXPECT_EQ(world.live_families(), 0);
}

TEST_F(ARefreshUnderWay, IsStoppedByASuspension) {
  world.interrupted.interrupt(
      [&] { must(world.admin.set_user_disabled(kRealm, SubjectId{"ann"}, true, "x", kNoon)); });
  EXPECT_EQ(world.refusal(Refresh{.refresh_token = set.refresh_token}), Why::kForbidden);
}

TEST_F(ARefreshUnderWay, IsAReplayWhenAnotherWasFaster) {
  TokenSet faster;
  world.interrupted.interrupt(
      [&] { faster = world.tokens(Refresh{.refresh_token = set.refresh_token}); });
  EXPECT_EQ(world.refusal(Refresh{.refresh_token = set.refresh_token}), Why::kReplayed);
  EXPECT_FALSE(world.is_live(faster.access_token));
  EXPECT_EQ(world.live_families(), 0);
}

class AnExchangeUnderWay : public ::testing::Test {
 protected:
  AnExchangeUnderWay() {
    world.add_user("ann");
    world.add_client("app", [](Client& c) { c.redirect_uris = {kUri}; });
    session = must(world.authority().sign_in(World::user_key("ann"), kNoon));
    const Authorize asked{.client = ClientId{"app"}, .redirect_uri = kUri, .state = "s"};
    exchange = {World::key_of("app"), must(world.authority().consent(session, asked, kNoon)).code,
                kUri};
  }
  World world{coded()};
  Secret session;
  Exchange exchange;
};

TEST_F(AnExchangeUnderWay, IsAReplayWhenAnotherWasFaster) {  // checklist 2, 3
  TokenSet faster;
  world.interrupted.interrupt([&] { faster = world.tokens(exchange); });
  EXPECT_EQ(world.refusal(exchange), Why::kReplayed);
  EXPECT_FALSE(world.is_live(faster.access_token));
  EXPECT_EQ(world.live_families(), 0);
}

TEST_F(AnExchangeUnderWay, IsStoppedByADisablingOfTheClient) {
  world.interrupted.interrupt(
      [&] { must(world.admin.set_client_disabled(kRealm, ClientId{"app"}, true, kNoon)); });
  EXPECT_EQ(world.refusal(exchange), Why::kBadCredentials);
  EXPECT_EQ(world.live_families(), 0);
}

TEST_F(AnExchangeUnderWay, IsStoppedByANewPassword) {
  world.interrupted.interrupt(
      [&] { must(world.admin.set_password(kRealm, SubjectId{"ann"}, Secret{"new"}, kNoon)); });
  EXPECT_EQ(world.refusal(exchange), Why::kInvalidToken);
  EXPECT_EQ(world.live_families(), 0);
}

TEST_F(AnExchangeUnderWay, HasAPageBesideItThatIsStoppedByALogout) {
  world.interrupted.interrupt([&] { must(world.authority().sign_out(session)); });
  EXPECT_EQ(why(world.authority().issue(session, ClientId{"app"}, kNoon)), Why::kInvalidToken);
  EXPECT_EQ(world.live_families(), 0);
}

class ACompanyAtWork : public ::testing::Test {
 protected:
  ACompanyAtWork() {
    world.add_user("acme");
    const auto office = must(world.admin.add_organization(kRealm, SubjectId{"acme"}, "Office"));
    ann = must(world.admin.add_operator(kRealm, office.id, "Ann"));
    company = world.tokens(Login{.user = World::user_key("acme")}).access_token;
  }
  World world{tiered()};
  Operator ann;
  Secret company;
};

TEST_F(ACompanyAtWork, GetsNoTokenForAnOperatorWhoIsJustLeaving) {
  world.interrupted.interrupt(
      [&] { world.get<Done>(SetOperatorStatus{company, ann.id, OperatorStatus::kInactive}); });
  EXPECT_EQ(world.refusal(Delegate{company, ann.id, kNoon + 1h}), Why::kForbidden);
  EXPECT_EQ(world.live_families(), 1);
}

TEST_F(ACompanyAtWork, GetsNoTokenWhileItIsBeingRevoked) {
  world.interrupted.interrupt([&] { must(world.admin.revoke({.realm = kRealm}, "x", kNoon)); });
  EXPECT_EQ(world.refusal(Delegate{company, ann.id, kNoon + 1h}), Why::kRevoked);
  EXPECT_EQ(world.live_families(), 0);
}

TEST_F(ACompanyAtWork, WritesNothingWhileItIsBeingRevoked) {
  world.interrupted.interrupt([&] { must(world.admin.revoke({.realm = kRealm}, "x", kNoon)); });
  EXPECT_EQ(world.refusal(Use{.bearer = company, .notebook = "orders", .note = "no"}),
            Why::kRevoked);
  const auto notes =
      world.store.read([](Tx& tx) { return tx.notes(kRealm, SubjectId{"acme"}, "orders", 10); });
  EXPECT_TRUE(must(notes).empty());
}

}  // namespace
}  // namespace latchkey::engine
