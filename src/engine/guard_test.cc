#include "engine/guard.h"

#include <unistd.h>

#include <fstream>

#include "crypto/password_work.h"
#include "engine/testing.h"

namespace latchkey::engine {
namespace {

const Caller kStranger{"203.0.113.9"};
const Caller kHome{"192.0.2.7"};

GuardLimits few(int guesses) { return {Pace{10s, guesses}, Pace{10s, guesses}}; }

TEST(GuardTest, CountsBeforeTheAnswerAndGivesBackWhatWasRight) {
  Guard guard(few(3));
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(guard.before_login(kHome, kNoon));
    guard.login_was_right(kHome);
  }
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(guard.before_login(kStranger, kNoon));
  const auto refused = guard.before_login(kStranger, kNoon);
  EXPECT_EQ(why(refused), Why::kTooMany);
  EXPECT_EQ(refused.error().retry_after, 10s);
  EXPECT_TRUE(guard.before_login(kHome, kNoon)) << "another network";
  EXPECT_TRUE(guard.before_login(kStranger, kNoon + 10s));
}

TEST(GuardTest, ParallelGuessesCostWhatTheyAre) {  // checklist 57
  Guard guard(few(5));
  EXPECT_EQ(in_parallel(32, [&](int) { return guard.before_login(kStranger, kNoon).has_value(); }),
            5);
}

TEST(GuardTest, CountsSecretsByClientAndNetwork) {
  Guard guard(few(1));
  EXPECT_TRUE(guard.before_secret(kStranger, "app", kNoon));
  EXPECT_FALSE(guard.before_secret(kStranger, "app", kNoon));
  EXPECT_TRUE(guard.before_secret(kHome, "app", kNoon)) << "a stranger locks nobody's client out";
  EXPECT_TRUE(guard.before_secret(kStranger, "other", kNoon));
}

TEST(GuardTest, LimitsNobodyWhoseNetworkIsUnknown) {
  Guard guard(few(1));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(guard.before_login({}, kNoon));
  Guard off(kNoLimits);
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(off.before_login(kStranger, kNoon));
}

// What this program holds in memory, in bytes.
std::size_t resident() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0, pages = 0;
  statm >> size >> pages;
  return pages * static_cast<std::size_t>(getpagesize());
}

