#include "net/http_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>

#include "net/testing.h"

namespace latchkey::net {
namespace {

using namespace std::chrono_literals;
using testing::RunningServer;
using testing::TestCertificate;

std::unique_ptr<HttpClient> client(std::string url, ClientOptions options = {}) {
  options.base_url = std::move(url);
  auto made = HttpClient::make(std::move(options));
  if (!made) throw std::runtime_error(made.error().say);
  return std::move(*made);
}

/// A listener that reads a request, answers with fixed bytes and hangs up; or, with
/// `keep`, hangs up without an answer at a connection's second request.
class Answers {
 public:
  explicit Answers(std::string bytes, bool keep = false)
      : keep_(keep), fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (bind(fd_, reinterpret_cast<sockaddr*>(&at), size) != 0 || listen(fd_, 8) != 0 ||
        getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size) != 0)
      throw std::runtime_error("cannot listen");
    port_ = ntohs(at.sin_port);
    thread_ = std::jthread([this, bytes = std::move(bytes)] { serve(bytes); });
  }
  ~Answers() {
    shutdown(fd_, SHUT_RDWR);
    thread_.join();
    close(fd_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int requests() const { return requests_; }

 private:
  void serve(const std::string& bytes) {
    std::vector<std::jthread> peers;
    for (int peer; (peer = accept(fd_, nullptr, nullptr)) >= 0;)
      peers.emplace_back([this, peer, &bytes] {
        if (read_request(peer)) {
          for (std::string_view rest = bytes; !rest.empty();) {
            const auto n = send(peer, rest.data(), rest.size(), MSG_NOSIGNAL);
            if (n <= 0) break;
            rest.remove_prefix(static_cast<std::size_t>(n));
          }
          if (keep_) read_request(peer);
        }
        close(peer);
      });
  }
  bool read_request(int peer) {
    std::string request;
    char chunk[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const auto n = recv(peer, chunk, sizeof chunk, 0);
      if (n <= 0) return false;
      request.append(chunk, static_cast<std::size_t>(n));
    }
    ++requests_;
    return true;
  }
  const bool keep_;
  int fd_;
  std::uint16_t port_ = 0;
  std::atomic<int> requests_{0};
  std::jthread thread_;
};

struct UrlRow {
  const char* url;
  bool good;
  bool allow_plain = false;
};

class BaseUrls : public ::testing::TestWithParam<UrlRow> {};

TEST_P(BaseUrls, AreChecked) {
  const UrlRow& row = GetParam();
  const auto url = parse_base_url({.base_url = row.url, .allow_plain_http = row.allow_plain});
  EXPECT_EQ(url.has_value(), row.good);
  if (!url) EXPECT_EQ(url.error().why, Why::kUsage);
}

INSTANTIATE_TEST_SUITE_P(
    , BaseUrls,
    ::testing::Values(
        UrlRow{"https://api.alor.ru", true}, UrlRow{"https://api.alor.ru/", true},
        UrlRow{"HTTPS://api.alor.ru:8443/a/b", true}, UrlRow{"https://[2001:db8::1]:1", true},
        UrlRow{"http://127.0.0.1:8000", true}, UrlRow{"http://127.1.2.3", true},
        UrlRow{"http://[::1]:8000", true}, UrlRow{"http://localhost", true},
        UrlRow{"http://api.alor.ru", false}, UrlRow{"http://api.alor.ru", true, true},
        UrlRow{"http://127.0.0.1.example.com", false}, UrlRow{"http://128.0.0.1", false},
        UrlRow{"http://localhost.example.com", false}, UrlRow{"http://2130706433", false},
        UrlRow{"", false}, UrlRow{"api.alor.ru", false}, UrlRow{"ftp://api.alor.ru", false},
        UrlRow{"file:///etc/passwd", false}, UrlRow{"https://", false}, UrlRow{"https:///x", false},
        UrlRow{"https://u:p@api.alor.ru", false}, UrlRow{"https://api.alor.ru?x", false},
        UrlRow{"https://api.alor.ru/a?x=y", false}, UrlRow{"https://api.alor.ru/#f", false},
        UrlRow{"https://api.alor.ru/../x", false}, UrlRow{"https://api.alor.ru/./x", false},
        UrlRow{"https://api.alor.ru//x", false}, UrlRow{"https://api.alor.ru/%2e", false},
        UrlRow{"https://api.alor.ru:0", false}, UrlRow{"https://api.alor.ru:65536", false},
        UrlRow{"https://api.alor.ru:", false}, UrlRow{"https://api.alor.ru:1x", false},
        UrlRow{"https://api alor.ru", false}, UrlRow{"https://[::1", false},
        UrlRow{"https://[127.0.0.1]", false}, UrlRow{"https://a\r\nb", false},
        UrlRow{"https://api.alor.ru\\x", false}));

TEST(BaseUrl, IsTakenApart) {
  const auto url = parse_base_url({.base_url = "https://API.alor.ru:8443/a/b/"});
  ASSERT_TRUE(url);
  EXPECT_EQ(*url, (BaseUrl{true, "api.alor.ru", 8443, "/a/b"}));
}

TEST(HttpClient, CarriesEveryPartOfRequestAndResponse) {
  RunningServer server([](http::Request request, Reply reply) {
    http::Response response{.status = 202, .body = request.body};
    response.headers.add("X-Method", request.method)
        .add("X-Target", http::write_target(request.target))
        .add("X-Type", http::media_type(request.headers))
        .add("X-Agent", *request.headers.find("User-Agent"))
        .add("X-Expect", std::to_string(request.headers.count("Expect")))
        .add("X-Twice", "1")
        .add("X-Twice", "2");
    reply(std::move(response));
  });
  const auto http = client(server.url("/prefix"), {.user_agent = "latchkey/1"});
  for (const char* method : {"GET", "POST", "PUT", "DELETE", "PATCH"}) {
    const auto got = http->send({.method = method,
                                 .target = {"/a b", {{"token", "x&y"}}},
                                 .headers = {{"Content-Type", "application/json"}},
                                 .body = "{}"});
    ASSERT_TRUE(got) << method << got.error().note;
    EXPECT_EQ(got->status, 202);
    EXPECT_EQ(*got->headers.find("x-method"), method);
    EXPECT_EQ(*got->headers.find("X-Target"), "/prefix/a%20b?token=x%26y");
    EXPECT_EQ(*got->headers.find("X-Type"), "application/json");
    EXPECT_EQ(*got->headers.find("X-Agent"), "latchkey/1");
    EXPECT_EQ(*got->headers.find("X-Expect"), "0");
    EXPECT_EQ(got->headers.count("X-Twice"), 2u);
    EXPECT_EQ(got->body, "{}");
  }
}

TEST(HttpClient, SendsNoBodyAndNoTypeWhereThereIsNone) {
  RunningServer server([](http::Request request, Reply reply) {
    http::Response response;
    const auto* length = request.headers.find("Content-Length");
    response.body = request.method + " " + (length ? *length : "none") +
                    (request.headers.find("Content-Type") ? " typed" : "");
    reply(std::move(response));
  });
  const auto http = client(server.url());
  EXPECT_EQ(http->send({.method = "GET"})->body, "GET none");
  EXPECT_EQ(http->send({.method = "POST"})->body, "POST 0");
  EXPECT_EQ(http->send({.method = "HEAD"})->body, "");
}

TEST(HttpClient, DoesNotFollowRedirectsOrKeepCookies) {
  std::atomic<int> cookies = 0, asked = 0;
  RunningServer server([&](http::Request request, Reply reply) {
    ++asked;
    cookies += static_cast<int>(request.headers.count("Cookie"));
    http::Response response{.status = 302};
    response.headers.add("Location", "/elsewhere").add("Set-Cookie", "a=b");
    reply(std::move(response));
  });
  const auto http = client(server.url());
  EXPECT_EQ(http->send({})->status, 302);
  EXPECT_EQ(http->send({})->status, 302);
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(cookies, 0);
}

TEST(HttpClient, RefusesHeadersThatWouldSplitTheRequest) {
  const auto http = client("http://127.0.0.1:1");
  for (const http::Headers& headers : {http::Headers{{"A\r\nB", "c"}}, http::Headers{{"A: b", "c"}},
                                       http::Headers{{"", "c"}}, http::Headers{{"A", "b\x01"}}}) {
    const auto got = http->send({.headers = headers});
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().why, Why::kBug);
  }
}

struct AnswerRow {
  const char* name;
  std::string bytes;
  Why why;
};

class BadAnswers : public ::testing::TestWithParam<AnswerRow> {};

TEST_P(BadAnswers, AreTypedErrors) {
  Answers server(GetParam().bytes);
  const auto got = client(server.url(), {.body_bytes = 100})->send({});
  ASSERT_FALSE(got) << got->body;
  EXPECT_EQ(got.error().why, GetParam().why) << got.error().note;
}

const std::string kOk = "HTTP/1.1 200 OK\r\n";
INSTANTIATE_TEST_SUITE_P(
    , BadAnswers,
    ::testing::Values(
        AnswerRow{"nothing", "", Why::kNoAnswer},
        AnswerRow{"half a head", "HTTP/1.1 200 OK\r\nA: ", Why::kNoAnswer},
        AnswerRow{"half a body", kOk + "Content-Length: 9\r\n\r\nabc", Why::kNoAnswer},
        AnswerRow{"another protocol", "SSH-2.0-OpenSSH_9.2\r\n", Why::kBadResponse},
        AnswerRow{"http 0.9", "<html>hello</html>", Why::kBadResponse},
        AnswerRow{"101 bytes", kOk + "Content-Length: 101\r\n\r\n" + std::string(101, 'x'),
                  Why::kBadResponse},
        AnswerRow{"101 bytes, no length", kOk + "\r\n" + std::string(101, 'x'), Why::kBadResponse},
        AnswerRow{"201 fields",
                  kOk +
                      [] {
                        std::string fields;
                        for (int i = 0; i < 201; ++i) fields += "A: b\r\n";
                        return fields;
                      }() +
                      "\r\n",
                  Why::kBadResponse},
        AnswerRow{"a long field", kOk + "A: " + std::string(70'000, 'x') + "\r\n\r\n",
                  Why::kBadResponse}));

TEST(HttpClient, TakesAnAnswerOfExactlyTheLimit) {
  Answers server(kOk + "\r\n" + std::string(100, 'x'));
  EXPECT_EQ(client(server.url(), {.body_bytes = 100})->send({})->body.size(), 100u);
}

TEST(HttpClient, NeverSendsAPostTwiceOverAConnectionThatDies) {
  Answers server(kOk + "Content-Length: 0\r\n\r\n", /*keep=*/true);
  const auto http = client(server.url());
  ASSERT_TRUE(http->send({}));
  ASSERT_TRUE(http->send({.method = "POST", .body = "token=x"}));
  EXPECT_EQ(server.requests(), 2);
}

TEST(HttpClient, ReportsAPostWhoseAnswerIsLost) {
  Answers server("");
  const auto got = client(server.url())->send({.method = "POST", .body = "token=x"});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().why, Why::kNoAnswer);
  EXPECT_EQ(server.requests(), 1);
}

TEST(HttpClient, SaysWhenNothingWasSent) {
  std::string url;
  {
    Answers gone("");
    url = gone.url();
  }
  const auto got = client(url)->send({.method = "POST", .body = "x"});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().why, Why::kUnavailable) << got.error().note;
}

