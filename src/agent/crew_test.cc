#include "agent/crew.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <mutex>
#include <thread>
#include <vector>

namespace latchkey::agent {
namespace {

using namespace std::chrono_literals;

TEST(Crew, ServesOneProfileByOneThreadAtATime) {
  Crew crew;
  std::atomic<int> running{0}, most{0};
  std::latch done(20);
  for (int i = 0; i < 20; ++i)
    crew.add({"desk", "https://one", false, [&] {
                const int now = ++running;
                if (now > most) most = now;
                --running;
                done.count_down();
              }});
  done.wait();
  EXPECT_EQ(most, 1);
}

TEST(Crew, KeepsADeadProviderFromTakingAllThreads) {
  std::promise<void> dead;
  const auto end = dead.get_future().share();
  std::atomic<int> stuck{0};
  {
    Crew crew;
    for (int i = 0; i < 100; ++i)
      crew.add({"stuck" + std::to_string(i), "https://dead", false, [&, end] {
                  ++stuck;
                  end.wait();
                }});
    std::promise<void> served;
    crew.add({"desk", "https://alive", false, [&] { served.set_value(); }});
    EXPECT_EQ(served.get_future().wait_for(10s), std::future_status::ready);
    EXPECT_LE(stuck, Crew::kMostPerProvider);
    dead.set_value();
  }
  EXPECT_LE(stuck, 100) << "what had not begun may be forgotten";
}

TEST(Crew, LetsCallersGoBeforeWhatNobodyWaitsFor) {
  Crew crew;
  std::promise<void> gate;
  const auto open = gate.get_future().share();
  std::mutex mutex;
  std::vector<std::string> order;
  std::latch done(3);
  const auto note = [&](const std::string& name) {
    return [&, name] {
      open.wait();
      {
        const std::scoped_lock lock(mutex);
        order.push_back(name);
      }
      done.count_down();
    };
  };
  crew.add({"desk", "https://one", false, note("first")});
  crew.add({"desk", "https://one", true, note("ahead")});
  crew.add({"desk", "https://one", false, note("caller")});
  gate.set_value();
  done.wait();
  EXPECT_EQ(order.back(), "ahead");
}

TEST(Crew, FinishesWhatHasBegunAndBeginsNothingMore) {
  Crew crew;
  std::promise<void> gate;
  std::latch started(1);
  bool finished = false, late = false;
  crew.add({"desk", "https://one", false, [&, open = gate.get_future().share()] {
              started.count_down();
              open.wait();
              finished = true;
            }});
  started.wait();
  {
    const std::jthread opener([&] { gate.set_value(); });
    crew.stop();
  }
  EXPECT_TRUE(finished);
  crew.add({"desk", "https://one", false, [&] { late = true; }});
  crew.stop();
  EXPECT_FALSE(late);
}

}  // namespace
}  // namespace latchkey::agent
