#include <gtest/gtest.h>

#include "square/face.h"

namespace latchkey::square {
namespace {

class Codec : public ::testing::TestWithParam<Place> {
 protected:
  const Sample& sample() const { return GetParam().its_sample(); }
  FaceCodec codec_{GetParam().its_face()};
};

TEST_P(Codec, BringsTheOperationBack) {
  const auto request = codec_->encode_request(sample().operation);
  ASSERT_TRUE(request) << request.error().say;
  EXPECT_TRUE(codec_->owns(request->target.path)) << request->target.path;
  const auto read = codec_->decode_request(over_the_wire(*request));
  ASSERT_TRUE(read) << read.error().say;
  EXPECT_TRUE(*read == sample().operation);
}

TEST_P(Codec, BringsEveryOutcomeBack) {
  const auto request = codec_->encode_request(sample().operation);
  ASSERT_TRUE(request) << request.error().say;
  const auto arrived = over_the_wire(*request);
  ASSERT_FALSE(sample().outcomes.empty());
  for (std::size_t i = 0; i < sample().outcomes.size(); ++i) {
    const engine::Outcome& outcome = sample().outcomes[i];
    const auto response = codec_->encode_reply({arrived, &sample().operation, kNoon}, outcome);
    EXPECT_LT(response.status, 400) << "outcome " << i;
    const auto read = codec_->decode_reply({sample().operation, kNoon}, response);
    ASSERT_TRUE(read) << "outcome " << i << ": " << read.error().say;
    const auto carried = GetParam().its_face().carried(sample().operation, outcome);
    EXPECT_TRUE(*read == carried) << "outcome " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Square, Codec, ::testing::ValuesIn(every_place()),
                         [](const auto& info) { return info.param.name(); });

}  // namespace
}  // namespace latchkey::square
