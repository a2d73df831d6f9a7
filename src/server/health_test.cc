#include "server/health.h"

#include <gtest/gtest.h>

#include <latch>

#include "store/memory/memory_store.h"

namespace latchkey::server {
namespace {

constexpr Instant kNoon = from_epoch(1772366400);
const http::Request kAsk{.method = "GET", .target = {"/readyz", {}}};

/// A store whose writes fail, or wait until they are let go.
class Troubled final : public engine::Store {
 public:
  std::atomic<bool> fails{false}, waits{false};
  std::atomic<int> writes{0};
  std::latch go{1};

 protected:
  Result<> do_transact(const Work& work) override {
    ++writes;
    if (waits) go.wait();
    if (fails) return fail(Why::kUnavailable, "", "the disk is full");
    return inner_.transact(work);
  }
  Result<> do_read(const Work& work) override { return inner_.read(work); }

 private:
  store::MemoryStore inner_;
};

TEST(Health, IsReadyWhenAWriteWasCommitted) {
  Troubled store;
  Health health(store);
  EXPECT_FALSE(health.was_ready());
  EXPECT_EQ(health.livez(kAsk).status, 200);
  const auto answer = health.readyz(kAsk, kNoon);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "ok\n");
  EXPECT_TRUE(health.was_ready());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(health.readyz(kAsk, kNoon).status, 200);
  EXPECT_LE(store.writes, 6);
  EXPECT_GE(store.writes, 1);
}

TEST(Health, IsNotReadyWhenTheStoreCannot) {
  Troubled store;
  store.fails = true;
  Health health(store);
  const auto answer = health.readyz(kAsk, kNoon);
  EXPECT_EQ(answer.status, 503);
  ASSERT_NE(answer.headers.find("Retry-After"), nullptr);
  EXPECT_EQ(health.livez(kAsk).status, 200) << "a store in trouble is no reason to be restarted";
}

TEST(Health, WaitsNoLongerThanItsDeadline) {
  Troubled store;
  store.waits = true;
  Health health(store, std::chrono::milliseconds{1});
  EXPECT_EQ(health.readyz(kAsk, kNoon).status, 503);
  EXPECT_EQ(health.readyz(kAsk, kNoon).status, 503);
  EXPECT_FALSE(health.was_ready());
  store.go.count_down();
}

TEST(Health, IsNotReadyWhileDraining) {
  Troubled store;
  Health health(store);
  EXPECT_EQ(health.readyz(kAsk, kNoon).status, 200);
  health.set_draining();
  EXPECT_EQ(health.readyz(kAsk, kNoon).status, 503);
}

TEST(Health, TakesNothingButGet) {
  Troubled store;
  Health health(store);
  EXPECT_EQ(health.readyz({.method = "POST"}, kNoon).status, 405);
  EXPECT_EQ(health.livez({.method = "DELETE"}).status, 405);
}

}  // namespace
}  // namespace latchkey::server
