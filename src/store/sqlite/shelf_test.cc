#include "store/sqlite/shelf.h"

#include <gtest/gtest.h>

#include <string>

namespace {

/// A key that hashes as every other one does.
struct Alike {
  int number = 0;
  bool operator==(const Alike&) const = default;
};

}  // namespace

template <>
struct std::hash<Alike> {
  std::size_t operator()(const Alike&) const { return ~std::size_t{0}; }
};

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

TEST(Shelf, WhatWasClearedIsGoneAndMayComeAgain) {
  Numbers numbers;
  for (std::size_t i = 0; i < Numbers::kMost + 100; ++i) numbers.put(std::to_string(i), i);
  numbers.clear();
  for (std::size_t i = 0; i < Numbers::kMost + 100; ++i)
    ASSERT_EQ(numbers.find(std::to_string(i)), std::nullopt) << i;
  for (std::size_t i = 0; i < 10; ++i) numbers.put(std::to_string(i), 2 * i);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(numbers.find(std::to_string(i)), 2 * i);
}

TEST(Shelf, APutOverWhatMovedFromTheOldIsWhatIsFound) {
  Numbers numbers;
  numbers.put("key", 1);
  for (std::size_t i = 0; i < Numbers::kMost; ++i) numbers.put(std::to_string(i), i);
  EXPECT_EQ(numbers.find("key"), 1u);  // it was old, and is young now
  numbers.put("key", 2);
  EXPECT_EQ(numbers.find("key"), 2u);
}

TEST(Shelf, WhatWasTakenIsGoneWhereverItStood) {
  Numbers numbers;
  numbers.put("old", 1);
  numbers.put("both", 2);
  for (std::size_t i = 0; i < Numbers::kMost; ++i) numbers.put(std::to_string(i), i);
  numbers.put("both", 3);
  numbers.put("young", 4);
  EXPECT_EQ(numbers.take("old"), 1u);
  EXPECT_EQ(numbers.take("both"), 3u);
  EXPECT_EQ(numbers.take("young"), 4u);
  for (const char* key : {"old", "both", "young", "never"}) {
    EXPECT_EQ(numbers.find(key), std::nullopt) << key;
    EXPECT_EQ(numbers.take(key), std::nullopt) << key;
  }
  numbers.put("old", 5);
  EXPECT_EQ(numbers.find("old"), 5u);
}

TEST(Shelf, TellsKeysApartWhoseHashesAreTheSame) {
  Shelf<Alike, int, 64> shelf;
  for (int i = 0; i < 64; ++i) shelf.put({i}, i);
  for (int i = 0; i < 64; i += 2) EXPECT_EQ(shelf.take({i}), i);
  for (int i = 0; i < 64; ++i)
    EXPECT_EQ(shelf.find({i}), i % 2 == 1 ? std::optional(i) : std::nullopt) << i;
}

}  // namespace
}  // namespace latchkey::store
