#include "net/delivery.h"

#include <gtest/gtest.h>

#include <future>

#include "net/testing.h"

namespace latchkey::net {
namespace {

using namespace std::chrono_literals;
using testing::RawClient;
using testing::RunningServer;
using Way = Delivery::Way;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// Everything that a peer hears of "0123456789" delivered like that.
std::string heard(const Delivery& how, const std::string& body = "0123456789",
                  const std::string& method = "GET") {
  RunningServer server([&](http::Request, Reply reply) {
    http::Response response{.body = body};
    response.headers.add("Connection", "close");
    reply(std::move(response), how);
  });
  RawClient client(server.port());
  client.send(method + " / HTTP/1.1\r\nHost: x\r\n\r\n");
  return client.read_all();
}

std::string body_of(const std::string& answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

bool has(const std::string& answer, std::string_view field) {
  return answer.substr(0, answer.find("\r\n\r\n") + 2).find(field) != std::string::npos;
}

TEST(Delivery, IsWholeUnlessSomebodySaysOtherwise) {
  const std::string answer = heard({});
  EXPECT_TRUE(has(answer, "\r\nContent-Length: 10\r\n"));
  EXPECT_EQ(body_of(answer), "0123456789");
}

TEST(Delivery, ClosesWithoutAByte) {
  EXPECT_EQ(heard({.way = Way::kNothing}), "");
  EXPECT_EQ(heard({.way = Way::kReset}), "");
}

TEST(Delivery, CutsTheBodyInHalfUnderItsWholeLength) {
  const std::string answer = heard({.way = Way::kCut});
  EXPECT_TRUE(has(answer, "\r\nContent-Length: 10\r\n"));
  EXPECT_EQ(body_of(answer), "01234");
  EXPECT_EQ(body_of(heard({.way = Way::kCut}, "")), "");
}

TEST(Delivery, PadsWithSpaces) {
  const std::string answer = heard({.padding = 200'000});
  EXPECT_TRUE(has(answer, "\r\nContent-Length: 200010\r\n"));
  EXPECT_EQ(body_of(answer), "0123456789" + std::string(200'000, ' '));
}

TEST(Delivery, SendsChunksWithoutALength) {
  const std::string answer = heard({.padding = 65'537, .chunked = true});
  EXPECT_TRUE(has(answer, "\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_FALSE(has(answer, "Content-Length"));
  EXPECT_EQ(body_of(answer),
            "a\r\n0123456789\r\n10000\r\n" + std::string(65'536, ' ') + "\r\n1\r\n \r\n0\r\n\r\n");
  EXPECT_EQ(body_of(heard({.chunked = true})), "a\r\n0123456789\r\n0\r\n\r\n");
  EXPECT_EQ(body_of(heard({.chunked = true}, "")), "0\r\n\r\n");
  EXPECT_EQ(body_of(heard({.padding = 1, .chunked = true}, "")), "1\r\n \r\n0\r\n\r\n");
}

TEST(Delivery, SendsNoBodyToAHead) {
  const std::string answer = heard({.padding = 5}, "0123456789", "HEAD");
  EXPECT_EQ(body_of(answer), "");
}

TEST(Delivery, WaitsAsLongAsItIsTold) {
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(body_of(heard({.delay = 150ms})), "0123456789");
  EXPECT_GE(std::chrono::steady_clock::now() - began, 150ms);
}

TEST(Delivery, WaitsBeforeItCloses) {
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(heard({.delay = 150ms, .way = Way::kNothing}), "");
  EXPECT_GE(std::chrono::steady_clock::now() - began, 150ms);
}

TEST(Delivery, GoesOnWithTheConnectionAfterADelay) {
  int count = 0;
  RunningServer server([&](http::Request, Reply reply) {
    ++count;
    reply({.body = "answer " + std::to_string(count) + "."}, {.delay = count == 1 ? 50ms : 0ms});
  });
  RawClient client(server.port());
  client.send(kGet);
  EXPECT_NE(client.read_until("answer 1."), "");
  client.send(kGet);
  EXPECT_NE(client.read_until("answer 2.").find("answer 2."), std::string::npos);
}

TEST(Delivery, DelaysNobodyElse) {
  RunningServer server([&](http::Request request, Reply reply) {
    const bool slow = request.target.path == "/slow";
    reply({.body = "here"}, {.delay = slow ? kMostDelay : 0ms});
  });
  RawClient slow(server.port()), quick(server.port());
  slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  quick.send(kGet);
  EXPECT_NE(quick.read_until("here").find("here"), std::string::npos);
}

// What is held back would else hold a drain back until its patience ends.
TEST(Delivery, IsEndedByADrain) {
  std::promise<void> held;
  RunningServer server([&](http::Request request, Reply reply) {
    if (request.target.path == "/last") return reply({.body = "last"});
    reply({.body = "never"}, {.delay = kMostDelay});
    held.set_value();
  });
  RawClient client(server.port());
  client.send(kGet);
  held.get_future().wait();
  RawClient after(server.port());  // one thread: the first is being held when this is answered
  after.send("GET /last HTTP/1.1\r\nHost: x\r\n\r\n");
  after.read_until("last");
  server->drain(1h);
  server.join();
  EXPECT_EQ(client.read_all(), "");
}

TEST(Delivery, EndsWhenThePeerLeaves) {
  std::promise<void> asked;
  RunningServer server([&](http::Request, Reply reply) {
    reply({.body = "x"}, {.padding = kMostPadding, .chunked = true});
    asked.set_value();
  });
  {
    RawClient client(server.port());
    client.send(kGet);
    asked.get_future().wait();
    client.read_until("chunked");
  }
  server->drain(1h);
  server.join();  // it would take long to write a gigabyte to nobody
}

}  // namespace
}  // namespace latchkey::net
