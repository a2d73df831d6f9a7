// Single-use refresh tokens: spent once, marked before, and what a lost answer costs.

#include <thread>

#include "broker/broker.h"
#include "broker/database.h"
#include "broker/lease.h"
#include "broker/testing.h"
#include "dialects/fastconnect/fastconnect.h"

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;
using testing::Fault;
using testing::Provider;
using testing::say_of;
using testing::TempDir;
using testing::why_of;

/// Counts the brokers that have looked at it: each has read its entry by then.
class CountingClock final : public Clock {
 public:
  CountingClock(const Clock& clock, std::atomic<int>& looked) : clock_(clock), looked_(looked) {}
  Instant now() const override {
    if (!seen_.exchange(true)) ++looked_;
    return clock_.now();
  }

 private:
  const Clock& clock_;
  std::atomic<int>& looked_;
  mutable std::atomic<bool> seen_ = false;
};

/// A provider whose login needs a person.
class Rotating : public ::testing::Test {
 protected:
  Rotating()
      : dialect(dialects::fastconnect::dialect()),
        provider(dialect),
        profile(testing::profile_of(dialect, {{"api_key", "demo-sms-key"}})),
        vault(Vault::open(testing::chain_in(home), true).value()),
        broker(vault, provider.world({{"SECRET", "demo-sms-secret"}})) {
    profile.sources["api_secret"] = {SecretSource::Kind::kVariable, {"SECRET"}};
    first = broker.login(profile, {}, SecondFactor::kNone, person).value();
    path = refresh_path();
  }
  /// Where this wire refreshes: what the broker asks for is what counts.
  std::string refresh_path() {
    const auto codec = dialect.codec(profile.settings, nullptr);
    engine::Refresh refresh;
    refresh.refresh_token = Secret("x");
    return codec->encode_request(refresh)->target.path;
  }
  Entry entry() { return vault.load(profile.name).value().value(); }
  void let_it_die() { provider.clock.advance(*first.until - provider.clock.now() - 59s); }

  TempDir home;
  testing::Tuned dialect;
  Provider provider;
  Profile profile;
  testing::Script person;
  Vault vault;
  Broker broker;
  Handed first;
  std::string path;
};

// I2 no orphan: who dies while it looks for the host has lost nothing
TEST_F(Rotating, WritesNothingDownBeforeThereIsAConnection) {
  const auto before = entry();
  let_it_die();
  provider.next(path, Fault::kUnreachable);
  const auto old = broker.token(profile, 60s);
  ASSERT_TRUE(old) << say_of(old);
  EXPECT_NE(old->warning, "");
  EXPECT_EQ(entry().generation, before.generation);
}

// I1 single successor, I2 no orphan
TEST_F(Rotating, SpendsARefreshTokenAndKeepsItsSuccessor) {
  const Secret old = entry().refresh_token;
  let_it_die();
  const auto second = broker.token(profile, 60s);
  ASSERT_TRUE(second) << say_of(second);
  EXPECT_FALSE(entry().refresh_token == old);
  EXPECT_FALSE(entry().spending_since);
  EXPECT_EQ(provider.served(path), 1);
  provider.clock.advance(8h);
  EXPECT_TRUE(broker.token(profile, 60s)) << "the successor is good";
}

