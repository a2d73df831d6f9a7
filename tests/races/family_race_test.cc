#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "engine/admin.h"
#include "engine/local_authority.h"
#include "history.h"
#include "store/memory/memory_store.h"
#include "store/sqlite/sqlite_store.h"
#include "testing.h"

// Promises I1, I5, I6, I9, I10; checklist 3, 22, 23.

namespace latchkey::races {
namespace {

using namespace engine;
using namespace std::chrono_literals;

const Realm kRealm{"r"};
const ClientId kApp{"app"};
constexpr Instant kNoon = from_epoch(1772366400);
constexpr int kThreads = 8;

Policy policy_with(bool window) {
  return {.login = LoginKind::kClientSecret,
          .access_form = TokenForm::kOpaque,
          .refresh_form = TokenForm::kOpaque,
          .refresh_lifetime = 24h,
          .rotation = Rotation::kSingleUse,
          .on_replay = OnReplay::kRevokeFamily,
          .replay_window = window ? 30s : 0s};
}

/// An authority over one kind of store, that can be started again.
class Authority {
 public:
  Authority(bool on_disk, bool window) : on_disk_(on_disk), policy_(policy_with(window)) {
    start();
    Admin admin(*store_, keys_);
    must(admin.create_client({.client = {.realm = kRealm, .id = kApp}, .secret = Secret("s")}));
  }
  ~Authority() {
    engine_.reset();
    store_.reset();
  }
  /// A store in memory goes on; one on disk is opened anew.
  void start() {
    engine_.reset();
    if (on_disk_) {
      store_.reset();
      store_ = must(store::SqliteStore::open((directory_ / "s.db").string()));
    } else if (!store_) {
      store_ = std::make_unique<store::MemoryStore>();
    }
    engine_ = std::make_unique<LocalAuthority>(kRealm, policy_, *store_, keys_, std::nullopt);
  }
  TokenSet log_in() {
    return std::get<TokenSet>(must(engine_->perform(Login{.client = {kApp, Secret("s")}}, kNoon)));
  }
  Result<Outcome> perform(const Operation& asked) { return engine_->perform(asked, kNoon); }
  Store& store() { return *store_; }

 private:
  const bool on_disk_;
  const Policy policy_;
  const TempDir directory_;
  Keys keys_{Secret(std::string(32, 'k'))};
  std::unique_ptr<Store> store_;
  std::unique_ptr<LocalAuthority> engine_;
};

/// One family under fire, and the record of it.
class Story {
 public:
  Story(Authority& authority, unsigned seed)
      : authority_(authority), seed_(seed), first_(authority.log_in()) {
    tokens_.push_back(first_.refresh_token);
  }

  /// Every thread does `each` acts; a few of them are revocations if `revokes`.
  void go(int each, bool revokes) {
    std::barrier together(kThreads);
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        std::mt19937 random(seed_ * 100 + static_cast<unsigned>(i) + acts_before_);
        together.arrive_and_wait();
        for (int n = 0; n < each; ++n) act(random, revokes);
      });
    }
    threads.clear();
    acts_before_ += 50;
  }
  const std::vector<Act>& acts() const { return acts_; }

 private:
  void act(std::mt19937& random, bool revokes) {
    const unsigned dice = random() % 10;
    Act act{.kind = Act::Kind::kRefresh};
    if (dice == 0) act.kind = Act::Kind::kUse;
    if (dice == 1 && revokes) act.kind = Act::Kind::kRevoke;
    Secret token;
    {
      const std::lock_guard lock(mutex_);
      const int last = static_cast<int>(tokens_.size()) - 1;
      act.token = std::max(0, last - static_cast<int>(random() % 8 == 0 ? 2 : random() % 2));
      token = tokens_[static_cast<std::size_t>(act.token)];
    }
    act.began = ++clock_;
    perform(act, token);
    act.ended = ++clock_;
    const std::lock_guard lock(mutex_);
    acts_.push_back(act);
  }

  void perform(Act& act, const Secret& token) {
    if (act.kind == Act::Kind::kUse) {
      const bool live = authority_.perform(Use{.bearer = first_.access_token}).has_value();
      act.answer = live ? Act::Answer::kLive : Act::Answer::kDead;
      return;
    }
    if (act.kind == Act::Kind::kRevoke) {
      must(authority_.perform(Revoke{.token = first_.access_token}));
      act.answer = Act::Answer::kDone;
      return;
    }
    const auto refreshed = authority_.perform(Refresh{.refresh_token = token});
    if (refreshed) {
      act.answer = Act::Answer::kGiven;
      act.given = number_of(std::get<TokenSet>(*refreshed).refresh_token);
      return;
    }
    const Why why = refreshed.error().why;
    if (why != Why::kReplayed && why != Why::kRevoked) throw std::runtime_error(name_of(why));
    act.answer = why == Why::kReplayed ? Act::Answer::kReplayed : Act::Answer::kRevoked;
  }

  int number_of(const Secret& token) {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i] == token) return static_cast<int>(i);
    }
    tokens_.push_back(token);
    return static_cast<int>(tokens_.size()) - 1;
  }

  Authority& authority_;
  const unsigned seed_;
  unsigned acts_before_ = 0;
  TokenSet first_;
  std::atomic<std::uint64_t> clock_{0};
  std::mutex mutex_;
  std::vector<Secret> tokens_;
  std::vector<Act> acts_;
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
