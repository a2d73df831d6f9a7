#include <gtest/gtest.h>

#include <barrier>
#include <deque>
#include <future>
#include <thread>

#include "record.h"

// Refreshes that go to the store in one piece, as the server's do (src/server/site_later.cc), so
// that many of one family share a commit. Promises I1, I6, I9, I10; checklist 22, 23.

namespace latchkey::races {
namespace {

using namespace engine;

constexpr int kThreads = 4;
constexpr int kBursts = 2;  // of a thread, before the restart and after it
constexpr unsigned kMostTogether = 4;
static_assert(2 * kThreads * kBursts * kMostTogether <= 64, "an explanation is for so many");

/// What begins together and is committed together.
class Burst {
 public:
  explicit Burst(Authority& authority) : authority_(authority) {}

  void add(Record& record, const Asked& asked) {
    const Asked& kept = asked_.emplace_back(asked);  // which `begun` refers to
    auto begun = authority_.begin(kept.operation);
    if (!begun) return record.hear(kept, fail(begun.error()));
    works_.push_back([what = begun->get()](Tx& tx) { return what->work(tx); });
    waiting_.push_back({&record, &kept, *std::move(begun)});
  }
  /// Somebody else's work, that ends the family and then fails: the whole commit is undone, and
  /// all but this is done again.
  void spoil(const Secret& token) {
    works_.push_back([this, token](Tx& tx) -> Result<> {
      const auto held = TRY(tx.holding(kRealm, authority_.keys().token_hash(token)));
      TRY(tx.revoke_grant(kRealm, held->grant.id, "undone", kNoon));
      return fail(Why::kForbidden);
    });
    waiting_.emplace_back();
  }
  std::size_t size() const { return works_.size(); }
  void send() {
    std::promise<std::vector<Result<>>> ended;
    ended_ = ended.get_future();
    authority_.store().transact_later(
        std::move(works_), [ended = std::move(ended)](std::vector<Result<>> committed) mutable {
          ended.set_value(std::move(committed));
        });
  }
  void hear() {
    const std::vector<Result<>> committed = ended_.get();
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      const auto& [record, asked, begun] = waiting_[i];
      if (record == nullptr) EXPECT_FALSE(committed[i]);
      else if (committed[i]) record->hear(*asked, begun->finish());
      else record->hear(*asked, fail(committed[i].error()));
    }
  }

 private:
  struct Waiting {
    Record* record = nullptr;  // of the spoiler none
    const Asked* asked = nullptr;
    std::unique_ptr<Begun> begun;
  };
  Authority& authority_;
  std::deque<Asked> asked_;
  std::vector<Store::Work> works_;
  std::vector<Waiting> waiting_;
  std::future<std::vector<Result<>>> ended_;
};

/// One family under fire, and beside it one of each thread that nobody else knows.
class Story {
 public:
  Story(Authority& authority, unsigned seed)
      : authority_(authority), seed_(seed), family_(authority.log_in()) {
    for (int i = 0; i < kThreads; ++i) bystanders_.emplace_back(authority.log_in());
  }

  void go(bool revokes) {
    std::barrier together(kThreads);
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        std::mt19937 random(seed_ * 100 + static_cast<unsigned>(i) + (revokes ? 50 : 0));
        together.arrive_and_wait();
        for (int n = 0; n < kBursts; ++n)
          burst(random, revokes, bystanders_[static_cast<std::size_t>(i)]);
      });
    }
  }
  const Record& family() const { return family_; }
  const std::deque<Record>& bystanders() const { return bystanders_; }
  int shared() const { return shared_; }

 private:
  // What cannot be begun is asked while the store has the burst.
  void burst(std::mt19937& random, bool revokes, Record& bystander) {
    Burst burst(authority_);
    std::vector<Asked> at_once;
    for (unsigned most = 1 + random() % kMostTogether, n = 0; n < most; ++n) {
      Asked asked = family_.ask(random, revokes);
      if (asked.act.kind == Act::Kind::kRefresh) burst.add(family_, asked);
      else at_once.push_back(std::move(asked));
    }
    shared_ += burst.size() > 1;
    if (random() % 4 == 0) burst.spoil(family_.first().refresh_token);
    burst.add(bystander, bystander.ask_on());
    burst.send();
    for (const Asked& asked : at_once) family_.hear(asked, authority_.perform(asked.operation));
    burst.hear();
  }

  Authority& authority_;
  const unsigned seed_;
  Record family_;
  std::deque<Record> bystanders_;
  std::atomic<int> shared_{0};
};

class ABurst : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(OnDisk, ABurst, ::testing::Bool(),
                         [](const auto& shown) { return shown.param ? "Window" : "Strict"; });

TEST_P(ABurst, HasAHistoryThatOneOrderExplains) {
  const bool window = GetParam();
  Authority authority(true, window);
  int shared = 0, given = 0, replayed = 0, revoked = 0;
  for (unsigned i = 0; i < 25; ++i) {
    Story story(authority, i);
    story.go(false);
    authority.start();
    story.go(true);
    for (const Act& act : story.family().acts()) {
      given += act.answer == Act::Answer::kGiven;
      replayed += act.answer == Act::Answer::kReplayed;
      revoked += act.answer == Act::Answer::kRevoked;
    }
    shared += story.shared();
    EXPECT_TRUE(explanation(story.family().acts(), window)) << "story " << i;
    for (const Record& bystander : story.bystanders()) {
      EXPECT_TRUE(explanation(bystander.acts(), window)) << "story " << i;
      for (const Act& act : bystander.acts())
        EXPECT_EQ(act.answer, Act::Answer::kGiven) << "promise I9, story " << i;
    }
  }
  EXPECT_GT(shared, 0) << "commits with several of the family";
  EXPECT_GT(given, 0);
  EXPECT_GT(replayed, 0);
  EXPECT_GT(revoked, 0);
}

}  // namespace
}  // namespace latchkey::races
