#include <gtest/gtest.h>

#include "dialects/fastconnect/fastconnect.h"

namespace latchkey::dialects::fastconnect {
namespace {

using engine::Operation;
using engine::Outcome;

constexpr Instant kNow = from_epoch(1'779'777'403);

engine::Login login() { return {.client = {ClientId("key-1"), Secret("secret-1")}}; }
engine::Refresh refresh() { return {.refresh_token = Secret("r-1")}; }

std::string answer_to(const Operation& asked, const Outcome& outcome,
                      const std::map<std::string, std::string>& given = {}) {
  const auto settings = dialect::Settings::make(dialect().settings(), given);
  const auto codec = dialect().codec(*settings, nullptr);
  const auto request = codec->encode_request(asked);
  return codec->encode_reply({*request, &asked, kNow}, outcome).body;
}

Result<Outcome> read(const Operation& asked, int status, std::string body) {
  const auto codec = dialect().codec(*dialect::Settings::make(dialect().settings()), nullptr);
  return codec->decode_reply({asked, kNow}, {.status = status, .body = std::move(body)});
}

engine::TokenSet tokens() {
  return {.access_token = Secret("eyJ.a.b"),
          .access_until = from_epoch(1'779'806'203),
          .refresh_token = Secret("r-2"),
          .refresh_until = from_epoch(1'779'892'603)};
}

TEST(FastConnectTokens, AreFlatWithNumbers) {
  EXPECT_EQ(answer_to(login(), tokens()),
            R"({"tokenType":"Bearer","accessToken":"eyJ.a.b","refreshToken":"r-2",)"
            R"("expiresAt":1779806203,"refreshExpiresAt":1779892603})");
}

TEST(FastConnectTokens, MayStandUnderDataWithTexts) {
  EXPECT_EQ(answer_to(refresh(), tokens(), {{"token_body", "data"}, {"expiry_type", "string"}}),
            R"({"data":{"tokenType":"Bearer","accessToken":"eyJ.a.b","refreshToken":"r-2",)"
            R"("expiresAt":"1779806203","refreshExpiresAt":"1779892603"}})");
}

struct Tokens {
  const char* title;
  const char* body;
  std::optional<Instant> access_until, refresh_until;
};

class FastConnectReads : public ::testing::TestWithParam<Tokens> {};

TEST_P(FastConnectReads, TokensInEveryKnownShape) {
  const Tokens& row = GetParam();
  const auto outcome = read(login(), 200, row.body);
  ASSERT_TRUE(outcome) << row.title << ": " << outcome.error().say;
  const auto& set = std::get<engine::TokenSet>(*outcome);
  EXPECT_EQ(set.access_token, Secret("a")) << row.title;
  EXPECT_EQ(set.access_until, row.access_until) << row.title;
  EXPECT_EQ(set.refresh_until, row.refresh_until) << row.title;
}

INSTANTIATE_TEST_SUITE_P(
    , FastConnectReads,
    ::testing::Values(Tokens{"seconds",
                             R"({"accessToken":"a","expiresAt":1779806203,"refreshExpiresAt":2})",
                             from_epoch(1'779'806'203), from_epoch(2)},
                      Tokens{"texts",
                             R"({"accessToken":"a","expiresAt":"1779806203"})",
                             from_epoch(1'779'806'203),
                             {}},
                      Tokens{"the last second below the milliseconds",
                             R"({"accessToken":"a","expiresAt":9999999999})",
                             from_epoch(9'999'999'999),
                             {}},
                      Tokens{"the first millisecond",
                             R"({"accessToken":"a","expiresAt":10000000000})",
                             from_epoch(10'000'000),
                             {}},
                      Tokens{"milliseconds",
                             R"({"accessToken":"a","expiresAt":1779806203000})",
                             from_epoch(1'779'806'203),
                             {}},
                      Tokens{"an absurd end",
                             R"({"accessToken":"a","expiresAt":9223372036854775807})",
                             kEndOfTime,
                             {}},
                      Tokens{"zero is unknown",
                             R"({"accessToken":"a","expiresAt":0,"refreshExpiresAt":-1})",
                             {},
                             {}},
                      Tokens{"relative seconds",
                             R"({"accessToken":"a","expiresIn":28800})",
                             kNow + Seconds{28800},
                             {}},
                      Tokens{"under data",
                             R"({"data":{"accessToken":"a","expiresAt":1779806203}})",
                             from_epoch(1'779'806'203),
                             {}},
                      Tokens{"with a success code",
                             R"({"code":200,"message":"ok","data":{"accessToken":"a"}})",
                             {},
                             {}}));

TEST(FastConnectTokens, WithoutAnAccessTokenAreNoAnswer) {
  for (const char* body : {"", "[]", "{}", "null", R"({"accessToken":""})", R"({"accessToken":1})",
                           "<html>", R"({"accessToken":"a","refreshToken":7})"}) {
    const auto outcome = read(refresh(), 200, body);
    ASSERT_FALSE(outcome) << body;
    EXPECT_EQ(outcome.error().why, Why::kBadResponse) << body;
  }
}

}  // namespace
}  // namespace latchkey::dialects::fastconnect
