// The service over a provider in this process, with a clock that is moved by hand.

#include "agent/service.h"

#include <algorithm>
#include <condition_variable>
#include <deque>

#include "broker/testing.h"
#include "dialects/chathub/chathub.h"

namespace latchkey::agent {
namespace {

using namespace std::chrono_literals;
using broker::testing::Fault;
using broker::testing::Provider;
using broker::testing::say_of;
using broker::testing::why_of;

const std::string kOperator = "/api/operator/get-token";
const ProfileName kDesk("desk");

/// What is posted to the service's thread, which is the test's.
class Posted {
 public:
  void add(std::function<void()> work) {
    const std::scoped_lock lock(mutex_);
    works_.push_back(std::move(work));
    added_.notify_all();
  }
  /// Runs what comes until it is so; false when nothing came for half a minute.
  bool run_until(const std::function<bool()>& done) {
    while (!done()) {
      std::unique_lock lock(mutex_);
      if (!added_.wait_for(lock, 30s, [this] { return !works_.empty(); })) return false;
      const auto work = std::move(works_.front());
      works_.pop_front();
      lock.unlock();
      work();
    }
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable added_;
  std::deque<std::function<void()>> works_;
};

class AService : public ::testing::Test {
 protected:
  AService() : provider(dialects::chathub::dialect(), {{"auth_interval", "0s"}}) {
    registry.add(dialects::chathub::dialect());
    configure("");
    service = std::make_unique<Service>(Service::Edges{
        &registry, provider.world({{"HOME", home.path()}, {"PASSWORD", "demo-password"}}),
        home / "config.toml", [this](auto work) { posted.add(std::move(work)); },
        [this](const broker::Config&, const broker::Profile&, const Event& event) {
          told.push_back(event.what);
        }});
  }
  ~AService() override { service->stop(); }

  void configure(const std::string& more) {
    broker::testing::write_file(
        home / "config.toml", "[vault]\nkey = \"file\"\npath = \"" + (home / "vault.db") +
                                  "\"\nkey_file = \"" + (home / "vault.key") +
                                  "\"\n[profiles.desk]\nprovider = \"chathub\"\nlogin = "
                                  "\"demo-company\"\npassword_env = \"PASSWORD\"\noperator = 1\n" +
                                  more);
  }

  Result<Answer> ask(Question question = {kDesk}) {
    std::optional<Result<Answer>> answer;
    service->ask(question, [&](Result<Answer> got) { answer = std::move(got); });
    EXPECT_TRUE(posted.run_until([&] { return answer.has_value(); }));
    return std::move(*answer);
  }
  bool tells(What what) {
    return posted.run_until([&] { return std::ranges::count(told, what) > 0; });
  }

