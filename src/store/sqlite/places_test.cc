#include "store/sqlite/places.h"

#include <gtest/gtest.h>

namespace latchkey::store {
namespace {

engine::Hash hash_of(std::size_t number) {
  return {static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
}

TEST(Places, KeepThousandsOfTheNewestAndNoMoreThanTwiceAsMany) {
  Places places;
  constexpr std::size_t kAll = 3 * Places::kMost;
  for (std::size_t i = 0; i < kAll; ++i)
    places.put(hash_of(i), {.id = GrantId("g"), .number = static_cast<std::int64_t>(i)});
  for (std::size_t i = kAll - Places::kMost; i < kAll; ++i) {
    const auto found = places.find(hash_of(i));
    ASSERT_TRUE(found) << i;
    EXPECT_EQ(found->number, static_cast<std::int64_t>(i));
  }
  for (std::size_t i = 0; i < kAll - 2 * Places::kMost; ++i)
    EXPECT_FALSE(places.find(hash_of(i))) << i;
}

}  // namespace
}  // namespace latchkey::store
