#include "net/http_server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <thread>
#include <vector>

#include "base/log.h"
#include "net/http_connection.h"
#include "net/tls.h"

namespace latchkey::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// So many more than ServerLimits::connections may be hearing their 503.
constexpr int kTurnedAway = 64;
/// Out of descriptors: look again after this.
constexpr std::chrono::milliseconds kAcceptPause{100};

constexpr std::chrono::seconds kTickPause{1};
constexpr std::string_view kForeign =
    "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

using Protocol = asio::generic::stream_protocol;
using Acceptor = asio::basic_socket_acceptor<Protocol, asio::io_context::executor_type>;
using Guard = asio::executor_work_guard<asio::io_context::executor_type>;

std::string place(const ServerOptions& options) {
  const bool v6 = options.address.find(':') != std::string::npos;
  return (v6 ? "[" + options.address + "]" : options.address) + ":" + std::to_string(options.port);
}

/// Whether a Unix socket's peer is that user. Another one is told, if he listens, and
/// takes nobody's place meanwhile.
bool belongs_to(Socket& socket, unsigned user, bool admit_root) {
  ucred peer{};
  socklen_t size = sizeof peer;
  const int fd = socket.native_handle();
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
      (peer.uid == user || (admit_root && peer.uid == 0)))
    return true;
  // A fresh connection has room for a line; if not, he hears nothing.
  (void)!::send(fd, kForeign.data(), kForeign.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  log::write(log::Level::kWarn, "foreign_peer", {{"uid", static_cast<long long>(peer.uid)}});
  return false;
}

/// A loop goes on after an exception that a handler let out: a defect, but not
/// one that may end everybody's connections.
void run_loop(Loop& loop) {
  for (;;) {
    try {
      loop.io.run();
      return;
    } catch (const std::exception& e) {
      log::write(log::Level::kError, "network_exception", {{"what", std::string_view(e.what())}});
    }
  }
}

}  // namespace

struct HttpServer::Impl {
  Impl(ServerOptions options, Handler handler) {
    shared.options = std::move(options);
    shared.handler = std::move(handler);
    const int threads = std::max(shared.options.threads, 1);
    for (int i = 0; i < threads; ++i) {
      loops.push_back(std::make_unique<Loop>());
      guards.emplace_back(loops.back()->io.get_executor());
    }
    acceptor.emplace(loops.front()->io);
    pause.emplace(loops.front()->io);
    ticker.emplace(loops.front()->io);
  }

  Result<> listen() {
    error_code ec;
    if (shared.options.listener >= 0) {
      acceptor->assign(Protocol(AF_UNIX, 0), shared.options.listener, ec);
      if (ec) return fail(Why::kUnavailable, "cannot listen: " + ec.message());
      return {};
    }
    const auto address = asio::ip::make_address(shared.options.address, ec);
    if (ec) return fail(Why::kUsage, "not a numeric address: " + shared.options.address);
    const tcp::endpoint endpoint(address, shared.options.port);
    acceptor->open(endpoint.protocol(), ec);
    if (!ec) acceptor->set_option(asio::socket_base::reuse_address(true), ec);
    if (!ec) acceptor->bind(endpoint, ec);
    if (!ec) acceptor->listen(asio::socket_base::max_listen_connections, ec);
    if (ec)
      return fail(Why::kUnavailable,
                  "cannot listen on " + place(shared.options) + ": " + ec.message());
    tcp::endpoint bound;
    const auto local = acceptor->local_endpoint(ec);
    std::memcpy(bound.data(), local.data(), std::min(local.size(), bound.capacity()));
    bound_port = bound.port();
    return {};
  }

  void accept() {
    Loop& loop = *loops[turn++ % loops.size()];
    acceptor->async_accept(loop.io, [this, &loop](const error_code& ec, Socket socket) {
      if (!acceptor->is_open()) return;
      if (!ec) welcome(loop, std::move(socket));
      if (!ec || ec == asio::error::connection_aborted) return accept();
      pause->expires_after(kAcceptPause);
      pause->async_wait([this](const error_code&) {
        if (acceptor->is_open()) accept();
      });
    });
  }

  /// Who has connected is served, though nobody took the connection yet.
  void take_who_waits() {
    error_code ec;
    acceptor->non_blocking(true, ec);
    for (int i = 0; !ec && i < asio::socket_base::max_listen_connections; ++i) {
      Loop& loop = *loops[turn++ % loops.size()];
      Socket socket = acceptor->accept(loop.io, ec);
      if (!ec) welcome(loop, std::move(socket));
    }
  }

  void welcome(Loop& loop, Socket socket) {
    const ServerOptions& options = shared.options;
    if (options.only_user && !belongs_to(socket, *options.only_user, options.admit_root)) return;
    const int most = shared.options.limits.connections;
    const int open = ++shared.open;
    if (open > most && shared.options.give_way) asio::post(loop.io, [&loop] { loop.make_room(); });
    if (open > most + kTurnedAway) {
      --shared.open;
      return;
    }
    error_code ignored;
    if (shared.options.listener < 0) socket.set_option(tcp::no_delay(true), ignored);
    auto connection = make_connection(
        shared, loop, std::move(socket), tls.get(),
        open > most && !shared.options.give_way ? Welcome::kTurnAway : Welcome::kServe);
    asio::post(loop.io, [connection = std::move(connection)] { connection->start(); });
  }

  void tick() {
    ticker->expires_after(kTickPause);
    ticker->async_wait([this](const error_code& ec) {
      if (ec || !acceptor->is_open()) return;
      shared.options.on_tick();
      tick();
    });
  }

  void run() {
    asio::post(loops.front()->io, [this] {
      if (!acceptor->is_open()) return;
      accept();
      if (shared.options.on_tick) tick();
    });
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < loops.size(); ++i)
      threads.emplace_back([loop = loops[i].get()] { run_loop(*loop); });
    run_loop(*loops.front());
  }

  void drain(std::chrono::milliseconds patience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    asio::post(loops.front()->io, [this, end] {
      error_code ignored;
      take_who_waits();
      acceptor->close(ignored);
      pause->cancel();
      ticker->cancel();
      // Only now, so that no accepted connection comes after its loop's drain.
      for (std::size_t i = 0; i < loops.size(); ++i)
        asio::post(loops[i]->io, [this, i, end] {
          loops[i]->drain(end);
          guards[i].reset();
        });
    });
  }

  ServerShared shared;
  std::unique_ptr<asio::ssl::context> tls;
  std::vector<std::unique_ptr<Loop>> loops;
  std::vector<Guard> guards;
  std::optional<Acceptor> acceptor;
  std::optional<asio::steady_timer> pause, ticker;
  std::size_t turn = 0;
  std::uint16_t bound_port = 0;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::make(ServerOptions options, Handler handler) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
  const ServerOptions& o = impl->shared.options;
  if (!o.certificate_file.empty() || !o.key_file.empty()) {
    auto tls = TRY(server_tls(o.certificate_file, o.key_file, o.client_ca_file));
    impl->tls = std::move(tls);
  }
  TRY(impl->listen());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

std::uint16_t HttpServer::port() const { return impl_->bound_port; }
bool HttpServer::is_tls() const { return impl_->tls != nullptr; }
int HttpServer::connections() const { return impl_->shared.open; }
void HttpServer::run() { impl_->run(); }
void HttpServer::post(std::function<void()> work) {
  impl_->loops.front()->home->post(std::move(work));
}
void HttpServer::drain(std::chrono::milliseconds patience) { impl_->drain(patience); }

}  // namespace latchkey::net