// The tables are made once; what is pushed out is whoever has been quiet longest in
// its set, so that who guesses now stays counted.
TEST(GuardTest, HoldsNoMoreOfAMillionNetworksAndClients) {
  Guard guard(few(3));
  const auto ask = [&](int i) {
    const Caller from{"network " + std::to_string(i)};
    EXPECT_TRUE(guard.before_login(from, kNoon));
    EXPECT_TRUE(guard.before_secret(from, "client " + std::to_string(i), kNoon));
  };
  for (int i = 0; i < 50'000; ++i) ask(i);  // every page of them has been written to
  const std::size_t before = resident();
  for (int i = 50'000; i < 1'000'000; ++i) ask(i);
  EXPECT_LE(resident(), before + (1u << 20)) << "one byte for each of them";
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(guard.before_login(kStranger, kNoon + 60s));
  EXPECT_FALSE(guard.before_login(kStranger, kNoon + 60s));
  guard.login_was_right({"somebody who was forgotten"});
}

class Guarded : public ::testing::Test {
 protected:
  Guarded() { begin(tiered()); }
  void begin(Policy policy, GuardLimits limits = few(4)) {
    policy.password_attempts = 6;
    world.rule_by(policy);
    world.authority().guard_with(std::make_shared<Guard>(limits));
    world.add_user("acme");
  }
  Result<Outcome> log_in(const Caller& from, std::string_view password, Instant now = kNoon,
                         std::string_view login = "acme") {
    return world.authority().perform_for(from, Login{.user = {SubjectId{login}, Secret{password}}},
                                         now);
  }
  bool right(const Caller& from, Instant now = kNoon) {
    return log_in(from, "acme-password", now).has_value();
  }
  World world;
};

TEST_F(Guarded, AStrangerIsStoppedAndTheOwnerAtHomeIsNot) {
  EXPECT_TRUE(right(kHome));
  const Secret running = std::get<TokenSet>(must(log_in(kHome, "acme-password"))).access_token;
  // From many networks, so that the account's own limit is what stops them.
  for (int i = 0; i < 6; ++i) {
    const Caller from{"203.0.113." + std::to_string(i)};
    EXPECT_EQ(why(log_in(from, "guess")), Why::kBadCredentials);
  }
  EXPECT_EQ(why(log_in(kStranger, "guess")), Why::kTooMany);
  EXPECT_EQ(why(log_in(kStranger, "acme-password")), Why::kTooMany) << "not read any more";
  EXPECT_EQ(world.told("locked"), 1);
  EXPECT_TRUE(world.is_live(running)) << "a running program notices nothing";
  EXPECT_TRUE(right(kHome)) << "the address that is known has a count of its own";
  EXPECT_EQ(why(log_in(kStranger, "guess")), Why::kTooMany) << "which does not help a stranger";
  EXPECT_TRUE(right(kStranger, kNoon + 900s)) << "and it passes";
}

TEST_F(Guarded, AHomeThatGuessesIsStoppedToo) {
  EXPECT_TRUE(right(kHome));
  for (int i = 0; i < 6; ++i) EXPECT_EQ(why(log_in(kHome, "guess")), Why::kBadCredentials);
  EXPECT_EQ(why(log_in(kHome, "acme-password")), Why::kTooMany);
}

// The counts of an account and of its homes have no name in common, whatever a login looks like.
TEST_F(Guarded, NobodyCountsForAHomeFromElsewhere) {
  EXPECT_TRUE(right(kHome));
  for (int i = 0; i < 10; ++i)
    EXPECT_FALSE(log_in({"198.51.100." + std::to_string(i)}, "guess", kNoon, "acme\n192.0.2.7"));
  EXPECT_TRUE(right(kHome));
}

TEST_F(Guarded, AnOperatorLetsALockedAccountInAtOnce) {
  const auto lock = [&] {
    for (int i = 0; i < 7; ++i) EXPECT_FALSE(log_in({"198.51.100." + std::to_string(i)}, "guess"));
    EXPECT_EQ(why(log_in({"198.51.100.9"}, "acme-password")), Why::kTooMany);
  };
  lock();
  must(world.admin.set_user_disabled(kRealm, SubjectId{"acme"}, false, "", kNoon));
  EXPECT_TRUE(right({"198.51.100.10"}));
  lock();
  must(world.admin.set_password(kRealm, SubjectId{"acme"}, Secret{"another one"}, kNoon));
  EXPECT_TRUE(log_in({"198.51.100.10"}, "another one"));
}

TEST_F(Guarded, AHomeIsForgottenAfterAWhile) {
  EXPECT_TRUE(right(kHome));
  const Instant later = kNoon + 90 * 24h;
  for (int i = 0; i < 6; ++i) {
    EXPECT_FALSE(log_in({"198.51.100." + std::to_string(i)}, "guess", later));
  }
  EXPECT_FALSE(right(kHome, later));
}

TEST_F(Guarded, OneNetworkHasSoManyGuessesOverAllAccounts) {
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(why(log_in(kStranger, "guess", kNoon, "user " + std::to_string(i))),
              Why::kBadCredentials);
  }
  EXPECT_EQ(why(log_in(kStranger, "acme-password")), Why::kTooMany);
  EXPECT_TRUE(right(kHome));
}

// checklist 59: the same answer and the same work, whoever is asked for.
TEST_F(Guarded, NobodyLearnsWhoIsThere) {
  begin(tiered(), kNoLimits);
  must(world.admin.set_user_disabled(kRealm, SubjectId{"acme"}, true, "left", kNoon));
  world.add_user("live");
  std::optional<Error> first;
  for (const char* login : {"live", "acme", "nobody"}) {
    for (int i = 0; i < 8; ++i) {
      const auto before = crypto::password_hashes_done();
      const auto refused = log_in(kStranger, "guess", kNoon, login);
      const auto work = crypto::password_hashes_done() - before;
      ASSERT_FALSE(refused);
      if (i == 0 && !first) first = refused.error();
      if (i < 6) {
        EXPECT_EQ(refused.error(), *first) << login;
        EXPECT_EQ(work, 1u) << login;
      } else {
        EXPECT_EQ(refused.error().why, Why::kTooMany) << login;
        EXPECT_EQ(work, 0u) << login << ": what is refused unread costs nothing";
      }
    }
  }
}

TEST_F(Guarded, ThePagesAndTheCallsCountTogether) {
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(log_in(kStranger, "guess"));
  EXPECT_EQ(why(world.authority().sign_in(World::user_key("acme"), kNoon, kStranger)),
            Why::kTooMany);
  EXPECT_TRUE(world.authority().sign_in(World::user_key("acme"), kNoon, kHome));
}

TEST(GuardedClient, IsNotLockedOutByWhoKnowsItsName) {
  World world{keyed()};
  world.authority().guard_with(std::make_shared<Guard>(few(2)));
  world.add_client("app", [](Client& c) { c.otp = OtpKind::kOutbox; });
  const auto ask = [&](const Caller& from, std::string_view secret) {
    return world.authority().perform_for(from, RequestOtp{{ClientId{"app"}, Secret{secret}}},
                                         kNoon);
  };
  for (int i = 0; i < 2; ++i) EXPECT_EQ(why(ask(kStranger, "guess")), Why::kBadCredentials);
  EXPECT_EQ(why(ask(kStranger, "app-secret")), Why::kTooMany);
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(ask(kHome, "app-secret"));
  const auto log_in = [&](const Caller& from) {
    return world.authority().perform_for(from, Login{.client = World::key_of("app")}, kNoon);
  };
  const TokenSet set = std::get<TokenSet>(must(log_in(kHome)));
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(world.authority().perform_for(
        kHome, Login{.client = {ClientId{"app"}, Secret{"guess"}}}, kNoon));
  }
  EXPECT_EQ(why(log_in(kHome)), Why::kTooMany);
  const auto refreshed =
      world.authority().perform_for(kHome, Refresh{.refresh_token = set.refresh_token}, kNoon);
  EXPECT_TRUE(refreshed) << "whoever is in already goes on";
}

