#include <gtest/gtest.h>

#include <set>

#include "square/face.h"

namespace latchkey::square {
namespace {

class Facts : public ::testing::TestWithParam<std::size_t> {
 protected:
  const Face& face() const { return faces()[GetParam()]; }
};

TEST_P(Facts, HaveSoundDefaults) {
  const auto settings = dialect::Settings::make(face().dialect.settings());
  ASSERT_TRUE(settings) << settings.error().note;
  std::set<std::string_view> names;
  for (const auto& setting : face().dialect.settings()) {
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
    EXPECT_FALSE(setting.help.empty()) << setting.name;
  }
}

TEST_P(Facts, KeepEveryQuestionApart) {
  std::set<std::string_view> names;
  for (const auto& question : face().dialect.questions()) {
    EXPECT_TRUE(names.insert(question.name).second) << question.name;
    EXPECT_FALSE(question.label.empty()) << question.name;
  }
}

TEST_P(Facts, NameADocumentedHostOverTls) {
  const auto& traits = face().dialect.traits();
  EXPECT_FALSE(traits.name.empty());
  EXPECT_FALSE(traits.title.empty());
  // Where any number of providers speak it, none is the documented one.
  const bool any = face().dialect.issuer() != nullptr;
  EXPECT_TRUE(any || traits.base_url.starts_with("https://")) << traits.base_url;
}

TEST_P(Facts, ClaimNoPathOfAnotherDialect) {
  const FaceCodec own{face()};
  for (std::size_t other = 0; other < faces().size(); ++other) {
    if (other == GetParam()) continue;
    // A prefix keeps those apart that stand below different ones.
    const auto& prefix = faces()[other].dialect.traits().sandbox_prefix;
    if (prefix != face().dialect.traits().sandbox_prefix) continue;
    for (const Sample& sample : faces()[other].samples) {
      const FaceCodec codec{faces()[other]};
      const auto request = codec->encode_request(sample.operation);
      ASSERT_TRUE(request) << sample.title;
      EXPECT_FALSE(own->owns(request->target.path)) << request->target.path;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Square, Facts, ::testing::Range(std::size_t{0}, faces().size()),
                         [](const auto& info) {
                           return std::string(faces()[info.param].dialect.traits().name);
                         });

}  // namespace
}  // namespace latchkey::square
