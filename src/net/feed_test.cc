#include "net/feed.h"

#include <gtest/gtest.h>

#include <future>

#include "net/testing.h"

namespace latchkey::net {
namespace {

using testing::RawClient;
using testing::RunningServer;

constexpr std::string_view kListen = "GET /events HTTP/1.1\r\nHost: x\r\n\r\n";

http::Response head() {
  http::Response response;
  response.headers.add("Content-Type", "application/x-ndjson");
  return response;
}

ServerOptions serving(const std::shared_ptr<Feed>& feed) {
  ServerOptions options;
  options.feed_of = [feed](const http::Request& request) {
    return request.target.path == "/events" ? feed : nullptr;
  };
  return options;
}

void hello(const http::Request&, const Reply& reply) { reply({.body = "hello"}); }

TEST(Feed, IsHeardByAllWhoListenFromThenOn) {
  const auto feed = std::make_shared<Feed>(head());
  RunningServer server(hello, serving(feed));
  feed->publish("to nobody\n");
  RawClient first(server.port()), second(server.port());
  for (auto* client : {&first, &second}) {
    client->send(kListen);
    const std::string said = client->read_until("\r\n\r\n");
    EXPECT_NE(said.find("200 OK"), said.npos);
    EXPECT_NE(said.find("application/x-ndjson"), said.npos);
    EXPECT_EQ(said.find("Content-Length"), said.npos);
  }
  EXPECT_EQ(feed->listeners(), 2u);
  feed->publish("one\n");
  feed->publish("two\n");
  EXPECT_EQ(first.read_until("two\n"), "one\ntwo\n");
  EXPECT_EQ(second.read_until("two\n"), "one\ntwo\n");
}

TEST(Feed, LeavesOtherRequestsToTheHandler) {
  RunningServer server(hello, serving(std::make_shared<Feed>(head())));
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(client.read_until("hello").find("200 OK"), std::string::npos);
}

TEST(Feed, CutsWhoDoesNotRead) {
  const auto feed = std::make_shared<Feed>(head());
  RunningServer server(hello, serving(feed));
  RawClient lazy(server.port());
  lazy.send(kListen);
  lazy.read_until("\r\n\r\n");
  const std::string piece(Feed::kMostUnread / 2, 'x');
  for (int i = 0; i < 1000 && feed->listeners() > 0; ++i) {
    feed->publish(piece);
    std::promise<void> passed;  // the loop has seen it
    server->post([&] { passed.set_value(); });
    passed.get_future().wait();
  }
  EXPECT_EQ(feed->listeners(), 0u);
}

TEST(Feed, EndsWithTheServer) {
  const auto feed = std::make_shared<Feed>(head());
  RunningServer server(hello, serving(feed));
  RawClient client(server.port());
  client.send(kListen);
  client.read_until("\r\n\r\n");
  server->drain(std::chrono::seconds{60});
  EXPECT_EQ(client.read_all(), "");
  server.join();
}

TEST(GivingWay, LetsANewPeerInForOneThatOnlyWaits) {
  ServerOptions options;
  options.limits.connections = 2;
  options.give_way = true;
  RunningServer server(hello, options);
  RawClient oldest(server.port()), half(server.port());
  oldest.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(oldest.read_until("hello").find("200 OK"), std::string::npos);
  half.send("GET / HT");
  RawClient fresh(server.port());
  fresh.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(fresh.read_until("hello").find("200 OK"), std::string::npos);
  EXPECT_EQ(oldest.read_all(), "");
}

TEST(Ticks, ComeWhileItRuns) {
  std::promise<void> ticked;
  ServerOptions options;
  options.on_tick = [&, told = false]() mutable {
    if (!std::exchange(told, true)) ticked.set_value();
  };
  RunningServer server(hello, options);
  EXPECT_EQ(ticked.get_future().wait_for(std::chrono::seconds{10}), std::future_status::ready);
}

}  // namespace
}  // namespace latchkey::net
