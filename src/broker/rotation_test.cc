// Single-use refresh tokens: spent once, marked before, and what a lost answer costs.

#include <thread>

#include "broker/broker.h"
#include "broker/lease.h"
#include "broker/testing.h"
#include "dialects/fastconnect/fastconnect.h"
#include "dialects/tconnect/tconnect.h"

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
  provider.next(path, Fault::kAnswerLost);
  const auto old = broker.token(profile, 60s);
  ASSERT_TRUE(old) << say_of(old);
  EXPECT_EQ(old->token, first.token);
  EXPECT_FALSE(old->warning.empty());
  EXPECT_EQ(entry().spending_since, provider.clock.now());

  // The next one does not spend it again: the provider would end the session.
  const auto lost = broker.token(profile, 60s);
  EXPECT_EQ(why_of(lost), Why::kLostRotation);
  EXPECT_NE(say_of(lost).find("latchkey login desk"), std::string::npos);
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kPersonNeeded) << "lost is said once";
  EXPECT_EQ(provider.served(path), 1);
}

struct NotSpent {
  const char* title;
  Fault fault;
};
class SurelyNotSpent : public Rotating, public ::testing::WithParamInterface<NotSpent> {};

TEST_P(SurelyNotSpent, IsSpentLater) {
  let_it_die();
  provider.next(path, GetParam().fault);
  EXPECT_FALSE(broker.token(profile, 60s)->warning.empty()) << GetParam().title;
  EXPECT_FALSE(entry().spending_since) << GetParam().title;
  const auto second = broker.token(profile, 60s);
  ASSERT_TRUE(second) << say_of(second);
  EXPECT_TRUE(second->warning.empty());
}

INSTANTIATE_TEST_SUITE_P(, SurelyNotSpent,
                         ::testing::Values(NotSpent{"unreachable", Fault::kUnreachable},
                                           NotSpent{"503", Fault::kNotThere},
                                           NotSpent{"429", Fault::kSlowDown}));

TEST_F(Rotating, DoubtsAnAnswerThatItCannotRead) {
  let_it_die();
  provider.next(path, Fault::kNonsense);
  EXPECT_FALSE(broker.token(profile, 60s)->warning.empty());
  EXPECT_TRUE(entry().spending_since);
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

TEST_F(Rotating, AsksAgainInsideTheReplayWindowAndNotBeyondTheFirstCall) {
  dialect.facts.replay_window = 30s;
  let_it_die();
  const Instant sent = provider.clock.now();
  provider.next(path, Fault::kAnswerLost);
  EXPECT_FALSE(broker.token(profile, 60s)->warning.empty());
  provider.clock.advance(20s);
  provider.next(path, Fault::kUnreachable);
  EXPECT_FALSE(broker.token(profile, 60s)->warning.empty());
  EXPECT_EQ(entry().spending_since, sent) << "the window counts from the first call";
  provider.clock.advance(10s);
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kLostRotation);
  EXPECT_EQ(provider.served(path), 1);
}

TEST_F(Rotating, SaysThatARotationIsLostWhenTheWindowDoesNotHelp) {
  dialect.facts.replay_window = 30s;  // this authority keeps none
  let_it_die();
  provider.next(path, Fault::kAnswerLost);
  EXPECT_FALSE(broker.token(profile, 60s)->warning.empty());
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

// A provider that lets a program log in alone.

class Unattended : public ::testing::Test {
 protected:
  Unattended()
      : provider(dialects::tconnect::dialect()),
        profile(testing::profile_of(dialects::tconnect::dialect(),
                                    {{"username", "demo@yourdomain.vn"},
                                     {"client_id", "demo-tconnect-client"},
                                     {"partner_code", "DEMO-PARTNER"}})),
        vault(Vault::open(testing::chain_in(home), true).value()),
        broker(vault, provider.world()) {
    person.answers = {
        {"password", "Demo-Password-1"},
        {"client_secret", "demo-tconnect-secret"},
        {"aes_key",
         std::string(dialects::tconnect::dialect().demo().clients[0].shared_key.reveal())}};
  }
  void log_in(bool keep) {
    profile.keep_secrets = keep;
    const auto handed = broker.login(profile, {}, SecondFactor::kAsk, person);
    ASSERT_TRUE(handed) << say_of(handed);
    until = *handed->until;
  }
  Entry entry() { return vault.load(profile.name).value().value(); }

  TempDir home;
  Provider provider;
  Profile profile;
  testing::Script person;
  Vault vault;
  Broker broker;
  Instant until;
};

TEST_F(Unattended, KeepsWhatRenewalNeedsAndNoPassword) {
  log_in(false);
  EXPECT_TRUE(entry().kept.contains("aes_key"));
  EXPECT_FALSE(entry().kept.contains("password"));
  provider.clock.advance(until - provider.clock.now());
  EXPECT_TRUE(broker.token(profile, 60s)) << "a refresh needs no person";
}

TEST_F(Unattended, LogsInAloneWhenARotationIsLost) {
  log_in(true);
  provider.clock.advance(until - provider.clock.now());
  provider.always(Fault::kAnswerLost);
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kNoAnswer);
  provider.always(Fault::kNone);
  const auto handed = broker.token(profile, 60s);
  ASSERT_TRUE(handed) << say_of(handed);
  EXPECT_FALSE(entry().spending_since);
}

TEST_F(Unattended, LogsInAloneWhenTheSessionIsOver) {
  log_in(true);
  ASSERT_TRUE(provider.admin().revoke({.realm = provider.realm()}, "test", provider.clock.now()));
  provider.clock.advance(until - provider.clock.now());
  const auto handed = broker.token(profile, 60s);
  ASSERT_TRUE(handed) << say_of(handed);
  EXPECT_EQ(entry().logged_in, provider.clock.now());
}

TEST_F(Unattended, RenewsAndSendsOnceMoreAfterA401) {
  log_in(true);
  ASSERT_TRUE(provider.admin().revoke({.realm = provider.realm()}, "test", provider.clock.now()));
  http::Request listing{.method = "POST", .target = {"/openapi/v1/transaction/qr", {}}};
  listing.body = R"({"from_date":"2020-01-01 00:00:00","to_date":"2099-01-01 00:00:00",)"
                 R"("limit":10,"page":1})";
  const auto answer = broker.request(profile, listing, false);
  ASSERT_TRUE(answer) << say_of(answer);
  EXPECT_EQ(answer->status, 200) << answer->body;
}

TEST_F(Unattended, AsksForAPersonWhenNothingWasKept) {
  log_in(false);
  ASSERT_TRUE(provider.admin().revoke({.realm = provider.realm()}, "test", provider.clock.now()));
  provider.clock.advance(until - provider.clock.now());
  const auto refused = broker.token(profile, 60s);
  ASSERT_FALSE(refused);
  EXPECT_NE(say_of(refused).find("latchkey login desk"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::broker
