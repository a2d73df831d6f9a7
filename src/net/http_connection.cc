#include "net/http_connection.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <deque>
#include <optional>
#include <vector>

#include "base/text.h"
#include "net/feed.h"
#include "net/http_padding.h"
#include "net/http_parser.h"
#include "net/http_writer.h"
#include "net/peer.h"
#include "net/pending.h"
#include "net/tls.h"

namespace latchkey::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kFirstBuffer = 4096;
constexpr std::size_t kMergedBody = 4096;  ///< a body up to this goes out with its head
/// After a refusal we read on for a while: closing at once would reset the
/// connection and take the answer from the peer (RFC 9112 section 9.6).
constexpr std::chrono::milliseconds kLinger{1000};
constexpr std::size_t kLingerBytes = 1 << 20;
// How long a connection stays on which nobody asks, once the server drains: what was on its way is
// answered, and says that it was the last one.
constexpr std::chrono::milliseconds kLastCall{500};

template <class Stream>
constexpr bool kIsTls = !std::is_same_v<Stream, Socket>;

}  // namespace

template <class Stream>
class Connection final : public ConnectionBase,
                         public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(ServerShared& shared, Loop& loop, Stream stream, Welcome welcome)
      : shared_(shared),
        loop_(loop),
        stream_(std::move(stream)),
        welcome_(welcome),
        parser_(shared.options.limits) {
    if constexpr (kIsTls<Stream>) peer_ = name_of(stream_.next_layer(), shared.options);
    else peer_ = name_of(stream_, shared.options);
  }
  ~Connection() override {
    forget(out_);
    forget(body_);
    --shared_.open;
  }

  void start() override {
    loop_.add(*this);
    if constexpr (kIsTls<Stream>) {
      wait_at_most(limits().header_time);
      stream_.async_handshake(asio::ssl::stream_base::server, [me = self()](const error_code& ec) {
        if (ec) me->cut();
        else me->begin();
      });
    } else {
      begin();
    }
  }

  void answer(std::optional<http::Response> response, Delivery how) override {
    if (state_ != State::kHandling) return;
    if (response && how.delay.count() > 0) return hold(std::move(*response), how);
    const auto until_written = std::move(handling_);
    if (!response) return refuse(500, "internal error");
    deliver(std::move(*response), how);
  }

  void too_late() override {
    if (state_ == State::kHolding) {
      const auto until_written = std::move(handling_);
      return deliver(std::move(held_), held_how_);
    }
    if (state_ != State::kReading) return cut();
    // The read that is under way ends with an error and finds another state.
    error_code ignored;
    socket().cancel(ignored);
    refuse(408, "too slow");
  }

  void drain() override {
    if (state_ == State::kStreaming || state_ == State::kHolding) return cut();
    if (state_ == State::kIdle) wait_at_most(kLastCall);
  }

  bool give_way() override {
    const bool waits = state_ == State::kIdle || state_ == State::kReading ||
                       state_ == State::kHandshake || state_ == State::kLingering;
    if (waits) cut();
    return waits;
  }

  void push(std::shared_ptr<const std::string> text) override {
    if (state_ != State::kStreaming) return;
    unread_ += text->size();
    if (unread_ > Feed::kMostUnread) return cut();
    queue_.push_back(std::move(text));
    if (queue_.size() == 1) send_next();
  }

  void cut() override {
    const auto until_closed = std::move(handling_);
    state_ = State::kClosed;
    deadline = SteadyTime::max();
    this->unlink();
    error_code ignored;
    socket().close(ignored);
  }

 private:
  enum class State {
    kHandshake,
    kIdle,
    kReading,
    kHandling,
    kHolding,
    kWriting,
    kStreaming,
    kLingering,
    kClosed
  };

  std::shared_ptr<Connection> self() { return this->shared_from_this(); }
  const ServerLimits& limits() const { return shared_.options.limits; }
  Socket::lowest_layer_type& socket() { return stream_.lowest_layer(); }
  void wait_at_most(std::chrono::milliseconds time) {
    deadline = std::chrono::steady_clock::now() + time;
  }

  void begin() {
    if (state_ == State::kClosed) return;
    if constexpr (kIsTls<Stream>) peer_ += shown_name(stream_.native_handle());
    if (welcome_ == Welcome::kTurnAway) return refuse(503, "too many connections");
    next();
  }

  /// Waits for a request, or takes the one that came behind the last.
  void next() {
    state_ = State::kIdle;
    if (begin_ != end_) return parse();
    wait_at_most(loop_.draining() ? kLastCall : limits().idle_time);
    read();
  }

  void read() {
    make_room();
    stream_.async_read_some(
        asio::buffer(buffer_.data() + end_, buffer_.size() - end_),
        [me = self()](const error_code& ec, std::size_t n) { me->on_read(ec, n); });
  }

  void make_room() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (buffer_.empty()) buffer_.resize(kFirstBuffer);
    if (end_ < buffer_.size()) return;
    if (begin_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    } else {
      buffer_.resize(buffer_.size() * 2);  // the parser refuses before this is absurd
    }
  }

  void on_read(const error_code& ec, std::size_t n) {
    if (state_ != State::kIdle && state_ != State::kReading) return;
    if (ec) return cut();
    end_ += n;
    parse();
  }

  void parse() {
    using Step = RequestParser::Step;
    const bool first = state_ == State::kIdle;
    const bool had_head = parser_.has_head();
    state_ = State::kReading;
    std::string_view bytes(buffer_.data() + begin_, end_ - begin_);
    const Step step = parser_.feed(bytes);
    begin_ = end_ - bytes.size();
    switch (step) {
      case Step::kRequest: return handle();
      case Step::kRefused: return refuse(parser_.refusal().status, parser_.refusal().why);
      case Step::kContinue:
      case Step::kMore: break;
    }
    if (parser_.has_head()) {
      if (!had_head) wait_at_most(limits().body_time);
    } else if (first) {
      wait_at_most(limits().header_time);
    }
    if (step == Step::kContinue) return go_on();
    read();
  }

  /// The peer holds its body back until it hears this (RFC 9110 section 10.1.1).
  void go_on() {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(kContinue),
                      [me = self()](const error_code& ec, std::size_t) {
                        if (me->state_ != State::kReading) return;
                        if (ec) return me->cut();
                        me->read();
                      });
  }

  void handle() {
    state_ = State::kHandling;
    deadline = SteadyTime::max();
    keep_alive_ = parser_.keep_alive();
    http_10_ = parser_.is_http_10();
    http::Request request = parser_.take();
    head_only_ = request.method == "HEAD";
    request.peer = peer_;
    if (shared_.options.feed_of)
      if (const auto feed = shared_.options.feed_of(request)) return listen_to(*feed);
    handling_ = self();
    try {
      shared_.handler(std::move(request), Reply(std::make_shared<Pending>(loop_.home, handling_)));
    } catch (...) {
      // A defect; the peer is told when the Reply goes.
    }
  }

  void listen_to(Feed& feed) {
    if (!feed.subscribe(loop_.home, std::weak_ptr<ConnectionBase>(self())))
      return refuse(503, "too many listeners");
    state_ = State::kStreaming;
    std::string head;
    write_head(head, feed.head_, {.head_only = head_only_, .close = true, .endless = true},
               loop_.date());
    push(std::make_shared<const std::string>(head + feed.head_.body));
    hear_end();
  }

  void send_next() {
    wait_at_most(limits().write_time);
    asio::async_write(stream_, asio::buffer(*queue_.front()),
                      [me = self()](const error_code& ec, std::size_t) { me->on_pushed(ec); });
  }

  void on_pushed(const error_code& ec) {
    if (state_ != State::kStreaming) return;
    if (ec) return cut();
    unread_ -= queue_.front()->size();
    queue_.pop_front();
    deadline = SteadyTime::max();
    if (!queue_.empty()) send_next();
  }

  /// A listener says nothing more; what comes is thrown away until he goes.
  void hear_end() {
    begin_ = end_ = 0;
    make_room();
    stream_.async_read_some(asio::buffer(buffer_),
                            [me = self()](const error_code& ec, std::size_t n) {
                              if (me->state_ != State::kStreaming) return;
                              me->discarded_ += n;
                              if (ec || me->discarded_ > kLingerBytes) return me->cut();
                              me->hear_end();
                            });
  }

  void refuse(int status, std::string_view why) {
    keep_alive_ = false;
    refused_ = true;
    const http::Request* head = status == 413 ? parser_.head() : nullptr;
    write(shared_.refused({status, why, peer_, head}), true);
  }

  /// Keeps the answer for a while, and the connection with it.
  void hold(http::Response response, Delivery how) {
    if (loop_.draining()) return cut();
    state_ = State::kHolding;
    held_ = std::move(response);
    held_how_ = how;
    wait_at_most(std::min(how.delay, kMostDelay));
  }

  void deliver(http::Response response, Delivery how) {
    if (how.way == Delivery::Way::kNothing) return hang_up();
    if (how.way == Delivery::Way::kReset) return reset();
    const auto* own = response.headers.find("Connection");
    const bool close = own != nullptr && equals_ignoring_case(*own, "close");
    write(std::move(response), !keep_alive_ || close || loop_.draining(), how);
  }

  void reset() {
    error_code ignored;
    socket().set_option(asio::socket_base::linger(true, 0), ignored);
    cut();
  }

  void write(http::Response response, bool close, Delivery how = {}) {
    state_ = State::kWriting;
    const bool is_cut = how.way == Delivery::Way::kCut;
    padding_ = head_only_ || is_cut ? Padding() : Padding(how, response.body.size());
    wait_at_most(padding_.empty() ? limits().write_time : kPaddingTime);
    close_ = close || is_cut;
    forget(out_);
    const Framing framing{head_only_, close,           http_10_,
                          false,      padding_.size(), padding_.is_chunked()};
    write_head(out_, response, framing, loop_.date());
    forget(body_);
    if (is_cut) response.body.resize(response.body.size() / 2);
    if (!head_only_) {
      if (padding_.is_chunked()) out_ += chunk_head(response.body.size());
      if (response.body.size() <= kMergedBody) out_ += response.body;
      else body_ = std::move(response.body);
    }
    forget(response.body);
    auto done = [me = self()](const error_code& ec, std::size_t) { me->on_written(ec); };
    if (body_.empty()) return asio::async_write(stream_, asio::buffer(out_), std::move(done));
    const std::array<asio::const_buffer, 2> parts{asio::buffer(out_), asio::buffer(body_)};
    asio::async_write(stream_, parts, std::move(done));
  }

  void on_written(const error_code& ec) {
    if (state_ != State::kWriting) return;
    forget(out_);
    forget(body_);
    if (ec) return cut();
    if (!padding_.empty()) return pad();
    if (!close_) return next();
    hang_up();
  }

  void pad() {
    asio::async_write(stream_, asio::buffer(padding_.next()),
                      [me = self()](const error_code& ec, std::size_t) { me->on_written(ec); });
  }

  void hang_up() {
    state_ = State::kLingering;
    wait_at_most(kLinger);
    if constexpr (kIsTls<Stream>) {
      stream_.async_shutdown([me = self()](const error_code&) { me->cut(); });
    } else {
      if (!refused_) return cut();
      error_code ignored;
      socket().shutdown(asio::socket_base::shutdown_send, ignored);
      discard();
    }
  }

  void discard() {
    begin_ = end_ = 0;
    make_room();
    stream_.async_read_some(asio::buffer(buffer_),
                            [me = self()](const error_code& ec, std::size_t n) {
                              if (me->state_ != State::kLingering) return;
                              me->discarded_ += n;
                              if (ec || me->discarded_ > kLingerBytes) return me->cut();
                              me->discard();
                            });
  }

  ServerShared& shared_;
  Loop& loop_;
  Stream stream_;
  const Welcome welcome_;
  std::shared_ptr<Connection> handling_;  // itself, while nothing else holds it
  RequestParser parser_;
  State state_ = State::kHandshake;
  std::string peer_;
  // Unread bytes are [begin_, end_); wiped, because passwords and tokens come this way.
  std::vector<char, WipingAllocator<char>> buffer_;
  std::size_t begin_ = 0, end_ = 0, discarded_ = 0;
  bool keep_alive_ = false, http_10_ = false, head_only_ = false;
  bool close_ = false, refused_ = false;
  std::string out_, body_;                                // what is being written
  std::deque<std::shared_ptr<const std::string>> queue_;  // of a stream
  std::size_t unread_ = 0;
  Padding padding_;      // what is to be written behind it
  http::Response held_;  // back, to be delivered
  Delivery held_how_;
};

std::shared_ptr<ConnectionBase> make_connection(ServerShared& shared, Loop& loop, Socket socket,
                                                asio::ssl::context* tls, Welcome welcome) {
  using Tls = asio::ssl::stream<Socket>;
  if (tls != nullptr)
    return std::make_shared<Connection<Tls>>(shared, loop, Tls(std::move(socket), *tls), welcome);
  return std::make_shared<Connection<Socket>>(shared, loop, std::move(socket), welcome);
}

}  // namespace latchkey::net