// I3 exactly once
TEST_F(Rotating, RefreshesOnceForManyAtOneTime) {
  let_it_die();
  constexpr int kMany = 6;
  std::vector<std::string> tokens(kMany);
  std::vector<std::thread> threads;
  for (int i = 0; i < kMany; ++i)
    threads.emplace_back([&, i] {
      auto own = Vault::open(testing::chain_in(home), false);
      ASSERT_TRUE(own) << say_of(own);
      Broker one(*own, provider.world({{"SECRET", "demo-sms-secret"}}));
      const auto handed = one.token(profile, 60s);
      ASSERT_TRUE(handed) << say_of(handed);
      tokens[static_cast<std::size_t>(i)] = handed->token.reveal();
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(provider.served(path), 1);
  for (const auto& token : tokens) EXPECT_EQ(token, entry().access_token.reveal());
}

// I3 exactly once, even if they ask for more than the provider gives. All have seen
// the old token when the lease that they wait for is let go.
TEST_F(Rotating, RefreshesOnceForManyWhoWantTooMuch) {
  constexpr int kMany = 4;
  std::atomic<int> looked = 0;
  std::optional<Lease> held = Lease::take(home.path(), profile.name, 0ms).value();
  std::vector<std::thread> threads;
  for (int i = 0; i < kMany; ++i)
    threads.emplace_back([&] {
      auto own = Vault::open(testing::chain_in(home), false);
      ASSERT_TRUE(own) << say_of(own);
      CountingClock clock(provider.clock, looked);
      World world = provider.world({{"SECRET", "demo-sms-secret"}});
      world.clock = &clock;
      Broker one(*own, std::move(world));
      const auto handed = one.token(profile, 100h);
      EXPECT_TRUE(handed) << say_of(handed);
    });
  while (looked < kMany) std::this_thread::yield();
  held.reset();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(provider.served(path), 1);
}

// I2 no orphan
TEST_F(Rotating, MarksTheTokenBeforeItLeavesTheMachine) {
  let_it_die();
  std::optional<Instant> marked;
  provider.on_serve = [&] {
    marked =
        Vault::open(testing::chain_in(home), false)->load(profile.name)->value().spending_since;
  };
  ASSERT_TRUE(broker.token(profile, 60s));
  EXPECT_EQ(marked, provider.clock.now());
  EXPECT_FALSE(entry().spending_since);
}

/// Takes the table of the tokens away and brings it back: a disk that fails.
void vault_works(const TempDir& home, bool works) {
  const auto database = Database::open(home / "vault.db");
  ASSERT_TRUE(database);
  const auto done = database->execute(works ? "ALTER TABLE away RENAME TO entries"
                                            : "ALTER TABLE entries RENAME TO away");
  ASSERT_TRUE(done) << say_of(done);
}

TEST_F(Rotating, GoesOnTryingWhenTheVaultFailsWithTheAnswerInHand) {
  let_it_die();
  int waits = 0;
  provider.on_answer = [&](const auto&, const auto&) { vault_works(home, false); };
  provider.on_wait = [&] {
    if (++waits == 3) vault_works(home, true);
  };
  const auto second = broker.token(profile, 60s);
  ASSERT_TRUE(second) << say_of(second);
  EXPECT_EQ(entry().access_token, second->token);
  EXPECT_EQ(waits, 3);
}

// I4 acknowledged means durable
TEST_F(Rotating, HandsOutNothingThatCouldNotBeStored) {
  let_it_die();
  provider.on_answer = [&](const auto&, const auto&) { vault_works(home, false); };
  const auto failed = broker.token(profile, 60s);
  EXPECT_EQ(why_of(failed), Why::kStore);
  EXPECT_NE(say_of(failed).find("could not be stored"), std::string::npos) << say_of(failed);
  provider.on_answer = nullptr;
  vault_works(home, true);
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kLostRotation) << "by the provider's rule";
  EXPECT_EQ(provider.served(path), 1);
}

TEST_F(Rotating, SendsNothingWhenTheVaultFailsBefore) {
  let_it_die();
  std::filesystem::create_directory(home / "vault.db.reserve");
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kStore) << "no space can be held";
  EXPECT_EQ(provider.served(path), 0);
  std::filesystem::remove(home / "vault.db.reserve");
  EXPECT_TRUE(broker.token(profile, 60s));
}

struct Sent {
  const char* title;
  Fault fault;
  Seconds until = 0s;  ///< when the provider lets it come again
};
class InDoubt : public Rotating, public ::testing::WithParamInterface<Sent> {};

// I1 single successor: the provider would end the session of who sends it again.
TEST_P(InDoubt, IsGivenUpForLostOnceAndNeverSentAgain) {
  let_it_die();
  provider.next(path, GetParam().fault);
  const auto lost = broker.token(profile, 60s);
  EXPECT_EQ(why_of(lost), Why::kLostRotation) << GetParam().title;
  EXPECT_NE(say_of(lost).find("latchkey login desk"), std::string::npos);
  EXPECT_TRUE(entry().refresh_token.empty());
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kPersonNeeded) << "lost is said once";
  EXPECT_EQ(provider.served(path), 1);
}

