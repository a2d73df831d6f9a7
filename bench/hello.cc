// The yardstick: the least that an HTTP server on Boost.Beast can do. One thread,
// keep-alive, the same small JSON answer to everything. Prints its port.

#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <cstdio>
#include <memory>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(tcp::socket socket) : stream_(std::move(socket)) {}

  void read() {
    request_ = {};
    http::async_read(stream_, buffer_, request_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       if (!error) self->write();
                     });
  }

 private:
  void write() {
    answer_ = {http::status::ok, request_.version()};
    answer_.set(http::field::content_type, "application/json");
    answer_.keep_alive(request_.keep_alive());
    answer_.body() = R"({"hello":"world"})";
    answer_.prepare_payload();
    http::async_write(stream_, answer_,
                      [self = shared_from_this()](beast::error_code error, std::size_t) {
                        if (!error && self->answer_.keep_alive()) self->read();
                      });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> answer_;
};

void accept(tcp::acceptor& acceptor) {
  acceptor.async_accept([&](beast::error_code error, tcp::socket socket) {
    if (!error) {
      socket.set_option(tcp::no_delay(true));
      std::make_shared<Session>(std::move(socket))->read();
    }
    accept(acceptor);
  });
}

}  // namespace

int main() {
  asio::io_context context(1);
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  std::printf("%d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  asio::signal_set signals(context, SIGTERM, SIGINT);
  signals.async_wait([&](beast::error_code, int) { context.stop(); });
  accept(acceptor);
  context.run();
}
