#include "net/loopback_server.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "net/http_server.h"

namespace latchkey::net {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPage =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Latchkey</title>"
    "<p>You may close this window.</p></html>";

http::Response page(int status, std::string body) {
  http::Response response{.status = status, .body = std::move(body)};
  response.headers.add("Content-Type", "text/html; charset=utf-8")
      .add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'")
      .add("X-Content-Type-Options", "nosniff")
      .add("X-Frame-Options", "DENY")
      .add("Referrer-Policy", "no-referrer")  // the code is in this page's address
      .add("Cache-Control", "no-store")
      .add("Connection", "close");
  return response;
}

/// A page of the web can send the browser here under a name of its own.
bool is_this_machine(const http::Headers& headers) {
  const std::string* host = headers.find("Host");
  if (host == nullptr) return false;
  const std::string name = host->substr(0, host->rfind(':'));
  return name == "127.0.0.1" || name == "localhost";
}

}  // namespace

struct LoopbackServer::Impl {
  explicit Impl(Options o) : options(std::move(o)) {
    if (options.page.empty()) options.page = kPage;
  }

  http::Response handle(http::Request& request) {
    if (!is_this_machine(request.headers)) return page(403, "");
    if (request.target.path != options.path) return page(404, "");
    if (request.method != "GET") return page(405, "");
    std::scoped_lock lock(mutex);
    if (!came) target = std::move(request.target);
    came = true;
    arrived.notify_all();
    return page(200, options.page);
  }

  Options options;
  std::mutex mutex;
  std::condition_variable arrived;
  bool came = false;
  std::optional<http::Target> target;
  std::unique_ptr<HttpServer> server;
  std::jthread thread;
};

LoopbackServer::LoopbackServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

LoopbackServer::~LoopbackServer() {
  impl_->server->drain(1s);  // the page is still on its way to the browser
  impl_->thread.join();
}

Result<std::unique_ptr<LoopbackServer>> LoopbackServer::make(Options options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  ServerOptions listening{.port = impl->options.port};
  listening.limits.connections = 16;
  listening.limits.body_bytes = 0;
  auto server = TRY(HttpServer::make(
      listening, [me = impl.get()](http::Request r, Reply reply) { reply(me->handle(r)); }));
  impl->server = std::move(server);
  impl->thread = std::jthread([me = impl.get()] { me->server->run(); });
  return std::unique_ptr<LoopbackServer>(new LoopbackServer(std::move(impl)));
}

std::uint16_t LoopbackServer::port() const { return impl_->server->port(); }

std::optional<http::Target> LoopbackServer::wait_until(
    std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(impl_->mutex);
  impl_->arrived.wait_until(lock, deadline, [&] { return impl_->target.has_value(); });
  return std::exchange(impl_->target, std::nullopt);
}

}  // namespace latchkey::net
