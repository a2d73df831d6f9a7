#include "net/relay_server.h"

#include <gtest/gtest.h>

#include <thread>

#include "net/testing.h"

namespace latchkey::net {
namespace {

using namespace std::chrono_literals;
using testing::RawClient;

/// A relay on a free port for the length of a test.
class Running {
 public:
  explicit Running(RelayHandler handler, ServerLimits limits = {})
      : server_(make(std::move(handler), limits)), thread_([this] { server_->run(); }) {}
  ~Running() {
    server_->drain(100ms);
    thread_.join();
  }
  RelayServer& operator*() { return *server_; }
  std::uint16_t port() const { return server_->port(); }

 private:
  static std::unique_ptr<RelayServer> make(RelayHandler handler, ServerLimits limits) {
    RelayOptions options;
    options.limits = limits;
    return RelayServer::make(std::move(options), std::move(handler)).value();
  }
  std::unique_ptr<RelayServer> server_;
  std::thread thread_;
};

/// Sends back what it gets, piece by piece.
void echo(RelayExchange& exchange) {
  exchange.answer({200, {}, {}}, exchange.length());
  for (std::string piece;; piece.clear()) {
    if (!exchange.read(piece, 4)) return exchange.abandon();
    if (piece.empty()) return;
    exchange.write(piece);
  }
}

std::string body_of(const std::string& reply) { return reply.substr(reply.find("\r\n\r\n") + 4); }

TEST(ARelay, PassesABodyOfKnownLength) {
  Running server([](RelayExchange& exchange) {
    std::string all;
    while (exchange.read(all, 3) && all.size() < 11) {
    }
    exchange.answer({200, {{"X-Path", exchange.head().target.path}}, {}}, all.size());
    exchange.write(all);
  });
  RawClient client(server.port());
  client.send(
      "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nConnection: close\r\n\r\nhello world");
  const std::string reply = client.read_all();
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\n")) << reply;
  EXPECT_NE(reply.find("X-Path: /x\r\n"), std::string::npos);
  EXPECT_EQ(body_of(reply), "hello world");
}

TEST(ARelay, PassesChunksAndKeepsTheConnection) {
  Running server([](RelayExchange& exchange) {
    std::string all;
    for (std::size_t before = 1; before != all.size();) {
      before = all.size();
      ASSERT_TRUE(exchange.read(all, 4));
      if (all.empty()) break;
    }
    exchange.answer({200, {}, {}}, std::nullopt);
    exchange.write(std::string_view(all).substr(0, 4));
    exchange.write(std::string_view(all).substr(std::min<std::size_t>(4, all.size())));
  });
  RawClient client(server.port());
  client.send(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
  client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string both = client.read_all();
  EXPECT_NE(both.find("\r\nTransfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_NE(both.find("4\r\nhell\r\n"), std::string::npos);
  EXPECT_NE(both.find("0\r\n\r\nHTTP/1.1 200 OK"), std::string::npos) << both;
}

TEST(ARelay, SendsAPieceWhenThereIsOne) {
  std::atomic<bool> go_on{false};
  Running server([&](RelayExchange& exchange) {
    exchange.answer({200, {}, {}}, std::nullopt);
    exchange.write("first");
    while (!go_on && !exchange.is_gone()) std::this_thread::yield();
    exchange.write("second");
  });
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_NE(client.read_until("first\r\n").find("5\r\nfirst"), std::string::npos);
  go_on = true;
  EXPECT_NE(client.read_all().find("6\r\nsecond\r\n0\r\n\r\n"), std::string::npos);
}

TEST(ARelay, ShowsThatAnAnswerWasCut) {
  Running server([](RelayExchange& exchange) {
    exchange.answer({200, {}, {}}, std::nullopt);
    exchange.write("half");
    exchange.abandon();
  });
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string reply = client.read_all();
  EXPECT_NE(reply.find("4\r\nhalf\r\n"), std::string::npos);
  EXPECT_EQ(reply.find("0\r\n\r\n"), std::string::npos);
}

TEST(ARelay, TakesNoBytesOfABodyForARequest) {
  Running server([](RelayExchange& exchange) { exchange.answer({204, {}, {}}, std::nullopt); });
  RawClient client(server.port());
  client.send(
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 30\r\n\r\nGET /x HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string reply = client.read_all();
  EXPECT_EQ(reply.find("HTTP/1.1", 1), std::string::npos) << reply;
  EXPECT_NE(reply.find("Connection: close"), std::string::npos);
}

TEST(ARelay, HasNoBodyForAHead) {
  Running server([](RelayExchange& exchange) {
    exchange.answer({200, {}, {}}, 5);
    exchange.write("hello");
  });
  RawClient client(server.port());
  client.send("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string reply = client.read_all();
  EXPECT_NE(reply.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_EQ(body_of(reply), "");
}

TEST(ARelay, NamesTheHostOfAnAbsoluteTarget) {
  Running server([](RelayExchange& exchange) {
    exchange.answer({200, {}, {}}, exchange.host().size());
    exchange.write(exchange.host());
  });
  for (const auto& [target, host] : {std::pair{"http://evil.example/x", "evil.example"},
                                     std::pair{"/x?u=http://evil.example/", "h:80"}}) {
    RawClient client(server.port());
    client.send("GET " + std::string(target) +
                " HTTP/1.1\r\nHost: h:80\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(body_of(client.read_all()), host);
  }
}

TEST(ARelay, RefusesWhatCouldBeReadInTwoWays) {
  Running server(echo);
  for (const char* head :
       {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\nHost: h\n\n",
        "GET / HTTP/1.1\r\nHost: h\r\n X: folded\r\n\r\n", "nonsense\r\n\r\n"}) {
    RawClient client(server.port());
    client.send(head);
    EXPECT_TRUE(client.read_all().starts_with("HTTP/1.1 400")) << head;
  }
}

TEST(ARelay, EndsWhoSendsTooSlowly) {
  Running server(echo, {.header_time = 50ms, .body_time = 50ms, .idle_time = 50ms});
  for (const char* begun :
       {"", "GET / HT", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhal"}) {
    RawClient client(server.port());
    client.send(begun);
    const std::string reply = client.read_all();  // ends only when we are cut
    EXPECT_EQ(reply.find("half"), std::string::npos);
  }
}

TEST(ARelay, TurnsAwayWhatIsTooMuch) {
  std::atomic<bool> busy{false}, go_on{false};
  Running server(
      [&](RelayExchange& exchange) {
        busy = true;
        while (!go_on) std::this_thread::yield();
        exchange.answer({204, {}, {}}, std::nullopt);
      },
      {.connections = 1});
  RawClient first(server.port());
  first.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  while (!busy) std::this_thread::yield();
  RawClient second(server.port());
  EXPECT_TRUE(second.read_all().starts_with("HTTP/1.1 503"));
  go_on = true;
  EXPECT_TRUE(first.read_all().starts_with("HTTP/1.1 204"));
}

TEST(ARelay, LetsARequestFinishWhenItDrains) {
  std::atomic<bool> busy{false}, go_on{false};
  Running server([&](RelayExchange& exchange) {
    busy = true;
    while (!go_on) std::this_thread::yield();
    exchange.answer({200, {}, {}}, 4);
    exchange.write("done");
  });
  RawClient idle(server.port());
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  while (!busy) std::this_thread::yield();
  (*server).drain(10s);
  EXPECT_EQ(idle.read_all(), "") << "one that waits for nothing is closed";
  go_on = true;
  EXPECT_EQ(body_of(client.read_all()), "done");
}

TEST(ARelay, IsOfThisMachineOnly) {
  for (const char* address : {"0.0.0.0", "192.0.2.1", "::", "example.com", ""}) {
    RelayOptions options;
    options.address = address;
    const auto made = RelayServer::make(options, echo);
    ASSERT_FALSE(made) << address;
    EXPECT_EQ(made.error().why, Why::kUsage) << address;
  }
}

}  // namespace
}  // namespace latchkey::net
