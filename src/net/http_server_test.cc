#include "net/http_server.h"

#include <gtest/gtest.h>

#include <future>
#include <mutex>

#include "net/testing.h"

namespace latchkey::net {
namespace {

using namespace std::chrono_literals;
using testing::RawClient;
using testing::RunningServer;

/// Says back what it was asked, and counts.
void echo(http::Request request, Reply reply) {
  http::Response response;
  response.headers.add("Content-Type", "text/plain");
  response.body = request.method + " " + request.target.path + " " + request.body;
  reply(std::move(response));
}

std::string ask(std::uint16_t port, std::string_view bytes) {
  RawClient client(port);
  client.send(bytes);
  client.finish();
  return client.read_all();
}

std::string status_of(const std::string& answer) {
  return answer.size() < 12 ? answer : answer.substr(9, 3);
}

struct Row {
  const char* name;
  std::string bytes;
  const char* status;
};

class Framing : public ::testing::TestWithParam<Row> {};

TEST_P(Framing, IsStrict) {  // checklist 65
  RunningServer server(echo);
  const std::string answer = ask(server.port(), GetParam().bytes);
  EXPECT_EQ(status_of(answer), GetParam().status) << answer;
  if (status_of(answer) != "200") {
    EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos);
    EXPECT_EQ(answer.find("HTTP/1.1 ", 1), std::string::npos) << "a second answer: " << answer;
  }
}

const std::string kHost = "Host: x\r\n";
std::string get(const std::string& fields) {
  return "GET / HTTP/1.1\r\n" + kHost + fields + "\r\n";
}
std::string post(const std::string& fields, const std::string& body) {
  return "POST / HTTP/1.1\r\n" + kHost + fields + "\r\n" + body;
}

INSTANTIATE_TEST_SUITE_P(
    , Framing,
    ::testing::Values(
        Row{"plain", get(""), "200"}, Row{"an empty line before", "\r\n" + get(""), "200"},
        Row{"two empty lines before", "\r\n\r\n" + get(""), "400"},
        Row{"http 1.0 without host", "GET / HTTP/1.0\r\n\r\n", "200"},
        Row{"absolute form", "GET http://x/a HTTP/1.1\r\n" + kHost + "\r\n", "200"},
        Row{"tab and latin-1 in a value", get("A: b\tc\xe9\r\n"), "200"},
        Row{"one content-length", post("Content-Length: 2\r\n", "ab"), "200"},
        Row{"chunked", post("Transfer-Encoding: chunked\r\n", "2\r\nab\r\n0\r\n\r\n"), "200"},
        Row{"chunked with a trailer",
            post("Transfer-Encoding: chunked\r\n", "2\r\nab\r\n0\r\nA: b\r\n\r\n"), "200"},
        Row{"both framings",
            post("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "400"},
        Row{"both framings, other order",
            post("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", "0\r\n\r\n"), "400"},
        Row{"same length twice", post("Content-Length: 2\r\nContent-Length: 2\r\n", "ab"), "400"},
        Row{"other length twice", post("Content-Length: 2\r\nContent-Length: 3\r\n", "ab"), "400"},
        Row{"length list", post("Content-Length: 2, 2\r\n", "ab"), "400"},
        Row{"signed length", post("Content-Length: +2\r\n", "ab"), "400"},
        Row{"hexadecimal length", post("Content-Length: 0x2\r\n", "ab"), "400"},
        Row{"encoding that is not chunked", post("Transfer-Encoding: gzip\r\n", ""), "400"},
        Row{"encoding list", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), "400"},
        Row{"hidden encoding",
            post("Transfer-Encoding: \x0b"
                 "chunked\r\n",
                 "0\r\n\r\n"),
            "400"},
        Row{"encoding twice",
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
            "400"},
        Row{"chunked in http 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "400"},
        Row{"chunk size with a sign",
            post("Transfer-Encoding: chunked\r\n", "+2\r\nab\r\n0\r\n\r\n"), "400"},
        Row{"chunk ended by LF", post("Transfer-Encoding: chunked\r\n", "2\nab\r\n0\r\n\r\n"),
            "400"},
        Row{"chunk longer than it says",
            post("Transfer-Encoding: chunked\r\n", "2\r\nabc\r\n0\r\n\r\n"), "400"},
        Row{"bare LF after the request line", "GET / HTTP/1.1\nHost: x\r\n\r\n", "400"},
        Row{"bare LF after a field", "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n", "400"},
        Row{"bare LF at the end", "GET / HTTP/1.1\r\nHost: x\r\n\n", "400"},
        Row{"bare CR in a value", get("A: b\rc\r\n"), "400"},
        Row{"folded field", get("A: b\r\n c\r\n"), "400"},
        Row{"folded by a tab", get("A: b\r\n\tc\r\n"), "400"},
        Row{"fold before the first field", "GET / HTTP/1.1\r\n Host: x\r\n\r\n", "400"},
        Row{"NUL in a value", get(std::string("A: b\0c\r\n", 8)), "400"},
        Row{"space before the colon", get("A : b\r\n"), "400"},
        Row{"no colon", get("Ab\r\n"), "400"}, Row{"empty name", get(": b\r\n"), "400"},
        Row{"no host", "GET / HTTP/1.1\r\n\r\n", "400"},
        Row{"two hosts", get("Host: y\r\n"), "400"},
        Row{"bad percent", "GET /%zz HTTP/1.1\r\n" + kHost + "\r\n", "400"},
        Row{"dot segments", "GET /a/../b HTTP/1.1\r\n" + kHost + "\r\n", "400"},
        Row{"asterisk", "OPTIONS * HTTP/1.1\r\n" + kHost + "\r\n", "400"},
        Row{"authority form", "CONNECT x:1 HTTP/1.1\r\n" + kHost + "\r\n", "400"},
        Row{"http 2", "GET / HTTP/2.0\r\n" + kHost + "\r\n", "400"},
        Row{"no version", "GET /\r\n\r\n", "400"}, Row{"garbage", "\x16\x03\x01\x02", "400"},
        Row{"another expectation", post("Expect: wonders\r\nContent-Length: 2\r\n", "ab"), "417"}),
    [](const auto& row) {
      std::string name = row.param.name;
      for (char& c : name)
        if (!isalnum(static_cast<unsigned char>(c))) c = '_';
      return name;
    });

TEST(HttpServer, HeaderAndBodyLimitsHoldToTheByte) {
  ServerOptions options;
  options.limits = {.header_bytes = 1024, .header_fields = 5, .body_bytes = 100};
  RunningServer server(echo, options);
  const auto status = [&](const std::string& bytes) {
    return status_of(ask(server.port(), bytes));
  };
  const auto head = [](std::size_t size) {
    const std::string start = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
    return start + std::string(size - start.size() - 4, 'a') + "\r\n\r\n";
  };
  EXPECT_EQ(status(head(1024)), "200");
  EXPECT_EQ(status(head(1025)), "431");
  EXPECT_EQ(status(std::string(1 << 20, 'G')), "431");
  EXPECT_EQ(status(get("A: 1\r\nA: 2\r\nA: 3\r\nA: 4\r\n")), "200");
  EXPECT_EQ(status(get("A: 1\r\nA: 2\r\nA: 3\r\nA: 4\r\nA: 5\r\n")), "431");
  EXPECT_EQ(status(post("Content-Length: 100\r\n", std::string(100, 'b'))), "200");
  EXPECT_EQ(status(post("Content-Length: 101\r\n", std::string(101, 'b'))), "413");
  EXPECT_EQ(status(post("Content-Length: 99999999999999999999\r\n", "")), "400");
  const std::string fifty = "32\r\n" + std::string(50, 'c') + "\r\n";
  EXPECT_EQ(status(post("Transfer-Encoding: chunked\r\n", fifty + fifty + "0\r\n\r\n")), "200");
  EXPECT_EQ(status(post("Transfer-Encoding: chunked\r\n", fifty + fifty + "1\r\nd\r\n0\r\n\r\n")),
            "413");
  EXPECT_EQ(status(post("Transfer-Encoding: chunked\r\n", "1;" + std::string(4096, 'x'))), "400");
}

TEST(HttpServer, ABodyThatIsMuchTooLargeStillHearsWhy) {
  RunningServer server(echo);
  const std::string answer =
      ask(server.port(), post("Content-Length: 800000\r\n", std::string(800'000, 'b')));
  EXPECT_EQ(status_of(answer), "413");
}

TEST(HttpServer, AnswersAHeadWithoutABody) {
  RunningServer server(echo);
  const std::string answer = ask(server.port(), "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 8\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(HttpServer, ServesRequestsInTurnWhenTheyComeTogether) {
  RunningServer server(echo);
  const std::string all = ask(
      server.port(), "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n" + post("Content-Length: 3\r\n", "two") +
                         "GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" +
                         "GET /4 HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto one = all.find("GET /1 "), two = all.find("POST / two"), three = all.find("GET /3 ");
  EXPECT_TRUE(one < two && two < three && three != std::string::npos) << all;
  EXPECT_EQ(all.find("GET /4"), std::string::npos) << "after Connection: close";
}

TEST(HttpServer, ReadsARequestThatComesByteByByte) {
  RunningServer server(echo);
  RawClient client(server.port());
  for (char c : post("Content-Length: 3\r\nConnection: close\r\n", "abc")) client.send({&c, 1});
  EXPECT_NE(client.read_all().find("POST / abc"), std::string::npos);
}

TEST(HttpServer, LetsThePeerSendTheBodyItHeldBack) {
  RunningServer server(echo);
  RawClient client(server.port());
  client.send(post("Expect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n", ""));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_NE(client.read_all().find("POST / abc"), std::string::npos);
}

TEST(HttpServer, KeepsAnOldClientsConnectionOnlyWhenAsked) {
  RunningServer server(echo);
  RawClient client(server.port());
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(client.read_until("GET / ").find("Connection: keep-alive"), std::string::npos);
  client.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_NE(client.read_all().find("Connection: close"), std::string::npos);
}

TEST(HttpServer, TellsTheHandlerWhereARequestCameFrom) {
  std::promise<std::string> peer;
  RunningServer server([&](http::Request request, Reply reply) {
    peer.set_value(request.peer);
    reply({});
  });
  ask(server.port(), get(""));
  EXPECT_EQ(peer.get_future().get(), "127.0.0.1");
}

TEST(HttpServer, TakesAnAnswerFromAnotherThreadAndOnlyTheFirst) {
  RunningServer server([](http::Request, Reply reply) {
    std::thread([reply = std::move(reply)] {
      reply({.body = "first"});
      reply({.body = "second"});
    }).detach();
  });
  const std::string answer = ask(server.port(), get("Connection: close\r\n"));
  EXPECT_TRUE(answer.ends_with("first")) << answer;
}

TEST(HttpServer, AnswersForAHandlerThatForgotOrThrew) {
  RunningServer server([](http::Request request, Reply) {
    if (request.target.path == "/throw") throw std::runtime_error("no");
  });
  EXPECT_EQ(status_of(ask(server.port(), get(""))), "500");
  EXPECT_EQ(status_of(ask(server.port(), "GET /throw HTTP/1.1\r\nHost: x\r\n\r\n")), "500");
}

TEST(HttpServer, LetsNoHeaderSplitTheAnswer) {
  RunningServer server([](http::Request, Reply reply) {
    http::Response response;
    response.headers.add("Location", "/\r\nSet-Cookie: a=b");
    reply(response);
  });
  const std::string answer = ask(server.port(), get(""));
  EXPECT_EQ(status_of(answer), "200");
  EXPECT_EQ(answer.find("\nSet-Cookie"), std::string::npos);
}

TEST(HttpServer, EndsSlowAndIdlePeers) {
  ServerOptions options;
  options.limits.header_time = 150ms;
  options.limits.body_time = 150ms;
  options.limits.idle_time = 150ms;
  RunningServer server(echo, options);
  RawClient head(server.port()), body(server.port()), idle(server.port());
  head.send("GET / HT");
  body.send(post("Content-Length: 9\r\n", "abc"));
  EXPECT_EQ(status_of(head.read_all()), "408");
  EXPECT_EQ(status_of(body.read_all()), "408");
  EXPECT_EQ(idle.read_all(), "");
}

TEST(HttpServer, TurnsPeersAwayBeyondItsNumber) {
  ServerOptions options;
  options.limits.connections = 1;
  std::promise<std::string> why;
  options.on_refused = [&](const Refused& refused) {
    why.set_value(std::to_string(refused.status) + " " + std::string(refused.peer));
    return http::Response{.status = refused.status, .body = "{}"};
  };
  RunningServer server(echo, options);
  RawClient first(server.port());
  first.send(get(""));
  first.read_until("GET / ");
  const std::string answer = ask(server.port(), get(""));
  EXPECT_EQ(status_of(answer), "503");
  EXPECT_TRUE(answer.ends_with("{}"));
  EXPECT_EQ(why.get_future().get(), "503 127.0.0.1");
}

TEST(HttpServer, DrainsByFinishingWhatIsInFlight) {
  std::promise<Reply> asked;
  RunningServer server([&](http::Request, Reply reply) { asked.set_value(std::move(reply)); });
  RawClient busy(server.port()), idle(server.port());
  busy.send(get(""));
  Reply reply = asked.get_future().get();
  server->drain(10s);
  EXPECT_EQ(idle.read_all(), "");
  std::exchange(reply, nullptr)({.body = "in flight"});
  const std::string answer = busy.read_all();
  EXPECT_TRUE(answer.ends_with("in flight")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  server.join();
  EXPECT_THROW(RawClient{server.port()}, std::runtime_error);
}

TEST(HttpServer, AnswersOnceMoreWhoAsksWhileItDrains) {
  std::promise<void> entered, leave;
  std::shared_future<void> left = leave.get_future().share();
  RunningServer server([&](http::Request request, Reply reply) {
    if (request.target.path == "/last") {
      entered.set_value();
      left.wait();
    }
    reply({.body = "answer"});
  });
  RawClient kept(server.port()), busy(server.port());
  kept.send(get(""));
  kept.read_until("answer");
  busy.send("GET /last HTTP/1.1\r\n" + kHost + "\r\n");
  entered.get_future().get();
  server->drain(10s);
  kept.send(get(""));                // idle when the drain began, and not seen yet
  RawClient waiting(server.port());  // not accepted yet
  waiting.send(get(""));
  leave.set_value();
  for (RawClient* client : {&busy, &kept, &waiting}) {
    const std::string answer = client->read_all();
    EXPECT_TRUE(answer.ends_with("answer")) << answer;
  }
  server.join();
}

TEST(HttpServer, DrainsByItsDeadlineWhoeverHangs) {
  std::promise<Reply> asked;
  RunningServer server([&](http::Request, Reply reply) { asked.set_value(std::move(reply)); });
  RawClient busy(server.port());
  busy.send(get(""));
  const Reply held = asked.get_future().get();
  server->drain(100ms);
  server.join();
  EXPECT_EQ(busy.read_all(), "");
}

TEST(HttpServer, MayBeGoneBeforeAReplyIsUsed) {
  Reply late, never;
  {
    std::promise<void> asked;
    std::atomic<int> count = 0;
    RunningServer server([&](http::Request request, Reply reply) {
      (request.target.path == "/late" ? late : never) = std::move(reply);
      if (++count == 2) asked.set_value();
    });
    RawClient one(server.port()), two(server.port());
    one.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
    two.send("GET /never HTTP/1.1\r\nHost: x\r\n\r\n");
    asked.get_future().wait();
  }
  late({.body = "nobody is there"});
}

TEST(HttpServer, SharesConnectionsAmongItsThreads) {
  ServerOptions options;
  options.threads = 3;
  std::mutex mutex;
  std::vector<std::thread::id> seen;
  RunningServer server(
      [&](http::Request, Reply reply) {
        {
          std::scoped_lock lock(mutex);
          seen.push_back(std::this_thread::get_id());
        }
        reply({});
      },
      options);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(status_of(ask(server.port(), get(""))), "200");
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::unique(seen.begin(), seen.end()) - seen.begin(), 3);
}

TEST(HttpServer, SaysWhyItCannotListen) {
  RunningServer first(echo);
  auto second = HttpServer::make({.port = first.port()}, echo);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().why, Why::kUnavailable);
  auto odd = HttpServer::make({.address = "localhost"}, echo);
  ASSERT_FALSE(odd);
  EXPECT_EQ(odd.error().why, Why::kUsage);
  auto tls = HttpServer::make({.certificate_file = "/none.pem", .key_file = "/none.pem"}, echo);
  ASSERT_FALSE(tls);
  EXPECT_EQ(tls.error().why, Why::kUsage);
}

TEST(HttpServer, NamesAnIpv4PeerTheSameOnAListenerForBoth) {
  std::promise<std::string> peer;
  const auto tell = [&](http::Request request, Reply reply) {
    peer.set_value(request.peer);
    reply({});
  };
  ServerOptions both;
  both.address = HttpServer::make({.address = "::"}, echo) ? "::" : "0.0.0.0";  // IPv6 may be off
  RunningServer server(tell, both);
  ask(server.port(), get(""));
  EXPECT_EQ(peer.get_future().get(), "127.0.0.1");
}

}  // namespace
}  // namespace latchkey::net
