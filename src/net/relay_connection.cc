#include "net/relay_connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "base/text.h"
#include "net/clock.h"
#include "net/http_parser.h"
#include "net/http_writer.h"
#include "net/relay_body.h"

namespace latchkey::net {
namespace {

using Milliseconds = std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kPiece = 64 * 1024;
constexpr Milliseconds kLinger{1000};
constexpr std::size_t kLingerBytes = 4 * 1024 * 1024;

/// A socket with deadlines. Unread bytes are in `unread`.
class Wire {
 public:
  Wire(RelayShared& shared, int socket) : shared_(shared), socket_(socket) {}

  std::string unread;

  /// More bytes; false at the end, when the time is over, or when the server drains
  /// (`idle`).
  bool receive(Steady::time_point deadline, bool idle) {
    for (;;) {
      const auto left = std::chrono::ceil<Milliseconds>(deadline - Steady::now());
      if (left <= Milliseconds{0}) return false;
      pollfd ready[2] = {{socket_, POLLIN, 0}, {idle ? shared_.stop : -1, POLLIN, 0}};
      if (poll(ready, 2, static_cast<int>(left.count())) < 0 && errno != EINTR) return false;
      if (ready[1].revents != 0) return false;
      if (ready[0].revents == 0) continue;
      char piece[kPiece];
      const auto got = ::recv(socket_, piece, sizeof piece, MSG_DONTWAIT);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (got > 0) unread.append(piece, static_cast<std::size_t>(got));
      return got > 0;
    }
  }

  bool send(std::string_view bytes) {
    const auto deadline = [&] { return Steady::now() + shared_.limits.write_time; };
    auto end = deadline();
    while (!bytes.empty()) {
      const auto put = ::send(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (put > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(put));
        end = deadline();  // a slow reader is served as long as it reads
        continue;
      }
      if (put < 0 && errno != EAGAIN && errno != EINTR) return false;
      const auto left = std::chrono::ceil<Milliseconds>(end - Steady::now());
      pollfd ready{socket_, POLLOUT, 0};
      if (left <= Milliseconds{0} || poll(&ready, 1, static_cast<int>(left.count())) == 0)
        return false;
    }
    return true;
  }

  bool is_gone() const {
    pollfd ready{socket_, POLLIN | POLLRDHUP, 0};
    if (poll(&ready, 1, 0) <= 0) return false;
    return (ready.revents & (POLLERR | POLLHUP | POLLRDHUP | POLLNVAL)) != 0;
  }

  const ServerLimits& limits() const { return shared_.limits; }

 private:
  RelayShared& shared_;
  int socket_;
};

/// The target as it was written: the parser makes an origin form of any.
std::string_view raw_target(std::string_view head) {
  const auto begin = head.find(' ');
  const auto line = head.substr(0, head.find("\r\n"));
  if (begin >= line.size()) return {};
  return line.substr(begin + 1, line.rfind(' ') - begin - 1);
}

/// The host that the request is for: an absolute target's before the Host field's
/// (RFC 9112 section 3.2.2).
std::string host_of(std::string_view head, const http::Request& request) {
  const auto target = raw_target(head);
  const auto scheme = target.starts_with('/') ? std::string_view::npos : target.find("://");
  if (scheme != std::string_view::npos) {
    const auto authority = target.substr(scheme + 3);
    return std::string(authority.substr(0, authority.find_first_of("/?#")));
  }
  const auto* host = request.headers.find("Host");
  return host == nullptr ? std::string() : *host;
}

class Exchange final : public RelayExchange {
 public:
  Exchange(Wire& wire, http::Request head, std::string host, bool http_10, bool keep)
      : wire_(wire),
        head_(std::move(head)),
        host_(std::move(host)),
        length_(length_in(head_)),
        body_(length_),
        http_10_(http_10),
        keep_(keep) {}

  const http::Request& head() const override { return head_; }
  const std::string& host() const override { return host_; }
  std::optional<std::uint64_t> length() const override { return length_; }

  Result<> read(std::string& out, std::size_t most) override {
    const auto deadline = Steady::now() + wire_.limits().body_time;
    const std::size_t before = out.size();
    while (!body_.done() && out.size() == before) {
      if (wire_.unread.empty()) TRY(more(deadline));
      std::string_view bytes = wire_.unread;
      TRY(body_.feed(bytes, out, before + most));
      wire_.unread.erase(0, wire_.unread.size() - bytes.size());
    }
    return {};
  }

  bool answer(const http::Response& head, std::optional<std::uint64_t> length) override {
    const bool no_body =
        head_.method == "HEAD" || head.status == 204 || head.status == 304 || head.status < 200;
    chunked_ = !length && !no_body && !http_10_;
    if (!length && !no_body && http_10_) keep_ = false;
    if (!body_.done()) keep_ = false;  // what is left of it would be taken for a request
    answered_ = true;
    left_ = no_body ? 0 : length;
    std::string text = "HTTP/1.1 " + std::to_string(head.status) + " " +
                       http::reason_phrase(head.status) + "\r\nDate: " + http_date(clock_.now());
    for (const auto& [name, value] : head.headers)
      if (!is_framing(name)) text += "\r\n" + name + ": " + value;
    if (length && head.status >= 200 && head.status != 204 && head.status != 304)
      text += "\r\nContent-Length: " + std::to_string(*length);
    if (chunked_) text += "\r\nTransfer-Encoding: chunked";
    if (!keep_) text += "\r\nConnection: close";
    else if (http_10_) text += "\r\nConnection: keep-alive";
    alive_ = wire_.send(text + "\r\n\r\n");
    return alive_;
  }