class GuardedRefresh : public ::testing::Test {
 protected:
  GuardedRefresh() {
    world.authority().guard_with(std::make_shared<Guard>(few(3)));
    world.add_user("ann");
    world.add_client("app",
                     [](Client& client) { client.redirect_uris = {"https://app.example/cb"}; });
    const Authorize asked{.client = ClientId{"app"}, .redirect_uri = "https://app.example/cb"};
    const Secret session = must(world.authority().sign_in(World::user_key("ann"), kNoon));
    const auto code = must(world.authority().consent(session, asked, kNoon)).code;
    live =
        world
            .tokens(Exchange{
                .client = World::key_of("app"), .code = code, .redirect_uri = asked.redirect_uri})
            .refresh_token;
  }
  static Refresh refresh(const char* secret, const Secret& token) {
    return {.refresh_token = token, .client = {ClientId{"app"}, Secret{secret}}};
  }
  Result<Outcome> ask(const Caller& from, const char* secret, const Secret& token) {
    return world.authority().perform_for(from, refresh(secret, token), kNoon);
  }
  World world{[] {
    Policy policy = coded();
    policy.code_form = TokenForm::kOpaque;
    return policy;
  }()};
  const Secret nothing{"no token of anybody's"};
  Secret live;
};

TEST_F(GuardedRefresh, SaysNothingOfASecretToWhoGuessesOnAndOn) {
  for (int i = 0; i < 9; ++i)
    EXPECT_EQ(why(ask(kStranger, "app-secret", nothing)), Why::kInvalidToken) << "no guess";
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(why(ask(kStranger, "guess", nothing)), Why::kBadCredentials);
  const auto wrong = ask(kStranger, "guess", nothing);
  const auto right = ask(kStranger, "app-secret", nothing);
  EXPECT_EQ(why(wrong), Why::kTooMany);
  EXPECT_EQ(wrong.error(), right.error()) << "nobody learns which one it is";
  const auto begun = world.authority().begin(refresh("guess", nothing), kNoon, kStranger);
  EXPECT_EQ(why(begun), Why::kTooMany);
  EXPECT_EQ(why(ask(kHome, "app-secret", nothing)), Why::kInvalidToken);
}

TEST_F(GuardedRefresh, RefusesNobodyWhoHasALiveToken) {
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(ask(kStranger, "guess", nothing));
  const auto next = ask(kStranger, "app-secret", live);
  ASSERT_TRUE(next) << "whoever shares a network with a stranger does not pay for him";
  EXPECT_EQ(why(ask(kStranger, "app-secret", live)), Why::kTooMany) << "it is spent";
  EXPECT_EQ(why(ask(kStranger, "guess", std::get<TokenSet>(*next).refresh_token)), Why::kTooMany);
}

TEST(AFloodingClient, IsSuspendedUntilSomebodyEnablesIt) {
  Policy policy = keyed();
  policy.client_flood_per_second = 5;
  World world{policy};
  world.add_client("app");
  world.add_client("other");
  const TokenSet other = world.tokens(Login{.client = World::key_of("other")});
  TokenSet set = world.tokens(Login{.client = World::key_of("app")});
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(world.is_live(set.access_token));
  for (int i = 0; i < 100; ++i)
    EXPECT_FALSE(world.perform(Login{.client = {ClientId{"other"}, Secret{"x"}}}, kNoon));
  EXPECT_FALSE(world.is_live(set.access_token));
  EXPECT_EQ(world.told("suspended"), 1);
  const Instant later = kNoon + 1h;
  EXPECT_EQ(world.refusal(Use{.bearer = set.access_token}, later), Why::kForbidden);
  EXPECT_EQ(world.refusal(Refresh{.refresh_token = set.refresh_token}, later), Why::kForbidden);
  EXPECT_EQ(world.refusal(Login{.client = World::key_of("app")}, later), Why::kBadCredentials);
  EXPECT_TRUE(world.is_live(other.access_token)) << "shouting another's name suspends nobody";
  EXPECT_EQ(world.live_families(), 2) << "suspending ends nothing";
  const auto row = world.store.read([](Tx& tx) { return tx.client(kRealm, ClientId{"app"}); });
  EXPECT_EQ(must(row)->disabled_why, "flood");
  must(world.admin.set_client_disabled(kRealm, ClientId{"app"}, false, later));
  EXPECT_TRUE(world.is_live(set.access_token, later));
  EXPECT_TRUE(world.perform(Refresh{.refresh_token = set.refresh_token}, later));
}

}  // namespace
}  // namespace latchkey::engine
