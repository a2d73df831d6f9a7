#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "http/message.h"
#include "net/delivery.h"
#include "net/limits.h"

namespace latchkey::net {

/// Where a Reply leads.
class Replier {
 public:
  virtual ~Replier() = default;
  virtual void answer(http::Response response, Delivery how) = 0;
  virtual void post(std::move_only_function<void()> work) = 0;
};

/// Answers a request: once, from any thread; a second call does nothing. If every
/// copy is dropped unused, the peer gets a 500. After the server is gone it does
/// nothing.
class Reply {
 public:
  Reply(std::nullptr_t = nullptr) {}
  explicit Reply(std::shared_ptr<Replier> to) : to_(std::move(to)) {}
  /// Of somebody who does not care how it leaves, and works where it is called.
  template <class F>
    requires(std::invocable<F&, http::Response> && !std::same_as<std::remove_cvref_t<F>, Reply>)
  Reply(F tell) : to_(std::make_shared<Teller<F>>(std::move(tell))) {}

  void operator()(http::Response response, Delivery how = {}) const {
    to_->answer(std::move(response), how);
  }
  /// Runs `work` soon on the network thread that the request came on, or drops it unrun
  /// when that is gone. From any thread.
  void post(std::move_only_function<void()> work) const { to_->post(std::move(work)); }

 private:
  template <class F>
  struct Teller final : Replier {
    explicit Teller(F f) : tell(std::move(f)) {}
    void answer(http::Response response, Delivery) override { tell(std::move(response)); }
    void post(std::move_only_function<void()> work) override { work(); }
    F tell;
  };

  std::shared_ptr<Replier> to_;
};

/// What a server does with a request. Called on a network thread, so it must not
/// wait: slow work moves the Reply to a thread of its own.
using Handler = std::function<void(http::Request, Reply)>;

/// A peer was turned away before there was a request, or a handler failed (500).
struct Refused {
  int status = 400;
  std::string_view why = {};  ///< "header too large"; safe to show
  std::string_view peer = {};
  /// Method, target and headers, where they were read; else null. Only a body that
  /// is too large (413) comes with it.
  const http::Request* head = nullptr;
};

class Feed;

struct ServerOptions {
  std::string address = "127.0.0.1";  ///< numeric, IPv4 or IPv6
  std::uint16_t port = 0;             ///< 0: any free one
  /// A Unix socket that listens already (unix_listener.h), instead of address and
  /// port. It is taken over. Request::peer is "unix" then.
  int listener = -1;
  /// Of a Unix socket: who else connects is refused at once.
  std::optional<unsigned> only_user = {};
  /// Of a Unix socket: root may come too, and Request::peer is "uid 0".
  bool admit_root = false;
  /// At the limit of connections, the oldest one that only waits for its peer is
  /// closed for the new one: for a server whose peers are one user's programs.
  bool give_way = false;
  std::string certificate_file = {};  ///< PEM chain; empty: plain HTTP
  std::string key_file = {};          ///< PEM
  /// PEM: only who shows a certificate of these authorities is served, and
  /// Request::peer is the address and "cn=" with the certificate's common name.
  std::string client_ca_file = {};
  int threads = 1;
  ServerLimits limits = {};
  /// Shapes and logs such an answer, its status too; called on a network thread.
  /// Unset: a short text. Whatever it says, the connection is closed after it.
  std::function<http::Response(const Refused&)> on_refused = {};
  /// Asked before the handler; a request for which it gives a feed hears that until
  /// one of the two ends it. Called on a network thread.
  std::function<std::shared_ptr<Feed>(const http::Request&)> feed_of = {};
  /// Called about every second on the first network thread, from the start of run().
  std::function<void()> on_tick = {};
};

/// An HTTP/1.1 server on Asio, plain or TLS (1.2 or later). Request::peer is the
/// peer's address without its port. A HEAD is the handler's like a GET; its
/// answer's body stays here. One connection's requests are served in turn.
class HttpServer {
 public:
  /// Binds and listens; serves nothing until run(). kUsage for a bad address,
  /// certificate or key, kUnavailable when the port cannot be had.
  static Result<std::unique_ptr<HttpServer>> make(ServerOptions options, Handler handler);
  /// run() must have returned.
  ~HttpServer();

  std::uint16_t port() const;
  bool is_tls() const;
  /// Connections that are open now.
  int connections() const;

  /// Serves on this thread and on options.threads - 1 more, until drained.
  void run();
  /// Runs `work` on the first network thread; never, if the server goes before. From
  /// any thread.
  void post(std::function<void()> work);
  /// Stops accepting, answers once more who asks within half a second, lets requests in flight
  /// finish and cuts what is left after `patience`. Returns at once; then run() returns.
  /// From any thread, but not from a signal handler; again is harmless.
  void drain(std::chrono::milliseconds patience);

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace latchkey::net
