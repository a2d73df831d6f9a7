#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <map>
#include <thread>

#include "record.h"

// Promises I1, I5, I6, I9, I10; checklist 3, 22, 23.

namespace latchkey::races {
namespace {

using namespace engine;
using namespace std::chrono_literals;

constexpr int kThreads = 8;

/// One family under fire.
class Story {
 public:
  Story(Authority& authority, unsigned seed)
      : authority_(authority), seed_(seed), record_(authority.log_in()) {}

  /// Every thread does `each` acts; a few of them are revocations if `revokes`.
  void go(int each, bool revokes) {
    std::barrier together(kThreads);
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        std::mt19937 random(seed_ * 100 + static_cast<unsigned>(i) + acts_before_);
        together.arrive_and_wait();
        for (int n = 0; n < each; ++n) {
          const Asked asked = record_.ask(random, revokes);
          record_.hear(asked, authority_.perform(asked.operation));
        }
      });
    }
    threads.clear();
    acts_before_ += 50;
  }
  const std::vector<Act>& acts() const { return record_.acts(); }

 private:
  Authority& authority_;
  const unsigned seed_;
  unsigned acts_before_ = 0;
  Record record_;
};

struct World {
  const char* name;
  bool on_disk;
  bool window;
  int stories;
};

class AFamilyUnderFire : public ::testing::TestWithParam<World> {};

TEST_P(AFamilyUnderFire, HasAHistoryThatOneOrderExplains) {
  const World& world = GetParam();
  Authority authority(world.on_disk, world.window);
  int given = 0, replayed = 0, revoked = 0;
  for (int i = 0; i < world.stories; ++i) {
    Story story(authority, static_cast<unsigned>(i));
    const TokenSet bystander = authority.log_in();
    story.go(3, false);
    authority.start();
    story.go(3, true);
    for (const Act& act : story.acts()) {
      given += act.answer == Act::Answer::kGiven;
      replayed += act.answer == Act::Answer::kReplayed;
      revoked += act.answer == Act::Answer::kRevoked;
    }
    EXPECT_TRUE(explanation(story.acts(), world.window)) << "story " << i;
    EXPECT_TRUE(authority.perform(Use{.bearer = bystander.access_token})) << "promise I9";
  }
  EXPECT_GT(given, 0);
  EXPECT_GT(revoked, 0);
  if (!world.window) EXPECT_GT(replayed, 0);
}

TEST_P(AFamilyUnderFire, HasOneSuccessorHoweverManyRefreshOneToken) {
  const World& world = GetParam();
  Authority authority(world.on_disk, world.window);
  for (int round = 0; round < world.stories; ++round) {
    const TokenSet set = authority.log_in();
    std::barrier together(kThreads);
    std::mutex mutex;
    std::map<std::string, int> answers;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
          together.arrive_and_wait();
          const auto refreshed = authority.perform(Refresh{.refresh_token = set.refresh_token});
          const std::string what =
              refreshed ? std::string(std::get<TokenSet>(*refreshed).refresh_token.reveal())
                        : name_of(refreshed.error().why);
          const std::lock_guard lock(mutex);
          ++answers[what];
        });
      }
    }
    if (world.window) {
      EXPECT_EQ(answers.size(), 1u) << "the same answer for all";
      EXPECT_TRUE(authority.perform(Refresh{.refresh_token = Secret(answers.begin()->first)}));
      continue;
    }
    answers.erase(name_of(Why::kRevoked));
    EXPECT_EQ(answers[name_of(Why::kReplayed)], 1) << "the second one is the reuse";
    EXPECT_EQ(answers.size(), 2u) << "and one was first";
    EXPECT_FALSE(authority.perform(Use{.bearer = set.access_token})) << "promise I6";
  }
}

TEST_P(AFamilyUnderFire, ComesOfACodeOnceHoweverManyRedeemIt) {  // checklist 3
  const World& world = GetParam();
  Authority authority(world.on_disk, world.window);
  const Keys keys{Secret(std::string(32, 'k'))};
  Admin admin(authority.store(), keys);
  must(admin.create_user({.realm = kRealm, .login = SubjectId("ann")}, Secret("p")));
  for (int round = 0; round < world.stories; ++round) {
    const Secret text("code " + std::to_string(round));
    must(authority.store().transact([&](Tx& tx) {
      return tx.put_code({.realm = kRealm,
                          .hash = keys.hash_of(text),
                          .client = kApp,
                          .subject = SubjectId("ann"),
                          .redirect_uri = "http://127.0.0.1/cb",
                          .until = kNoon + 60s});
    }));
    const Exchange asked{
        .client = {kApp, Secret("s")}, .code = text, .redirect_uri = "http://127.0.0.1/cb"};
    std::barrier together(kThreads);
    std::atomic<int> given{0};
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
          together.arrive_and_wait();
          if (authority.perform(asked)) ++given;
        });
      }
    }
    EXPECT_EQ(given, 1);
  }
  const auto live = authority.store().read(
      [](Tx& tx) { return tx.grants({.realm = kRealm, .subject = SubjectId("ann")}, 1000); });
  EXPECT_TRUE(must(live).empty()) << "the second use ended what the first one gave";
}

INSTANTIATE_TEST_SUITE_P(On, AFamilyUnderFire,
                         ::testing::Values(World{"MemoryStrict", false, false, 40},
                                           World{"MemoryWindow", false, true, 40},
                                           World{"SqliteStrict", true, false, 15},
                                           World{"SqliteWindow", true, true, 15}),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace latchkey::races
