#include "server/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace latchkey::server {
namespace {

WorkerPool::Job job(std::function<void()> work) { return WorkerPool::Job(std::move(work)); }

TEST(WorkerPool, RunsWhatItTakes) {
  std::promise<int> done;
  WorkerPool pool(1, 4);
  auto one = job([&] { done.set_value(42); });
  ASSERT_TRUE(pool.offer(one));
  EXPECT_EQ(done.get_future().get(), 42);
}

TEST(WorkerPool, LeavesAJobWithItsOwnerWhenTheQueueIsFull) {
  std::promise<void> begun, release;
  WorkerPool pool(1, 1);
  auto busy = job([&] {
    begun.set_value();
    release.get_future().wait();
  });
  ASSERT_TRUE(pool.offer(busy));
  begun.get_future().wait();
  std::atomic<int> ran = 0;
  auto queued = job([&] { ++ran; });
  auto refused = job([&] { ran += 10; });
  EXPECT_TRUE(pool.offer(queued));
  EXPECT_FALSE(pool.offer(refused));
  ASSERT_TRUE(refused);
  refused();
  EXPECT_EQ(ran, 10);
  release.set_value();
  pool.stop();
  EXPECT_EQ(ran, 11);
}

TEST(WorkerPool, FinishesWhatItTookAndThenTakesNothing) {
  std::atomic<int> ran = 0;
  WorkerPool pool(2, 100);
  for (int i = 0; i < 50; ++i) {
    auto one = job([&] { ++ran; });
    ASSERT_TRUE(pool.offer(one));
  }
  pool.stop();
  EXPECT_EQ(ran, 50);
  auto late = job([&] { ++ran; });
  EXPECT_FALSE(pool.offer(late));
}

}  // namespace
}  // namespace latchkey::server
