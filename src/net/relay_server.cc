#include "net/relay_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <system_error>
#include <thread>

#include "net/relay_connection.h"

namespace latchkey::net {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kBacklog = 128;
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: "
    "close\r\n\r\n";

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

Result<Address> address_of(const RelayOptions& options) {
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.bytes);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.bytes);
  if (inet_pton(AF_INET, options.address.c_str(), &v4->sin_addr) == 1) {
    if ((ntohl(v4->sin_addr.s_addr) >> 24) != 127)
      return fail(Why::kUsage, options.address + " is not of this machine");
    v4->sin_family = AF_INET;
    v4->sin_port = htons(options.port);
    address.size = sizeof *v4;
    return address;
  }
  if (inet_pton(AF_INET6, options.address.c_str(), &v6->sin6_addr) != 1)
    return fail(Why::kUsage, "not a numeric address: " + options.address);
  if (!IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr))
    return fail(Why::kUsage, options.address + " is not of this machine");
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(options.port);
  address.size = sizeof *v6;
  return address;
}

Result<int> listen_on(const RelayOptions& options) {
  const auto address = TRY(address_of(options));
  const auto* where = reinterpret_cast<const sockaddr*>(&address.bytes);
  const int fd = ::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  const bool good = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                    ::bind(fd, where, address.size) == 0 && ::listen(fd, kBacklog) == 0;
  if (good) return fd;
  const std::string why = std::strerror(errno);
  if (fd >= 0) ::close(fd);
  return fail(Why::kUnavailable, "cannot listen on " + options.address + ":" +
                                     std::to_string(options.port) + ": " + why);
}

}  // namespace

struct RelayServer::Impl {
  RelayShared shared;
  int listener = -1;
  std::atomic<Steady::rep> cut_at{0};
  std::condition_variable ended;
  std::size_t running = 0;  // connections' threads; under shared.mutex

  ~Impl() {
    if (listener >= 0) ::close(listener);
    if (shared.stop >= 0) ::close(shared.stop);
  }

  void welcome(int socket) {
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // fails on a Unix socket
    const std::scoped_lock lock(shared.mutex);
    if (running >= static_cast<std::size_t>(shared.limits.connections)) {
      [[maybe_unused]] const auto sent =
          ::send(socket, kFull.data(), kFull.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      ::close(socket);
      return;
    }
    try {
      std::thread([this, socket] { serve(socket); }).detach();
      shared.open.insert(socket);
      ++running;
    } catch (const std::system_error&) {
      ::close(socket);  // no thread is to be had
    }
  }

  void serve(int socket) {
    serve_relay_connection(shared, socket);
    const std::scoped_lock guard(shared.mutex);
    --running;
    ended.notify_all();
  }

  void accept_all() {
    while (!shared.draining) {
      pollfd ready[2] = {{listener, POLLIN, 0}, {shared.stop, POLLIN, 0}};
      if (poll(ready, 2, -1) < 0 || ready[0].revents == 0) continue;
      const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket >= 0) welcome(socket);
      // Out of descriptors: not at full speed.
      else if (errno == EMFILE || errno == ENFILE)
        poll(ready + 1, 1, static_cast<int>(kAcceptPause.count()));
    }
  }

  void wait_for_the_last() {
    std::unique_lock lock(shared.mutex);
    const Steady::time_point end{Steady::duration(cut_at.load())};
    if (ended.wait_until(lock, end, [&] { return running == 0; })) return;
    for (const int socket : shared.open) ::shutdown(socket, SHUT_RDWR);
    ended.wait(lock, [&] { return running == 0; });
  }
};

RelayServer::RelayServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RelayServer::~RelayServer() = default;

Result<std::unique_ptr<RelayServer>> RelayServer::make(RelayOptions options, RelayHandler handler) {
  auto impl = std::make_unique<Impl>();
  impl->shared.handler = std::move(handler);
  impl->shared.limits = options.limits;
  impl->listener = options.listener;
  if (impl->listener < 0) impl->listener = TRY(listen_on(options));
  fcntl(impl->listener, F_SETFL, O_NONBLOCK);
  impl->shared.stop = ::eventfd(0, EFD_CLOEXEC);
  if (impl->shared.stop < 0) return fail(Why::kUnavailable, "no descriptor is left");
  return std::unique_ptr<RelayServer>(new RelayServer(std::move(impl)));
}

std::uint16_t RelayServer::port() const {
  sockaddr_storage bytes{};
  socklen_t size = sizeof bytes;
  if (getsockname(impl_->listener, reinterpret_cast<sockaddr*>(&bytes), &size) != 0) return 0;
  if (bytes.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in*>(&bytes)->sin_port);
  if (bytes.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6*>(&bytes)->sin6_port);
  return 0;
}

void RelayServer::run() {
  impl_->accept_all();
  impl_->wait_for_the_last();
}

void RelayServer::drain(std::chrono::milliseconds patience) {
  Steady::rep unset = 0;
  impl_->cut_at.compare_exchange_strong(unset,
                                        (Steady::now() + patience).time_since_epoch().count());
  impl_->shared.draining = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(impl_->shared.stop, &one, sizeof one);
}

}  // namespace latchkey::net
