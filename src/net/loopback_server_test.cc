#include "net/loopback_server.h"

#include <gtest/gtest.h>

#include "net/testing.h"

namespace latchkey::net {
namespace {

using namespace std::chrono_literals;
using testing::RawClient;

std::string ask(std::uint16_t port, const std::string& line,
                const std::string& host = "127.0.0.1") {
  RawClient client(port);
  client.send(line + " HTTP/1.1\r\nHost: " + host + ":" + std::to_string(port) + "\r\n\r\n");
  return client.read_all();
}

auto in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

TEST(LoopbackServer, GivesOutTheTargetThatTheBrowserCameWith) {
  auto server = LoopbackServer::make({.path = "/cb"});
  ASSERT_TRUE(server);
  const std::string answer = ask((*server)->port(), "GET /cb?code=abc&state=xyz");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 "));
  EXPECT_NE(answer.find("Referrer-Policy: no-referrer"), std::string::npos);
  EXPECT_NE(answer.find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(answer.find("abc"), std::string::npos);
  const auto target = (*server)->wait_until(in(5s));
  ASSERT_TRUE(target);
  EXPECT_EQ(*target->param("code"), "abc");
  EXPECT_EQ(*target->param("state"), "xyz");
}

TEST(LoopbackServer, WaitsOnThroughEverythingElse) {
  auto server = LoopbackServer::make({.path = "/cb"});
  ASSERT_TRUE(server);
  const auto port = (*server)->port();
  EXPECT_TRUE(ask(port, "GET /favicon.ico").starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(ask(port, "POST /cb?code=abc").starts_with("HTTP/1.1 405 "));
  EXPECT_TRUE(ask(port, "GET /cb?code=abc", "evil.example").starts_with("HTTP/1.1 403 "));
  EXPECT_FALSE((*server)->wait_until(in(0ms)));
  ask(port, "GET /cb?code=first");
  ask(port, "GET /cb?code=second");
  EXPECT_EQ(*(*server)->wait_until(in(5s))->param("code"), "first");
  EXPECT_FALSE((*server)->wait_until(in(0ms))) << "given out once";
}

TEST(LoopbackServer, SaysWhenItsPortIsTaken) {
  auto first = LoopbackServer::make({});
  ASSERT_TRUE(first);
  auto second = LoopbackServer::make({.port = (*first)->port()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().why, Why::kUnavailable);
}

}  // namespace
}  // namespace latchkey::net
