#include "net/http_parser.h"

#include <gtest/gtest.h>

namespace latchkey::net {
namespace {

using Step = RequestParser::Step;

/// What comes of bytes: the requests as text, then the refusal's status if any.
struct Read {
  std::vector<std::string> requests;
  int refused = 0;
  friend bool operator==(const Read&, const Read&) = default;
};

/// Feeds the bytes as a connection would, `piece` at a time.
Read read(std::string_view all, std::size_t piece) {
  RequestParser parser({.header_bytes = 256, .header_fields = 8, .body_bytes = 64});
  Read result;
  std::string held;
  while (!all.empty()) {
    held += all.substr(0, piece);
    all.remove_prefix(std::min(piece, all.size()));
    for (bool more = false; !more;) {
      std::string_view bytes = held;
      const Step step = parser.feed(bytes);
      held = std::string(bytes);
      if (step == Step::kRefused) {
        result.refused = parser.refusal().status;
        return result;
      }
      if (step == Step::kRequest) {
        const auto request = parser.take();
        result.requests.push_back(request.method + " " + http::write_target(request.target) + " " +
                                  request.body);
      }
      more = step == Step::kMore || (step == Step::kRequest && held.empty());
    }
  }
  return result;
}

TEST(RequestParser, SaysTheSameHoweverTheBytesArrive) {
  const std::string host = "Host: x\r\n";
  const std::string messages[] = {
      "GET /a?b=c HTTP/1.1\r\n" + host + "\r\n",
      "\r\nGET / HTTP/1.1\r\n" + host + "\r\nGET /2 HTTP/1.1\r\n" + host + "\r\n",
      "POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n" + host +
          "\r\n",
      "POST / HTTP/1.1\r\n" + host +
          "Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\nT: 1\r\n\r\n",
      "POST / HTTP/1.1\r\n" + host + "Expect: 100-continue\r\nContent-Length: 1\r\n\r\na",
      "GET / HTTP/1.1\r\n" + host + "A: b\r\n c\r\n\r\n",
      "GET / HTTP/1.1\n" + host + "\r\n",
      "GET / HTTP/1.1\r\n" + host + "A: b\rc\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "\r\nPOST / HTTP/1.1\r\n" + host + "Content-Length: 65\r\n\r\n",
      "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n41\r\n",
      "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\nT: 1\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "A: " + std::string(300, 'a') + "\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n",
      "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2\r\nab0\r\n\n",
      "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2;a=\"\r\nab\r\n8\r\n",
      "POST / HTTP/1.1\r\n" + host +
          "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;a=\"\r\nc\"\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\n" + host +
          "Transfer-Encoding: chunked\r\n\r\n2;a=\"\\\"\"\r\nab\r\n0\r\n\r\n",
      "\r\n\r\nGET / HTTP/1.1\r\n" + host + "\r\n",
      "GET / e\r\n\r\n",
      "GET / e\r\n\r\nGET / HTTP/1.0\r\n",
      "GET / \r\n\r\n",
      "GET\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n" + host + "\r\n",
  };
  for (const auto& message : messages) {
    const Read whole = read(message, message.size());
    EXPECT_TRUE(!whole.requests.empty() || whole.refused != 0) << message;
    for (const std::size_t piece : {1, 2, 3, 5, 7, 16})
      EXPECT_EQ(read(message, piece), whole) << message << " in pieces of " << piece;
  }
}

TEST(RequestParser, KeepsEveryPartOfARequest) {
  RequestParser parser(ServerLimits{});
  std::string_view bytes =
      "PUT /p%20q?x=1&y= HTTP/1.1\r\nHost: h\r\nA:  one \r\na: two\r\nContent-Length: 2\r\n\r\nhi "
      "rest";
  ASSERT_EQ(parser.feed(bytes), Step::kRequest);
  EXPECT_EQ(bytes, " rest");
  EXPECT_TRUE(parser.keep_alive());
  const auto request = parser.take();
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.target, (http::Target{"/p q", {{"x", "1"}, {"y", ""}}}));
  EXPECT_EQ(request.headers,
            (http::Headers{{"Host", "h"}, {"A", "one"}, {"a", "two"}, {"Content-Length", "2"}}));
  EXPECT_EQ(request.body, "hi");
}

TEST(RequestParser, AsksForTheHeldBackBodyOnce) {
  RequestParser parser(ServerLimits{});
  std::string_view bytes =
      "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  EXPECT_EQ(parser.feed(bytes), Step::kContinue);
  std::string_view rest = "h";
  EXPECT_EQ(parser.feed(rest), Step::kMore);
  rest = "i";
  EXPECT_EQ(parser.feed(rest), Step::kRequest);
  EXPECT_EQ(parser.take().body, "hi");
}

}  // namespace
}  // namespace latchkey::net