TEST(HttpClient, AsksOnceWhetherToSendAndOnlyWhenItCould) {
  std::string url;
  int asked = 0;
  {
    Answers server(kOk + "Content-Length: 0\r\n\r\n");
    url = server.url();
    const auto no = [] { return Result<>(fail(Why::kStore, "no space")); };
    const auto refused = client(url)->send_when(no, {.method = "POST", .body = "x"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().why, Why::kStore);
    const auto yes = [&] { return ++asked, Result<>(); };
    EXPECT_TRUE(client(url)->send_when(yes, {.method = "POST", .body = "x"}));
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(server.requests(), 1);
  }
  const auto yes = [&] { return ++asked, Result<>(); };
  EXPECT_FALSE(client(url)->send_when(yes, {.method = "POST", .body = "x"}));
  EXPECT_EQ(asked, 1) << "there was no connection";
}

TEST(HttpClient, EndsByItsDeadline) {
  std::promise<void> release;
  RunningServer server([held = std::make_shared<std::vector<Reply>>()](http::Request, Reply reply) {
    held->push_back(std::move(reply));
  });
  const auto got = client(server.url(), {.total_time = 100ms})->send({});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().why, Why::kNoAnswer);
}

TEST(HttpClient, VerifiesCertificateAndName) {  // checklist 71
  TestCertificate certificate;
  RunningServer server(
      [](http::Request, Reply reply) { reply({.body = "tls"}); },
      {.certificate_file = certificate.certificate_file, .key_file = certificate.key_file});
  const ClientOptions trusting{.ca_file = certificate.certificate_file};
  const auto good = client(server.url(), trusting)->send({});
  ASSERT_TRUE(good) << good.error().note;
  EXPECT_EQ(good->body, "tls");

  const auto unknown = client(server.url())->send({});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().why, Why::kUnavailable);
  const std::string other = "https://127.0.0.2:" + std::to_string(server.port());
  const auto misnamed = client(other, trusting)->send({});
  ASSERT_FALSE(misnamed);
  EXPECT_EQ(misnamed.error().why, Why::kUnavailable);
}

TEST(HttpClient, ServesManyThreadsAtOnce) {
  RunningServer server([](http::Request request, Reply reply) { reply({.body = request.body}); });
  const auto http = client(server.url());
  std::vector<std::future<bool>> all;
  for (int i = 0; i < 8; ++i)
    all.push_back(std::async(std::launch::async, [&, i] {
      const std::string body = std::to_string(i);
      const auto got = http->send({.method = "POST", .body = body});
      return got.has_value() && got->body == body;
    }));
  for (auto& one : all) EXPECT_TRUE(one.get());
}

}  // namespace
}  // namespace latchkey::net
