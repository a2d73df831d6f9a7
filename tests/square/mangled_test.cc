#include <gtest/gtest.h>

#include "square/face.h"

namespace latchkey::square {
namespace {

// Every prefix, and every byte replaced by each of a few that hurt parsers.
std::vector<std::string> mangle(const std::string& text) {
  std::vector<std::string> all{text + "\n\n{}", std::string(70 * 1024, '['), "\xef\xbb\xbf" + text};
  for (std::size_t i = 0; i < text.size(); ++i) {
    all.push_back(text.substr(0, i));
    for (const char c : {'\0', '"', '{', '\xff', '9', 'e', '\\'}) {
      all.push_back(text);
      all.back()[i] = c;
    }
  }
  return all;
}

class Mangled : public ::testing::TestWithParam<Place> {
 protected:
  const Face& face() const { return GetParam().its_face(); }
  const engine::Operation& operation() const { return GetParam().its_sample().operation; }

  // Read as something, or refused in the dialect's shape and not as a defect.
  void expect_sound(const http::Request& request) const {
    const auto read = codec_->decode_request(request);
    if (read) return;
    const auto response = codec_->encode_reply({request, nullptr, kNoon}, fail(read.error()));
    EXPECT_TRUE(face().is_refusal(response)) << response.status << response.body;
    EXPECT_LT(response.status, 500) << name_of(read.error().why) << ": " << request.body;
  }

  FaceCodec codec_{face()};
  http::Request request_ = over_the_wire(codec_->encode_request(operation()).value());
};

TEST_P(Mangled, BodiesAreReadOrRefused) {
  for (const std::string& body : mangle(request_.body)) {
    http::Request request = request_;
    request.body = body;
    expect_sound(request);
  }
}

TEST_P(Mangled, HeadersAreReadOrRefused) {
  for (const auto& [name, value] : http::Headers(request_.headers)) {
    http::Request without = request_;
    without.headers.remove(name);
    expect_sound(without);
    http::Request twice = request_;
    twice.headers.add(name, value);
    expect_sound(twice);
    for (const std::string& text : mangle(value.substr(0, 40))) {
      http::Request request = request_;
      request.headers.set(name, text);
      expect_sound(request);
    }
  }
}

TEST_P(Mangled, TargetsAndMethodsAreReadOrRefused) {
  for (const char* method : {"GET", "POST", "PUT", "HEAD", "OPTIONS", "get", ""}) {
    http::Request request = request_;
    request.method = method;
    expect_sound(request);
  }
  for (const std::string& path : mangle(request_.target.path)) {
    http::Request request = request_;
    request.target.path = path;
    (void)codec_->owns(path);
    expect_sound(request);
  }
  for (std::size_t i = 0; i < request_.target.query.size(); ++i) {
    for (const std::string& value : mangle(request_.target.query[i].second)) {
      http::Request request = request_;
      request.target.query[i].second = value;
      expect_sound(request);
    }
  }
}

TEST_P(Mangled, RepliesAreReadOrCalledWhatTheyAre) {
  for (const auto& outcome : GetParam().its_sample().outcomes) {
    auto response = codec_->encode_reply({request_, &operation(), kNoon}, outcome);
    const std::string body = response.body;
    for (const int status : {200, 204, 302, 400, 401, 403, 404, 429, 500, 503, 0, -1, 999}) {
      response.status = status;
      response.body = body;
      (void)codec_->decode_reply({operation(), kNoon}, response);
      for (const std::string& mangled : mangle(body.substr(0, 150))) {
        response.body = mangled;
        const auto read = codec_->decode_reply({operation(), kNoon}, response);
        if (status >= 400) EXPECT_FALSE(read) << status << " " << mangled;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Square, Mangled, ::testing::ValuesIn(every_place()),
                         [](const auto& info) { return info.param.name(); });

}  // namespace
}  // namespace latchkey::square
