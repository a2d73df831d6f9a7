#include <gtest/gtest.h>

#include "square/world.h"

namespace latchkey::square {
namespace {

class Story : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Story, EndsTheSameWithTheWireAndWithoutIt) {
  const Face& face = faces()[GetParam()];
  World direct(face, World::Way::kDirect);
  face.story(direct);
  World wired(face, World::Way::kWire);
  face.story(wired);
  EXPECT_FALSE(direct.diary().empty());
  EXPECT_EQ(direct.diary(), wired.diary());
}

INSTANTIATE_TEST_SUITE_P(Square, Story, ::testing::Range(std::size_t{0}, faces().size()),
                         [](const auto& info) {
                           return std::string(faces()[info.param].dialect.traits().name);
                         });

}  // namespace
}  // namespace latchkey::square