  bool write(std::string_view bytes) override {
    if (!alive_ || bytes.empty() || (left_ && *left_ == 0)) return alive_;
    if (left_) {
      if (bytes.size() > *left_) return alive_ = false;
      *left_ -= bytes.size();
    }
    if (!chunked_) return alive_ = wire_.send(bytes);
    char size[20];
    auto* end = std::to_chars(size, size + sizeof size, bytes.size(), 16).ptr;
    std::string text(size, end);
    text.append("\r\n").append(bytes).append("\r\n");
    return alive_ = wire_.send(text);
  }

  void abandon() override { alive_ = false; }
  bool answered() const override { return answered_; }
  bool is_gone() const override { return wire_.is_gone(); }

  /// The handler has returned; whether another request may follow.
  bool finish(bool whole) {
    if (!answered_) answer({500, {}, {}}, 0);
    if (!whole || (left_ && *left_ > 0)) return false;
    if (chunked_ && alive_) alive_ = wire_.send("0\r\n\r\n");
    return alive_ && keep_ && body_.done();
  }

 private:
  static std::optional<std::uint64_t> length_in(const http::Request& head) {
    if (head.headers.find("Transfer-Encoding") != nullptr) return std::nullopt;
    const auto* text = head.headers.find("Content-Length");
    const auto number = text == nullptr ? std::optional<std::int64_t>(0) : parse_int(*text);
    return static_cast<std::uint64_t>(std::max<std::int64_t>(number.value_or(0), 0));
  }

  static bool is_framing(std::string_view name) {
    return equals_ignoring_case(name, "Content-Length") || equals_ignoring_case(name, "Date") ||
           equals_ignoring_case(name, "Transfer-Encoding") ||
           equals_ignoring_case(name, "Connection");
  }

  Result<> more(Steady::time_point deadline) {
    const auto* expects = head_.headers.find("Expect");
    if (expects != nullptr && !std::exchange(continued_, true) &&
        !wire_.send("HTTP/1.1 100 Continue\r\n\r\n"))
      return fail(Why::kUnavailable, "the caller is gone");
    if (wire_.receive(deadline, false)) return {};
    return fail(Why::kUnavailable, "the caller did not send its body");
  }

  Wire& wire_;
  const http::Request head_;
  const std::string host_;
  const std::optional<std::uint64_t> length_;
  BodyReader body_;
  const bool http_10_;
  bool keep_;
  SystemClock clock_;
  bool continued_ = false, answered_ = false, alive_ = true, chunked_ = false;
  std::optional<std::uint64_t> left_;
};

/// The requests of one connection, in turn.
class Conversation {
 public:
  Conversation(RelayShared& shared, int socket) : shared_(shared), wire_(shared, socket) {}

  void run() {
    while (!shared_.draining && serve_one()) {
    }
  }

  /// Reads on for a moment, so that an answer is not lost to a reset.
  void linger() {
    const auto end = Steady::now() + kLinger;
    for (std::size_t seen = 0; seen < kLingerBytes && wire_.receive(end, true);) {
      seen += wire_.unread.size();
      wire_.unread.clear();
    }
  }

 private:
  bool serve_one() {
    const auto& limits = shared_.limits;
    if (wire_.unread.empty() && !wire_.receive(Steady::now() + limits.idle_time, true))
      return false;
    RequestParser parser(limits, RequestParser::Body::kElsewhere);
    const auto deadline = Steady::now() + limits.header_time;
    for (;;) {
      std::string_view bytes = wire_.unread;
      const auto step = parser.feed(bytes);
      if (step == RequestParser::Step::kRefused) return refuse(parser.refusal());
      if (step == RequestParser::Step::kRequest) return serve(parser, bytes.size());
      wire_.unread.erase(0, wire_.unread.size() - bytes.size());
      if (!wire_.receive(deadline, false)) return false;
    }
  }

  bool serve(RequestParser& parser, std::size_t behind) {
    const auto head = std::string_view(wire_.unread).substr(0, wire_.unread.size() - behind);
    const bool http_10 = parser.is_http_10();
    const bool keep = parser.keep_alive();
    http::Request request = parser.take();
    std::string host = host_of(trim(head), request);
    wire_.unread.erase(0, wire_.unread.size() - behind);
    Exchange exchange(wire_, std::move(request), std::move(host), http_10, keep);
    try {
      shared_.handler(exchange);
    } catch (...) {
      return exchange.finish(false);  // a defect; the peer sees a cut or a 500
    }
    return exchange.finish(true);
  }

  bool refuse(const RequestParser::Refusal& why) {
    wire_.send("HTTP/1.1 " + std::to_string(why.status) + " " + http::reason_phrase(why.status) +
               "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    return false;
  }

  RelayShared& shared_;
  Wire wire_;
};

}  // namespace

void serve_relay_connection(RelayShared& shared, int socket) {
  Conversation conversation(shared, socket);
  conversation.run();
  ::shutdown(socket, SHUT_WR);
  conversation.linger();
  const std::scoped_lock lock(shared.mutex);
  shared.open.erase(socket);
  ::close(socket);
}

}  // namespace latchkey::net
