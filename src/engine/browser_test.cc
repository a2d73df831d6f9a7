#include "engine/testing.h"

namespace latchkey::engine {
namespace {

constexpr const char* kUri = "http://127.0.0.1:8000/cb";

class Browser : public ::testing::Test {
 protected:
  Browser() {
    world.add_user("ann", {{"portfolios", "D1"}});
    world.add_client("app", [](Client& c) { c.redirect_uris = {kUri, "https://a.example/cb"}; });
  }
  LocalAuthority& authority() { return world.authority(); }
  Secret sign_in(Instant now = kNoon) {
    return must(authority().sign_in(World::user_key("ann"), now));
  }
  static Authorize asked(std::string_view client = "app", std::string_view uri = kUri) {
    return {ClientId{client}, std::string(uri), "state"};
  }
  World world{coded()};
};

TEST_F(Browser, OpensANewSessionAtEachLogin) {  // checklist 62
  const Secret first = sign_in();
  const Secret second = sign_in();
  EXPECT_NE(first, second);
  const Identity who = must(authority().session(second, kNoon));
  EXPECT_EQ(who.subject, SubjectId{"ann"});
  EXPECT_EQ(who.until, kNoon + 1h);
  EXPECT_EQ(attribute(who.attributes, "portfolios"), "D1");
}

TEST_F(Browser, RefusesAWrongPasswordAndTellsTheOperators) {
  EXPECT_EQ(why(authority().sign_in({SubjectId{"ann"}, Secret{"x"}}, kNoon)), Why::kBadCredentials);
  EXPECT_EQ(why(authority().sign_in(World::user_key("nobody"), kNoon)), Why::kBadCredentials);
  EXPECT_EQ(world.told("sign_in_refused"), 2);
}

TEST_F(Browser, ForgetsTheSessionAtItsEndAndAtTheLogout) {
  const Secret id = sign_in();
  EXPECT_TRUE(authority().session(id, kNoon + 1h - 1s));
  EXPECT_EQ(why(authority().session(id, kNoon + 1h)), Why::kExpired);
  must(authority().sign_out(id));
  EXPECT_EQ(why(authority().session(id, kNoon)), Why::kInvalidToken);
  EXPECT_EQ(why(authority().session(Secret{}, kNoon)), Why::kInvalidToken);
}

TEST_F(Browser, ForgetsTheSessionWhenThePasswordChanges) {  // checklist 27
  const Secret id = sign_in();
  must(world.admin.set_password(kRealm, SubjectId{"ann"}, Secret{"new"}, kNoon));
  EXPECT_EQ(why(authority().session(id, kNoon)), Why::kInvalidToken);
}

TEST_F(Browser, RefusesThePagesOfSomebodySuspended) {
  const Secret id = sign_in();
  must(world.admin.set_user_disabled(kRealm, SubjectId{"ann"}, true, "test", kNoon));
  EXPECT_EQ(why(authority().session(id, kNoon)), Why::kForbidden);
  EXPECT_EQ(why(authority().consent(id, asked(), kNoon)), Why::kForbidden);
  EXPECT_EQ(why(authority().issue(id, ClientId{"app"}, kNoon)), Why::kForbidden);
}

TEST_F(Browser, RedirectsOnlyWhereTheClientSaid) {  // checklist 6, 7
  EXPECT_EQ(must(authority().check_authorize(asked())).id, ClientId{"app"});
  EXPECT_TRUE(authority().check_authorize(asked("app", "https://a.example/cb")));
  for (const char* uri :
       {"", "https://a.example/cb/", "https://a.example/CB", "https://A.example/cb",
        "https://a.example/x/../cb", "https://a.example/cb;x", "https://a.example/%63b",
        "https://a@a.example/cb", "https://a.example/cb?x=1", "https://a.example/cb#x",
        "http://localhost:8000/cb", "http://127.0.0.1:8001/cb", "http://[::1]:8000/cb",
        "https://a.example/cb\n", "https://a.example/cb\t"}) {
    EXPECT_EQ(why(authority().check_authorize(asked("app", uri))), Why::kMalformed) << uri;
    EXPECT_EQ(why(authority().consent(sign_in(), asked("app", uri), kNoon)), Why::kMalformed);
  }
  EXPECT_EQ(why(authority().check_authorize(asked("nobody"))), Why::kBadCredentials);
}

TEST_F(Browser, GivesNoCodeToAPublicClient) {  // checklist 10
  Client open{.realm = kRealm, .id = ClientId{"open"}, .redirect_uris = {kUri}};
  must(world.admin.create_client({.client = open, .is_public = true}));
  EXPECT_EQ(why(authority().check_authorize(asked("open"))), Why::kBadCredentials);
  EXPECT_EQ(why(authority().consent(sign_in(), asked("open"), kNoon)), Why::kBadCredentials);
}

TEST_F(Browser, KnowsNoDisabledClient) {
  must(world.admin.set_client_disabled(kRealm, ClientId{"app"}, true, kNoon));
  EXPECT_EQ(why(authority().check_authorize(asked())), Why::kBadCredentials);
  EXPECT_EQ(why(authority().issue(sign_in(), ClientId{"app"}, kNoon)), Why::kBadCredentials);
}

TEST_F(Browser, GivesTheStateBackWithTheCode) {
  const Authorized done = must(authority().consent(sign_in(), asked(), kNoon));
  EXPECT_EQ(done.code.size(), 40u);
  EXPECT_EQ(done.redirect_uri, kUri);
  EXPECT_EQ(done.state, "state");
  EXPECT_EQ(why(authority().consent(Secret{"nobody"}, asked(), kNoon)), Why::kInvalidToken);
  EXPECT_EQ(why(authority().consent(sign_in(), asked(), kNoon + 1h)), Why::kExpired);
}

TEST_F(Browser, ShowsTokensOfWhichOneRefreshTokenLives) {
  world.rule_by(lasting());
  const TokenSet first = must(authority().issue(sign_in(), ClientId{"app"}, kNoon));
  EXPECT_TRUE(is_uuid(first.refresh_token.reveal()));
  EXPECT_EQ(first.refresh_until, kNoon + 365 * 24h);
  const TokenSet second = must(authority().issue(sign_in(), ClientId{"app"}, kNoon));
  EXPECT_EQ(world.refusal(Refresh{.refresh_token = first.refresh_token}), Why::kRevoked);
  EXPECT_TRUE(world.is_live(first.access_token));
  EXPECT_TRUE(world.perform(Refresh{.refresh_token = second.refresh_token}, kNoon));
}

TEST_F(Browser, LeavesOneRefreshTokenHoweverManyPagesAreOpenedAtOnce) {
  world.rule_by(lasting());
  const Secret session = sign_in();
  std::vector<Secret> issued(8);
  in_parallel(8, [&](int i) {
    issued[static_cast<std::size_t>(i)] =
        must(authority().issue(session, ClientId{"app"}, kNoon)).refresh_token;
    return true;
  });
  int live = 0;
  for (const Secret& token : issued) {
    live += world.perform(Refresh{.refresh_token = token}, kNoon).has_value() ? 1 : 0;
  }
  EXPECT_EQ(live, 1);
}

}  // namespace
}  // namespace latchkey::engine
