#include "client/agent_client.h"

#include <gtest/gtest.h>

namespace latchkey::client {
namespace {

TEST(AgentReply, IsAStatusAndAsManyBytesAsItSays) {
  const auto reply = read_reply("HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\n{}");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 409);
  EXPECT_EQ(reply->body, "{}");
  const auto nothing = read_reply("HTTP/1.1 204 No Content\r\n\r\n");
  ASSERT_TRUE(nothing);
  EXPECT_EQ(nothing->status, 204);
  EXPECT_EQ(nothing->body, "");
}

TEST(AgentReply, IsNoneWhenItIsNotWhole) {
  for (const char* text : {"", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{",
                           "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}x",
                           "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n",
                           "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}"})
    EXPECT_FALSE(read_reply(text)) << text;
}

TEST(AgentReply, HasAStatusOfThreeDigits) {
  const auto with = [](const std::string& status) {
    return "HTTP/1.1 " + status + " Said\r\nContent-Length: 0\r\n\r\n";
  };
  EXPECT_TRUE(read_reply(with("100")));
  EXPECT_TRUE(read_reply(with("999")));
  for (const char* status : {"099", "-12", "000", "20", "2x0"})
    EXPECT_FALSE(read_reply(with(status))) << status;
}

}  // namespace
}  // namespace latchkey::client
