// Many programs at once: who renews, who waits, what the waiting learn, and how long
// everybody is held back.

#include <thread>

#include "broker/budget.h"
#include "broker/testing.h"
#include "dialects/chathub/chathub.h"

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;
using testing::chain_in;
using testing::Fault;
using testing::kNoon;
using testing::Provider;
using testing::say_of;
using testing::TempDir;
using testing::why_of;

class Crowd : public ::testing::Test {
 protected:
  Crowd()
      : provider(dialects::chathub::dialect(), {{"company_lifetime", "72h"}}),
        profile(testing::profile_of(dialects::chathub::dialect(),
                                    {{"login", "demo-company"}, {"operator", "1"}})),
        vault(Vault::open(chain_in(home), true).value()),
        broker(vault, provider.world({{"PASSWORD", "demo-password"}})) {
    profile.sources["password"] = {SecretSource::Kind::kVariable, {"PASSWORD"}};
    first = broker.login(profile, {}, SecondFactor::kAsk, person).value();
  }
  Entry entry() { return vault.load(profile.name).value().value(); }
  void let_it_die() { provider.clock.advance(*first.until - provider.clock.now()); }

  /// So many that each ask from a vault of their own, while `meanwhile` runs; it
  /// begins when all of them are waiting for the lease.
  std::vector<Result<Handed>> all_ask(int many, const std::function<void()>& meanwhile) {
    std::vector<Result<Handed>> results(static_cast<std::size_t>(many));
    std::vector<std::thread> threads;
    for (auto& result : results)
      threads.emplace_back([&] {
        auto own = Vault::open(chain_in(home), false);
        ASSERT_TRUE(own) << say_of(own);
        World world = provider.world({{"PASSWORD", "demo-password"}});
        Broker one(*own, std::move(world));
        result = one.token(profile, 60s);
      });
    wait_for_waiters(many);
    meanwhile();
    for (auto& thread : threads) thread.join();
    return results;
  }
  /// Until so many lock files are open in this process beside the holder's.
  void wait_for_waiters(int many) {
    for (int open = 0; open < many + 1; std::this_thread::yield()) {
      open = 0;
      for (const auto& file : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;
        const auto target = std::filesystem::read_symlink(file.path(), gone);
        open += target.string().find(home / "locks/") != std::string::npos ? 1 : 0;
      }
    }
  }

  TempDir home;
  Provider provider;
  Profile profile;
  testing::Script person;
  Vault vault;
  Broker broker;
  Handed first;
};

TEST_F(Crowd, LearnsTheNewTokenWhileTheLeaseIsStillHeld) {
  let_it_die();
  const auto held = Lease::take(home.path(), profile.name, 0ms);
  ASSERT_TRUE(held);
  const int served = provider.served();
  const auto results = all_ask(4, [&] {
    Entry renewed = entry();
    renewed.access_token = Secret("fresh");
    renewed.access_until = provider.clock.now() + 1h;
    ASSERT_TRUE(vault.store(profile.name, renewed));
  });
  for (const auto& result : results) {
    ASSERT_TRUE(result) << say_of(result);
    EXPECT_EQ(result->token.reveal(), "fresh");
  }
  EXPECT_EQ(provider.served(), served);
}

// I8 bounded: a dead provider costs a crowd one timeout, not one each.
TEST_F(Crowd, LearnsAFailureWhileTheLeaseIsStillHeld) {
  let_it_die();
  const auto held = Lease::take(home.path(), profile.name, 0ms);
  ASSERT_TRUE(held);
  const int served = provider.served();
  const auto results = all_ask(4, [&] {
    const Error down{Why::kUnavailable, "no connection", {}, {}};
    const auto failure = after({}, down, Attempt::kRenewal, provider.clock.now());
    ASSERT_TRUE(vault.note(record_of(profile), *failure));
  });
  for (const auto& result : results) {
    EXPECT_EQ(why_of(result), Why::kUnavailable);
    EXPECT_EQ(say_of(result), "no connection");
  }
  EXPECT_EQ(provider.served(), served);
}

TEST_F(Crowd, IsNotHeldBackByAFailureBeforeItsTime) {
  let_it_die();
  provider.next("/api/operator/get-token", Fault::kBroken);
  provider.next("/api/operator/get-token", Fault::kBroken);
  provider.next("/api/operator/get-token", Fault::kBroken);
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kNoAnswer);
  EXPECT_TRUE(broker.token(profile, 60s)) << "the first failure binds nobody who comes later";
  EXPECT_EQ((*vault.failure(record_of(profile)))->count, 0) << "and is forgotten";
}

// I12 no storm
TEST_F(Crowd, AsksADeadProviderLessAndLessOften) {
  let_it_die();
  provider.always(Fault::kBroken);
  const int before = provider.served();
  int refused = 0;
  for (Seconds spent{0}; spent < 1h; spent += 1s) {
    const int served = provider.served();
    const auto result = broker.token(profile, 60s);
    ASSERT_FALSE(result);
    EXPECT_EQ(why_of(result), Why::kNoAnswer);
    if (provider.served() == served) {
      ++refused;
      EXPECT_NE(say_of(result).find("not before "), std::string::npos) << say_of(result);
    }
    provider.clock.advance(1s);
  }
  EXPECT_GT(refused, 3000);
  EXPECT_LT(provider.served() - before, 3 * 22) << "three tries each, 2 s to 5 min apart";
  const int served = provider.served();
  EXPECT_EQ(why_of(broker.refresh(profile)), Why::kNoAnswer);
  EXPECT_GT(provider.served(), served) << "a person may try at any time";
  provider.always(Fault::kNone);
  EXPECT_TRUE(broker.refresh(profile));
  EXPECT_TRUE(broker.token(profile, 60s));
}

TEST_F(Crowd, IsHeldBackByWhatTheProviderSaidWhoeverAsks) {
  Profile colleague = profile;
  colleague.name = ProfileName("colleague");
  let_it_die();
  provider.next("/api/operator/get-token", Fault::kSlowDown);
  const auto told = broker.token(profile, 60s);
  EXPECT_EQ(why_of(told), Why::kTooMany);
  const int served = provider.served();
  for (const auto& result :
       {broker.token(profile, 60s), broker.refresh(profile),
        broker.login(profile, {}, SecondFactor::kAsk, person), broker.token(colleague, 60s)}) {
    EXPECT_EQ(why_of(result), Why::kTooMany);
    EXPECT_NE(say_of(result).find("the provider said so"), std::string::npos) << say_of(result);
  }
  EXPECT_EQ(provider.served(), served);
  provider.clock.advance(3601s);
  EXPECT_TRUE(broker.token(profile, 60s));
}

TEST_F(Crowd, WaitsForWhatTheProviderSaidWhereThatIsSoon) {
  let_it_die();
  provider.next("/api/operator/get-token", Fault::kComeBack);
  const Instant begun = provider.clock.now();
  const auto handed = broker.token(profile, 60s);
  ASSERT_TRUE(handed) << say_of(handed);
  EXPECT_EQ(provider.clock.now() - begun, 6s);
}

TEST_F(Crowd, BeginsNoCallWhenItsTimeIsOver) {
  profile.timeout = 0s;
  let_it_die();
  const int served = provider.served();
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kUnavailable);
  EXPECT_EQ(provider.served(), served);
}

TEST_F(Crowd, EndsItsWaitingByTheProfilesTimeout) {
  profile.timeout = 1s;
  let_it_die();
  const auto held = Lease::take(home.path(), profile.name, 0ms);
  ASSERT_TRUE(held);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kUnavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 4s);
}

}  // namespace
}  // namespace latchkey::broker
