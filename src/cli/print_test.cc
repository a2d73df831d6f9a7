#include "cli/print.h"

#include <gtest/gtest.h>

namespace latchkey::cli {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNoon = from_epoch(1772366400);  // 2026-03-01T12:00:00Z

TEST(Roughly, SaysTwoUnitsAtMost) {
  const std::pair<Seconds, const char*> rows[] = {
      {0s, "0 s"},           {1s, "1 s"},        {59s, "59 s"},
      {60s, "1 min"},        {61s, "1 min 1 s"}, {599s, "9 min 59 s"},
      {600s, "10 min"},      {659s, "10 min"},   {3599s, "59 min"},
      {3600s, "1 h"},        {3659s, "1 h"},     {3660s, "1 h 1 min"},
      {11100s, "3 h 5 min"}, {36000s, "10 h"},   {39600s, "11 h"},
      {86399s, "23 h"},      {86400s, "1 d"},    {86400s * 364, "364 d"}};
  for (const auto& [duration, text] : rows) EXPECT_EQ(roughly(duration), text) << duration.count();
}

/// In a time zone for the length of a test.
class InZone {
 public:
  explicit InZone(const char* zone) { set(zone); }
  ~InZone() { set("UTC0"); }

 private:
  static void set(const char* zone) {
    setenv("TZ", zone, 1);
    tzset();
  }
};

TEST(When, SaysTheInstantAndHowFarItIs) {
  const InZone in("UTC0");
  EXPECT_EQ(when(std::nullopt, kNoon, "never"), "never");
  EXPECT_EQ(when(kNoon + 29min, kNoon, "never"), "2026-03-01T12:29:00Z (in 29 min)");
  EXPECT_EQ(when(kNoon, kNoon, "never"), "2026-03-01T12:00:00Z (in 0 s)");
  EXPECT_EQ(when(kNoon - 1s, kNoon, "never"), "2026-03-01T11:59:59Z (1 s ago)");
  EXPECT_EQ(when(kNoon - 3h, kNoon, "never"), "2026-03-01T09:00:00Z (3 h ago)");
}

TEST(When, SaysWhatTheClockOnTheWallShows) {
  const InZone in("ICT-7");
  EXPECT_EQ(when(kNoon + 29min, kNoon, ""), "2026-03-01T12:29:00Z (19:29 here, in 29 min)");
  EXPECT_EQ(when(kNoon + 5h, kNoon, ""), "2026-03-01T17:00:00Z (Mon 00:00 here, in 5 h)");
}

}  // namespace
}  // namespace latchkey::cli
