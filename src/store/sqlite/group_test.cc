#include "store/sqlite/group.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>
#include <thread>

namespace latchkey::store {
namespace {

const Work kNothing = [](engine::Tx&) -> Result<> { return {}; };

TEST(Group, ALonelyCallerLeadsAtOnceAndAlone) {
  std::size_t size = 0;
  Group group([&](std::span<Ticket* const> tickets) {
    size = tickets.size();
    tickets[0]->result = fail(Why::kTooMany);
  });
  Ticket mine(kNothing);
  group.serve(mine);
  EXPECT_EQ(size, 1u);
  EXPECT_EQ(mine.result.error().why, Why::kTooMany);
}

TEST(Group, CallersThatCameMeanwhileAreLedTogetherByOneOfThem) {
  constexpr int kFollowers = 6;
  std::latch arrived(kFollowers);
  std::atomic<int> leads = 0, inside = 0, answered = 0;
  std::vector<std::future<void>> followers;
  Group* whole = nullptr;

  const auto bring_followers = [&] {
    for (int i = 0; i < kFollowers; ++i) {
      followers.push_back(std::async(std::launch::async, [&] {
        Ticket mine(kNothing);
        arrived.count_down();
        whole->serve(mine);
        answered += mine.result.error().why == Why::kDeclined;
      }));
    }
    arrived.wait();
  };
  Group group([&](std::span<Ticket* const> tickets) {
    EXPECT_EQ(++inside, 1) << "two lead at once";
    if (++leads == 1) {
      EXPECT_EQ(tickets.size(), 1u);
      bring_followers();
    }
    for (Ticket* each : tickets) each->result = fail(Why::kDeclined);
    --inside;
  });
  whole = &group;
  Ticket first(kNothing);
  group.serve(first);
  for (auto& each : followers) each.get();
  EXPECT_EQ(answered, kFollowers);
  EXPECT_GE(leads, 2);
  EXPECT_LE(leads, kFollowers + 1);
}

TEST(Group, NobodyIsForgottenWhenManyMoreComeThanFitTogether) {
  constexpr int kThreads = 8, kRounds = 2000;
  std::atomic<std::size_t> served = 0, largest = 0, heard = 0;
  {
    Group group([&](std::span<Ticket* const> tickets) {
      served += tickets.size();
      largest = std::max(largest.load(), tickets.size());
    });
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < kRounds; ++round) {
          group.serve_later({kNothing, kNothing}, [&](auto results) { heard += results.size(); });
          Ticket mine(kNothing);
          group.serve(mine);
        }
      });
    }
  }
  EXPECT_EQ(served, 3 * std::size_t{kThreads} * kRounds);
  EXPECT_EQ(heard, 2 * std::size_t{kThreads} * kRounds);
  EXPECT_LE(largest, kMostTogether);
}

TEST(Group, WhoDoesNotWaitIsAnsweredBeforeTheGroupIsGone) {
  int heard = 0;
  {
    Group group([&](std::span<Ticket* const> tickets) {
      for (Ticket* each : tickets) each->result = fail(Why::kDeclined);
    });
    for (int i = 0; i < 100; ++i)
      group.serve_later(
          {kNothing}, [&](auto results) { heard += results.at(0).error().why == Why::kDeclined; });
  }
  EXPECT_EQ(heard, 100);
}

TEST(Group, WhatIsBroughtInOnePieceIsLedTogether) {
  std::vector<std::size_t> sizes;
  {
    Group group([&](std::span<Ticket* const> tickets) { sizes.push_back(tickets.size()); });
    group.serve_later(std::vector<Work>(kMostTogether + 3, kNothing), [](auto) {});
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{kMostTogether, 3}));
}

TEST(Group, WhoBringsNothingHearsAtOnce) {
  bool heard = false;
  Group group([](std::span<Ticket* const>) {});
  group.serve_later({}, [&](auto results) { heard = results.empty(); });
  EXPECT_TRUE(heard);
}

TEST(Group, AnExceptionReachesWhoDoesNotWaitAsADefect) {
  std::promise<std::vector<Result<>>> heard;
  Group group([&](std::span<Ticket* const> tickets) {
    tickets[0]->thrown = std::make_exception_ptr(std::runtime_error("broken"));
  });
  group.serve_later({kNothing}, [&](auto results) { heard.set_value(std::move(results)); });
  const Result<> result = heard.get_future().get().at(0);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().why, Why::kBug);
  EXPECT_EQ(result.error().note, "broken");
}

}  // namespace
}  // namespace latchkey::store
