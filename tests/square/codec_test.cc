#include <gtest/gtest.h>

#include "base/text.h"
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

// Each setting alone at each of its choices.
std::vector<std::map<std::string, std::string>> variants(const Face& face) {
  std::vector<std::map<std::string, std::string>> all;
  for (const auto& setting : face.dialect.settings()) {
    const bool is_switch = setting.kind == dialect::Setting::Kind::kBool;
    for (const auto& choice : split(is_switch ? "true|false" : setting.choices, '|')) {
      if (!choice.empty()) all.push_back({{std::string(setting.name), choice}});
    }
  }
  return all;
}

// A setting may change what is told (that a token is expired, say) or demand a
// second factor, but neither face may stop understanding the other.
TEST_P(Codec, HoldsTogetherUnderEverySetting) {
  Face face = GetParam().its_face();
  for (const auto& settings : variants(face)) {
    face.settings = settings;
    const std::string which = settings.begin()->first + "=" + settings.begin()->second;
    const FaceCodec codec(face);
    const auto request = codec->encode_request(sample().operation);
    ASSERT_TRUE(request) << which;
    const auto arrived = over_the_wire(*request);
    const auto read = codec->decode_request(arrived);
    if (!read && read.error().why == Why::kOtpRequired) continue;
    ASSERT_TRUE(read) << which << ": " << read.error().say;
    EXPECT_TRUE(*read == sample().operation) << which;
    for (const auto& outcome : sample().outcomes) {
      const auto response = codec->encode_reply({arrived, &*read, kNoon}, outcome);
      const auto heard = codec->decode_reply({sample().operation, kNoon}, response);
      ASSERT_TRUE(heard) << which << ": " << heard.error().say;
      EXPECT_EQ(heard->index(), outcome.index()) << which;
    }
    for (const Why why : kEveryWhy) {
      const auto response = codec->encode_reply({arrived, &*read, kNoon}, fail(why));
      EXPECT_FALSE(codec->decode_reply({sample().operation, kNoon}, response))
          << which << ": " << name_of(why);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Square, Codec, ::testing::ValuesIn(every_place()),
                         [](const auto& info) { return info.param.name(); });

}  // namespace
}  // namespace latchkey::square