INSTANTIATE_TEST_SUITE_P(, InDoubt,
                         ::testing::Values(Sent{"no answer", Fault::kAnswerLost},
                                           Sent{"a web page", Fault::kNonsense},
                                           Sent{"500 after the commit", Fault::kBroken},
                                           Sent{"503 that says nothing", Fault::kNotThere}));

class SurelyNotSpent : public Rotating, public ::testing::WithParamInterface<Sent> {};

TEST_P(SurelyNotSpent, IsSpentLater) {
  let_it_die();
  provider.next(path, GetParam().fault);
  EXPECT_FALSE(broker.token(profile, 60s)->warning.empty()) << GetParam().title;
  EXPECT_FALSE(entry().spending_since) << GetParam().title;
  provider.clock.advance(GetParam().until);
  const auto second = broker.token(profile, 60s);
  ASSERT_TRUE(second) << say_of(second);
  EXPECT_TRUE(second->warning.empty());
}

INSTANTIATE_TEST_SUITE_P(, SurelyNotSpent,
                         ::testing::Values(Sent{"unreachable", Fault::kUnreachable},
                                           Sent{"503 that asks to come back", Fault::kComeBack, 6s},
                                           Sent{"429", Fault::kSlowDown, 3601s}));

// I2: a crash between "the provider rotated" and "we stored it".
TEST_F(Rotating, RecoversFromItsOwnDeath) {
  let_it_die();
  const pid_t child = testing::start([&] {
    auto own = Vault::open(testing::chain_in(home), false);
    World world = provider.world({{"SECRET", "demo-sms-secret"}});
    provider.on_serve = [] { raise(SIGKILL); };
    Broker one(*own, std::move(world));
    return one.token(profile, 60s) ? 0 : 1;
  });
  EXPECT_EQ(testing::exit_of(child), -1);
  EXPECT_TRUE(entry().spending_since);
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kLostRotation);
  EXPECT_EQ(provider.served(path), 0);
}

TEST_F(Rotating, SaysTheCommandWhenTheSessionIsOver) {
  ASSERT_TRUE(provider.admin().revoke({.realm = provider.realm()}, "test", provider.clock.now()));
  let_it_die();
  const auto refused = broker.token(profile, 60s);
  EXPECT_TRUE(why_of(refused) == Why::kInvalidToken || why_of(refused) == Why::kRevoked)
      << name_of(why_of(refused));
  EXPECT_NE(say_of(refused).find("latchkey login desk"), std::string::npos);
  EXPECT_TRUE(entry().refresh_token.empty());
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kPersonNeeded);
  EXPECT_EQ(provider.served(path), 1) << "a dead token is not sent again";
}

// The token would still live by its own clock, but its session does not.
TEST_F(Rotating, HandsOutNothingOfASessionThatIsOver) {
  ASSERT_TRUE(provider.admin().revoke({.realm = provider.realm()}, "test", provider.clock.now()));
  EXPECT_EQ(why_of(broker.refresh(profile)), Why::kRevoked);
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kPersonNeeded);
}

TEST_F(Rotating, HandsOutNoTokenThatACallFoundDead) {
  ASSERT_TRUE(provider.admin().revoke({.realm = provider.realm()}, "test", provider.clock.now()));
  http::Request data;
  data.target = {"/api/v3/data/securitiesByBoard", {{"board", "HOSE"}}};
  const auto refused = broker.request(profile, data, false);
  EXPECT_EQ(why_of(refused), Why::kRevoked);
  EXPECT_NE(say_of(refused).find("latchkey login desk"), std::string::npos);
  EXPECT_TRUE(entry().access_token.empty());
}

TEST_F(Rotating, AsksForAPersonWhenTheRefreshTokenIsOver) {
  provider.clock.advance(40h);
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kPersonNeeded);
  EXPECT_EQ(provider.served(path), 0);
}

// A provider with a replay window.

