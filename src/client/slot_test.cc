#include "client/slot.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace latchkey::client {
namespace {

std::atomic<int> alive{0};

class Thing final : public Counted {
 public:
  explicit Thing(int value) : value(value) { ++alive; }
  ~Thing() override {
    value = -1;
    --alive;
  }
  int value;
};

Ref<Thing> make(int value) { return Ref<Thing>(new Thing(value)); }

TEST(Slot, GivesWhatWasPutAndLetsGoOfWhatWasReplaced) {
  {
    Slot<Thing> slot;
    EXPECT_FALSE(slot.take());
    slot.put(make(1));
    const auto first = slot.take();
    slot.put(make(2));
    EXPECT_EQ(first->value, 1) << "who has taken it keeps it";
    EXPECT_EQ(slot.take()->value, 2);
    EXPECT_EQ(alive, 2);
  }
  EXPECT_EQ(alive, 0);
}

TEST(Slot, DropsOnlyWhatItHolds) {
  Slot<Thing> slot;
  slot.put(make(1));
  const auto first = slot.take();
  slot.put(make(2));
  slot.drop(first);
  ASSERT_TRUE(slot.take());
  slot.drop(slot.take());
  EXPECT_FALSE(slot.take());
  slot.put({});
  EXPECT_EQ(alive, 1) << "only the one that we hold";
}

TEST(Slot, CountsMoreTakersThanItsSixteenBits) {
  {
    Slot<Thing> slot;
    slot.put(make(7));
    std::vector<Ref<Thing>> taken;
    for (int i = 0; i < 200'000; ++i) taken.push_back(slot.take());
    for (const auto& one : taken) ASSERT_EQ(one->value, 7);
    slot.put({});
    taken.erase(taken.begin(), taken.end() - 1);
    EXPECT_EQ(alive, 1);
    EXPECT_EQ(taken.front()->value, 7);
  }
  EXPECT_EQ(alive, 0);
}

TEST(Slot, IsTakenFromByManyWhileItIsFilled) {
  {
    Slot<Thing> slot;
    slot.put(make(0));
    std::atomic<bool> over{false};
    std::atomic<long> wrong{0};
    std::vector<std::thread> takers;
    for (int t = 0; t < 4; ++t)
      takers.emplace_back([&] {
        int last = 0;
        while (!over) {
          const auto taken = slot.take();
          if (!taken || taken->value < last) ++wrong;
          else last = taken->value;
        }
      });
    for (int i = 1; i <= 20'000; ++i) slot.put(make(i));
    over = true;
    for (auto& taker : takers) taker.join();
    EXPECT_EQ(wrong, 0);
  }
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace latchkey::client