  broker::testing::TempDir home;
  Provider provider;
  dialect::Registry registry;
  Posted posted;
  std::vector<What> told;
  std::unique_ptr<Service> service;
};

TEST_F(AService, AsksNobodyForATokenThatLives) {
  const auto first = ask();
  ASSERT_TRUE(first) << say_of(first);
  const int served = provider.served();
  provider.always(Fault::kUnreachable);
  const auto again = ask();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->token, first->token);
  EXPECT_EQ(provider.served(), served);
}

TEST_F(AService, GivesManyCallersTheOneRenewal) {
  std::vector<Result<Answer>> answers;
  for (int i = 0; i < 50; ++i)
    service->ask({kDesk, i % 2 == 0, {}},
                 [&](Result<Answer> answer) { answers.push_back(std::move(answer)); });
  ASSERT_TRUE(posted.run_until([&] { return answers.size() == 50; }));
  for (const auto& answer : answers) EXPECT_TRUE(answer) << say_of(answer);
  EXPECT_EQ(provider.served(kOperator), 1);
}

TEST_F(AService, RenewsAheadWhatWasAskedForAndNothingElse) {
  const auto first = ask();
  ASSERT_TRUE(first && first->until);
  service->tick();
  provider.clock.advance(*first->until - provider.clock.now() - 100s);
  told.clear();
  service->tick();
  EXPECT_EQ(provider.served(kOperator), 1) << "nobody has asked for it since it is there";
  EXPECT_EQ(ask()->token, first->token);
  service->tick();
  ASSERT_TRUE(tells(What::kRotated));
  EXPECT_EQ(provider.served(kOperator), 2);
  const auto second = ask();
  EXPECT_FALSE(second->token == first->token);
  service->tick();
  EXPECT_EQ(provider.served(kOperator), 2);
}

TEST_F(AService, WakesUpAfterItsTokensHaveDied) {
  ASSERT_TRUE(ask());
  ASSERT_TRUE(ask());
  service->tick();
  provider.clock.advance(24h * 30);  // suspended, or the clock was wrong
  told.clear();
  service->tick();
  ASSERT_TRUE(tells(What::kRotated));
  for (int i = 0; i < 100; ++i) service->tick();
  EXPECT_EQ(provider.served(kOperator), 2);
}

TEST_F(AService, IsNotConfusedByAClockThatIsSetBack) {
  ASSERT_TRUE(ask());
  ASSERT_TRUE(ask());
  provider.clock.advance(-(24h * 30));
  for (int i = 0; i < 100; ++i) service->tick();
  EXPECT_TRUE(ask());
  EXPECT_EQ(provider.served(kOperator), 1);
}

TEST_F(AService, TellsOnceThatAheadNothingWorks) {
  const auto first = ask();
  ASSERT_TRUE(first);
  provider.clock.advance(*first->until - provider.clock.now() - 100s);
  EXPECT_TRUE(ask());
  provider.always(Fault::kUnreachable);
  told.clear();
  service->tick();
  ASSERT_TRUE(tells(What::kFailed));
  EXPECT_EQ(ask()->token, first->token) << "the old one lives";
  const int served = provider.served();
  for (int i = 0; i < 14; ++i) {
    provider.clock.advance(1s);
    service->tick();
  }
  EXPECT_EQ(provider.served(), served) << "it does not hammer";
  provider.always(Fault::kNone);
  provider.clock.advance(1s);
  service->tick();
  ASSERT_TRUE(tells(What::kRotated));
  EXPECT_EQ(told, (std::vector{What::kFailed, What::kRotated}));
}

TEST_F(AService, KeepsATokenThatIsBoundToAKeyAndRenewsNoneAhead) {
  const auto first = ask();
  ASSERT_TRUE(first && first->until);
  broker::KeyRing program(registry, provider.world({{"HOME", home.path()}}),
                          {.config = home / "config.toml"});
  auto* vault = program.vault(false).value();
  auto entry = vault->load(kDesk).value().value();
  entry.proof_key = Secret("key");
  ASSERT_TRUE(vault->store(kDesk, entry));
  told.clear();
  EXPECT_EQ(why_of(ask()), Why::kPolicy);
  EXPECT_EQ(why_of(ask({kDesk, true, {}})), Why::kPolicy);
  provider.clock.advance(*first->until - provider.clock.now() - 100s);
  service->tick();
  EXPECT_EQ(why_of(ask()), Why::kPolicy);
  EXPECT_EQ(provider.served(kOperator), 1);
  EXPECT_EQ(std::ranges::count(told, What::kFailed), 0) << "no renewal has failed";
}

TEST_F(AService, ForgetsEverythingWhenItIsLocked) {
  ASSERT_TRUE(ask());
  service->lock();
  EXPECT_EQ(why_of(ask()), Why::kStore);
  std::optional<Result<>> opened;
  service->unlock({}, [&](Result<> done) { opened = std::move(done); });
  ASSERT_TRUE(posted.run_until([&] { return opened.has_value(); }));
  EXPECT_TRUE(*opened);
  EXPECT_TRUE(ask());
  EXPECT_EQ(provider.served(kOperator), 1) << "it was in the vault";
}

TEST_F(AService, MakesTheVaultForWhoeverAsksWhileItIsBeingLookedFor) {
  service->tick();  // begins to look for a vault, and would make none
  const auto answer = ask();
  EXPECT_TRUE(answer) << say_of(answer);
}

TEST_F(AService, TakesUpAChangedConfiguration) {
  ASSERT_TRUE(ask());
  EXPECT_EQ(why_of(ask({ProfileName("other")})), Why::kUnknownName);
  configure("[profiles.other]\nprovider = \"chathub\"\nlogin = \"nobody\"\noperator = 1\n");
  EXPECT_EQ(why_of(ask({ProfileName("other")})), Why::kPersonNeeded);
  broker::testing::write_file(home / "config.toml", "[profiles");
  EXPECT_EQ(why_of(ask()), Why::kUsage);
  configure("");
  EXPECT_TRUE(ask());
}

}  // namespace
}  // namespace latchkey::agent