class Replaying : public Rotating {
 protected:
  Replaying() {
    dialect.facts.replay_window = 30s;
    provider.replay_window = 30s;
    let_it_die();
  }
  /// As often as one command tries.
  void lose_all_answers() {
    for (int i = 0; i < 3; ++i) provider.next(path, Fault::kAnswerLost);
    const auto old = broker.token(profile, 60s);
    ASSERT_TRUE(old) << say_of(old);
    EXPECT_NE(old->warning.find("still lives"), std::string::npos);
    ASSERT_TRUE(entry().spending_since);
    EXPECT_EQ(provider.served(path), 3);
  }
};

TEST_F(Replaying, AsksAgainAtOnce) {
  for (const Fault fault : {Fault::kAnswerLost, Fault::kNonsense, Fault::kBroken}) {
    const int before = provider.served(path);
    provider.next(path, fault);
    const auto second = broker.token(profile, 60s);
    ASSERT_TRUE(second) << say_of(second);
    EXPECT_TRUE(second->warning.empty());
    EXPECT_EQ(provider.served(path), before + 2);
    EXPECT_FALSE(entry().spending_since);
    provider.clock.advance(8h - 59s);
  }
}

TEST_F(Replaying, AsksAgainInTheNextCommandWhileTheWindowIsOpen) {
  const Instant sent = provider.clock.now();
  lose_all_answers();
  EXPECT_EQ(entry().spending_since, sent) << "the window counts from the first call";
  provider.clock.advance(sent + 29s - provider.clock.now());
  const auto second = broker.token(profile, 60s);
  ASSERT_TRUE(second) << say_of(second);
  EXPECT_TRUE(second->warning.empty());
  EXPECT_EQ(provider.served(path), 4);
}

TEST_F(Replaying, NeverAsksAgainWhenTheWindowIsOver) {
  const Instant sent = provider.clock.now();
  lose_all_answers();
  provider.clock.advance(sent + 30s - provider.clock.now());
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kLostRotation);
  EXPECT_EQ(provider.served(path), 3);
}

TEST_F(Replaying, DoesNotTrustAClockThatWasSetBack) {
  lose_all_answers();
  provider.clock.advance(1h);
  provider.clock.step(-1h);
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kLostRotation);
  EXPECT_EQ(provider.served(path), 3);
}

TEST_F(Replaying, DoesNotTrustAnyClockOverARestart) {
  lose_all_answers();
  provider.clock.boot = "the second boot";
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kLostRotation);
  EXPECT_EQ(provider.served(path), 3);
}

TEST_F(Replaying, SaysThatARotationIsLostWhenTheWindowDoesNotHelp) {
  provider.replay_window = 0s;  // this authority keeps none
  provider.next(path, Fault::kAnswerLost);
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kLostRotation);
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kPersonNeeded);
}

TEST_F(Rotating, MayAskAgainWhereTokensAreNotSingleUse) {
  Entry doubtful = entry();
  doubtful.spending_since = provider.clock.now();
  ASSERT_TRUE(vault.store(profile.name, doubtful));
  dialect.facts.rotation = engine::Rotation::kReissue;
  let_it_die();
  EXPECT_TRUE(broker.token(profile, 60s)->warning.empty());
  EXPECT_FALSE(entry().spending_since);
}

// Clocks that are wrong.

TEST_F(Rotating, RenewsOnceWhenTheClockJumps) {
  for (const Seconds jump : {Seconds{40h}, Seconds{-80h}, Seconds{40h}}) {
    const int before = provider.served(path);
    Entry changed = entry();
    changed.refresh_until.reset();
    ASSERT_TRUE(vault.store(profile.name, changed));
    // The provider's clock stays: by ours, each token that it gives is over.
    World world = provider.world({{"SECRET", "demo-sms-secret"}});
    testing::HandClock ours;
    ours.step(provider.clock.now() - ours.now() + jump);
    world.clock = &ours;
    Broker jumped(vault, world);
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(jumped.token(profile, 60s)) << jump.count();
    EXPECT_LE(provider.served(path), before + 1) << jump.count();
    EXPECT_FALSE(entry().spending_since);
  }
}

}  // namespace
}  // namespace latchkey::broker
