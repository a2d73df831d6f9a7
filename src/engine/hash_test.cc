#include "engine/hash.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/shared.h"

namespace latchkey::engine {
namespace {

TEST(Hash, IsItsBytesAndHowManyThereAre) {
  const Hash none, sixteen{Bytes(16, 7)}, padded{Bytes{7, 7, 0}}, shorter{Bytes{7, 7}};
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(sixteen, Hash(Bytes(16, 7)));
  EXPECT_NE(padded, shorter) << "what it is filled up with is no part of it";
  EXPECT_EQ(to_hex(shorter), "0707");
  EXPECT_EQ((std::set{none, sixteen, padded, shorter, sixteen}).size(), 4u);
  EXPECT_EQ(std::hash<Hash>()(sixteen), std::hash<Hash>()(Hash(Bytes(16, 7))));
  EXPECT_NE(std::hash<Hash>()(sixteen), std::hash<Hash>()(Hash(Bytes(16, 8))));
}

TEST(Hash, IsNeverCutShort) {
  EXPECT_EQ(Hash(Bytes(Hash::kMost, 1)).size(), Hash::kMost);
  EXPECT_THROW(Hash(Bytes(Hash::kMost + 1, 1)), std::length_error);
}

TEST(Shared, IsComparedByWhatItHolds) {
  const Shared<int> none, three(3), another(3), four(4), kept = three;
  EXPECT_FALSE(none);
  EXPECT_EQ(none, std::nullopt);
  EXPECT_EQ(three, another);
  EXPECT_NE(three, four);
  EXPECT_NE(three, none);
  EXPECT_EQ(&*kept, &*three) << "a copy is the same row";
  EXPECT_NE(&*another, &*three);
}

}  // namespace
}  // namespace latchkey::engine
