#include <gtest/gtest.h>

#include "square/face.h"

namespace latchkey::square {
namespace {

struct Refused {
  Place place;
  Why why;
};

std::vector<Refused> every_refusal() {
  std::vector<Refused> all;
  for (const Place& place : every_place()) {
    for (const Why why : kEveryWhy) all.push_back({place, why});
  }
  return all;
}

constexpr const char* kNote = "note-that-nobody-may-see";

/// An authority that says these has a defect or is busy; only then a 5xx.
bool is_our_fault(Why why) {
  switch (why) {
    case Why::kUnavailable:
    case Why::kPersonNeeded:
    case Why::kUnknownName:
    case Why::kPolicy:
    case Why::kStore:
    case Why::kNoAnswer:
    case Why::kLostRotation:
    case Why::kBadResponse:
    case Why::kUsage:
    case Why::kBug: return true;
    case Why::kMalformed:
    case Why::kUnsupported:
    case Why::kNotFound:
    case Why::kConflict:
    case Why::kBadCredentials:
    case Why::kOtpRequired:
    case Why::kOtpWrong:
    case Why::kPending:
    case Why::kDeclined:
    case Why::kForbidden:
    case Why::kInvalidToken:
    case Why::kExpired:
    case Why::kRevoked:
    case Why::kReplayed:
    case Why::kTooMany: return false;
  }
  return false;
}

std::string text_of(const http::Response& response) {
  std::string text = response.body;
  for (const auto& [name, value] : response.headers) text += "\n" + name + ": " + value;
  return text;
}

class Refusal : public ::testing::TestWithParam<Refused> {
 protected:
  const Face& face() const { return GetParam().place.its_face(); }
  const engine::Operation& operation() const { return GetParam().place.its_sample().operation; }
  http::Response encode(const Error& error, bool was_read = true) const {
    return codec_->encode_reply({request_, was_read ? &operation() : nullptr, kNoon}, fail(error));
  }
  Error hear(const http::Response& response) const {
    const auto heard = codec_->decode_reply({operation(), kNoon}, response);
    return heard ? Error{.why = Why::kBug, .say = "heard as a success"} : heard.error();
  }

  Error error_{.why = GetParam().why, .say = {}, .note = kNote};
  FaceCodec codec_{face()};
  http::Request request_ = over_the_wire(codec_->encode_request(operation()).value());
};

TEST_P(Refusal, HasTheDialectsShape) {
  for (const bool was_read : {true, false}) {
    const auto response = encode(error_, was_read);
    EXPECT_TRUE(face().is_refusal(response)) << response.status << " " << response.body;
    EXPECT_TRUE(response.status < 500 || is_our_fault(error_.why)) << response.status;
  }
}

TEST_P(Refusal, TellsNoSecretAndNoNote) {
  for (const bool was_read : {true, false}) {
    const std::string text = text_of(encode(error_, was_read));
    EXPECT_EQ(text.find(kNote), std::string::npos) << text;
    for (const Secret& secret : secrets_of(operation())) {
      EXPECT_EQ(text.find(secret.reveal()), std::string::npos) << text;
    }
  }
}

TEST_P(Refusal, IsHeardAsTheTableSays) {
  const Error heard = hear(encode(error_));
  EXPECT_STREQ(name_of(heard.why), name_of(face().heard_as(error_.why, operation())));
}

// Hearing folds reasons that share a spelling, and folds them once: what was
// heard, told and heard again, stays as it is, to the byte.
TEST_P(Refusal, IsFoldedOnce) {
  const Error heard = hear(encode(error_));
  const auto told = encode({.why = heard.why});
  const Error again = hear(told);
  EXPECT_STREQ(name_of(again.why), name_of(heard.why));
  const auto told_again = encode({.why = again.why});
  EXPECT_TRUE(told_again == told) << text_of(told) << "\nagain:\n" << text_of(told_again);
}

INSTANTIATE_TEST_SUITE_P(Square, Refusal, ::testing::ValuesIn(every_refusal()),
                         [](const auto& info) {
                           return info.param.place.name() + "_" + name_of(info.param.why);
                         });

class Patience : public ::testing::TestWithParam<Place> {};

TEST_P(Patience, IsAskedForInSecondsAndHeard) {
  const FaceCodec codec{GetParam().its_face()};
  const auto& operation = GetParam().its_sample().operation;
  const auto request = over_the_wire(codec->encode_request(operation).value());
  const Error error{.why = Why::kTooMany, .say = {}, .note = {}, .retry_after = Seconds{7}};
  const auto response = codec->encode_reply({request, &operation, kNoon}, fail(error));
  ASSERT_NE(response.headers.find("Retry-After"), nullptr);
  EXPECT_EQ(*response.headers.find("Retry-After"), "7");
  const auto heard = codec->decode_reply({operation, kNoon}, response);
  ASSERT_FALSE(heard);
  EXPECT_EQ(heard.error().retry_after, Seconds{7});
}

INSTANTIATE_TEST_SUITE_P(Square, Patience, ::testing::ValuesIn(every_place()),
                         [](const auto& info) { return info.param.name(); });

}  // namespace
}  // namespace latchkey::square
