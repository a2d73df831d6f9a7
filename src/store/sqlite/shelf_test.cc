#include "store/sqlite/shelf.h"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::store {
namespace {

using Numbers = Shelf<std::string, std::size_t>;

TEST(Shelf, KeepsThousandsOfTheNewestAndNoMoreThanTwiceAsMany) {
  Numbers numbers;
  constexpr std::size_t kAll = 3 * Numbers::kMost;
  for (std::size_t i = 0; i < kAll; ++i) numbers.put(std::to_string(i), i);
  for (std::size_t i = kAll - Numbers::kMost; i < kAll; ++i)
    EXPECT_EQ(numbers.find(std::to_string(i)), i);
  for (std::size_t i = 0; i < kAll - 2 * Numbers::kMost; ++i)
    EXPECT_EQ(numbers.find(std::to_string(i)), std::nullopt);
}

TEST(Shelf, KeepsWhatIsStillAskedFor) {
  Numbers numbers;
  numbers.put("asked", 7);
  for (std::size_t i = 0; i < 10 * Numbers::kMost; ++i) {
    numbers.put(std::to_string(i), i);
    ASSERT_EQ(numbers.find("asked"), 7u) << i;
  }
}

}  // namespace
}  // namespace latchkey::store
