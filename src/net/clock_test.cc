#include "net/clock.h"

#include <gtest/gtest.h>

namespace latchkey::net {
namespace {

using namespace std::chrono_literals;

TEST(SettableClock, StartsWhereItIsToldAndRunsOn) {
  const Instant noon = from_epoch(1'772'366'400);
  SettableClock clock(noon);
  EXPECT_GE(clock.now(), noon);
  EXPECT_LE(clock.now(), noon + 60s);
}

TEST(SettableClock, IsOnlyEverMovedForward) {
  const Instant noon = from_epoch(1'772'366'400);
  SettableClock clock(noon);
  clock.advance(31min);
  EXPECT_GE(clock.now(), noon + 31min);
  clock.advance(-1h);
  clock.advance(0s);
  EXPECT_GE(clock.now(), noon + 31min);
  const auto offset = (noon + 31min) - SystemClock().now();
  EXPECT_LE(std::chrono::abs(clock.offset() - offset), 60s);
}

TEST(SystemClock, AgreesWithTheMachine) {
  const auto before = std::chrono::floor<Seconds>(std::chrono::system_clock::now());
  EXPECT_GE(SystemClock().now(), before);
}

}  // namespace
}  // namespace latchkey::net
