#include "store/sqlite/group.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <thread>

namespace latchkey::store {
namespace {

const Work kNothing = [](engine::Tx&) -> Result<> { return {}; };

TEST(Group, ALonelyCallerLeadsAtOnceAndAlone) {
  Group group;
  Ticket mine(kNothing);
  std::size_t size = 0;
  group.serve(mine, [&](std::span<Ticket* const> tickets) {
    size = tickets.size();
    tickets[0]->result = fail(Why::kTooMany);
  });
  EXPECT_EQ(size, 1u);
  EXPECT_EQ(mine.result.error().why, Why::kTooMany);
}

TEST(Group, CallersThatCameMeanwhileAreLedTogetherByOneOfThem) {
  constexpr int kFollowers = 6;
  Group group;
  std::latch arrived(kFollowers);
  std::atomic<int> leads = 0, inside = 0, answered = 0;
  std::vector<std::future<void>> followers;

  const auto lead = [&](std::span<Ticket* const> tickets) {
    EXPECT_EQ(++inside, 1) << "two lead at once";
    ++leads;
    for (Ticket* each : tickets) each->result = fail(Why::kDeclined);
    --inside;
  };
  Ticket first(kNothing);
  group.serve(first, [&](std::span<Ticket* const> tickets) {
    for (int i = 0; i < kFollowers; ++i) {
      followers.push_back(std::async(std::launch::async, [&] {
        Ticket mine(kNothing);
        arrived.count_down();
        group.serve(mine, lead);
        answered += mine.result.error().why == Why::kDeclined;
      }));
    }
    arrived.wait();
    EXPECT_EQ(tickets.size(), 1u);
  });
  for (auto& each : followers) each.get();
  EXPECT_EQ(answered, kFollowers);
  EXPECT_GE(leads, 1);
  EXPECT_LE(leads, kFollowers);
}

TEST(Group, NobodyIsForgottenWhenManyMoreComeThanFitTogether) {
  constexpr int kThreads = 8, kRounds = 2000;
  Group group;
  std::atomic<std::size_t> served = 0, largest = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        Ticket mine(kNothing);
        group.serve(mine, [&](std::span<Ticket* const> tickets) {
          served += tickets.size();
          largest = std::max(largest.load(), tickets.size());
        });
      }
    });
  }
  for (auto& each : threads) each.join();
  EXPECT_EQ(served, std::size_t{kThreads} * kRounds);
  EXPECT_LE(largest, kMostTogether);
}

}  // namespace
}  // namespace latchkey::store
