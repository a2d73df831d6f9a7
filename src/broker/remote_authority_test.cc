#include "broker/remote_authority.h"

#include <gtest/gtest.h>

#include "broker/testing.h"
#include "dialects/chathub/chathub.h"

namespace latchkey::broker {
namespace {

using testing::kNoon;
using testing::why_of;

/// Answers the same to everything.
class Parrot final : public http::Client {
 public:
  explicit Parrot(Result<http::Response> answer) : answer_(std::move(answer)) {}
  Result<http::Response> send(const http::Request& request) override {
    asked.push_back(request);
    return answer_;
  }
  std::vector<http::Request> asked;

 private:
  Result<http::Response> answer_;
};

const auto kLogin = engine::Login{.user = {SubjectId("company"), Secret("p")}};

Result<engine::Outcome> ask(Parrot& parrot, const engine::Operation& operation) {
  const auto& dialect = dialects::chathub::dialect();
  const auto codec = dialect.codec(dialect::Settings::make(dialect.settings()).value(), nullptr);
  return RemoteAuthority(*codec, parrot).perform(operation, kNoon);
}

TEST(RemoteAuthority, AsksThroughTheCodec) {
  Parrot parrot(http::json_response(200, "\"a.b.c\""));
  const auto outcome = ask(parrot, kLogin);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(std::get<engine::TokenSet>(*outcome).access_token.reveal(), "a.b.c");
  ASSERT_EQ(parrot.asked.size(), 1u);
  EXPECT_EQ(parrot.asked[0].target.path, "/api/company/get-token");
}

TEST(RemoteAuthority, TakesNoTokenThatBreaksAHeaderLine) {
  for (const char* token :
       {"a\\r\\nX-Evil: 1", "a\\nb", "a b", "a\\u0000b", "a\\u001b[2J", "\\u00e4", "a\\u007f"}) {
    Parrot parrot(http::json_response(200, "\"" + std::string(token) + "\""));
    EXPECT_EQ(why_of(ask(parrot, kLogin)), Why::kBadResponse) << token;
  }
}

TEST(RemoteAuthority, SendsNothingForWhatTheWireDoesNotHave) {
  Parrot parrot(http::Response{});
  EXPECT_EQ(why_of(ask(parrot, engine::Refresh{})), Why::kUnsupported);
  EXPECT_TRUE(parrot.asked.empty());
}

TEST(RemoteAuthority, HandsOnWhatTheClientSays) {
  for (const Why why : {Why::kUnavailable, Why::kNoAnswer, Why::kBadResponse}) {
    Parrot parrot(fail(why));
    EXPECT_EQ(why_of(ask(parrot, kLogin)), why) << name_of(why);
  }
}

TEST(RemoteAuthority, DoubtsAServerThatBroke) {
  const std::pair<int, Why> rows[] = {{401, Why::kBadCredentials}, {429, Why::kTooMany},
                                      {500, Why::kNoAnswer},       {502, Why::kNoAnswer},
                                      {503, Why::kUnavailable},    {504, Why::kNoAnswer}};
  for (const auto& [status, why] : rows) {
    Parrot parrot(http::json_response(status, "{}"));
    EXPECT_EQ(why_of(ask(parrot, kLogin)), why) << status;
  }
}

}  // namespace
}  // namespace latchkey::broker
