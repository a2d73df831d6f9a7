#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "http/message.h"
#include "net/limits.h"

namespace latchkey::net {

/// One request whose body is still on its way, and its answer. Used by one thread, and
/// only while the handler runs. Every call may wait for the peer, so that neither body
/// is ever held whole.
class RelayExchange {
 public:
  virtual ~RelayExchange() = default;
  /// The request without its body. Its headers are the peer's, framing included; `host` is
  /// what it named, from an absolute target or the Host field.
  virtual const http::Request& head() const = 0;
  virtual const std::string& host() const = 0;
  /// Of the body; nullopt: nobody has said. 0: there is none.
  virtual std::optional<std::uint64_t> length() const = 0;
  /// Appends up to `most` more bytes of the body to `out`; nothing at its end.
  /// kMalformed, kUnavailable when the peer is gone or too slow.
  virtual Result<> read(std::string& out, std::size_t most) = 0;

  /// Status and headers, once. Framing, Date and Connection are written here, a
  /// response's own are left out. `length` of the body that follows; nullopt: unknown.
  /// False: the peer is gone.
  virtual bool answer(const http::Response& head, std::optional<std::uint64_t> length) = 0;
  virtual bool write(std::string_view bytes) = 0;
  /// The answer cannot be brought to its end: the peer shall see that it was cut.
  virtual void abandon() = 0;
  /// True once answer() was called.
  virtual bool answered() const = 0;
  /// Whether the peer has hung up. Asked while nothing is being sent.
  virtual bool is_gone() const = 0;
};

/// What to do with it. When it returns without an answer, the peer gets a 500; without
/// the whole of the body that it announced, the connection is cut.
using RelayHandler = std::function<void(RelayExchange&)>;

struct RelayOptions {
  std::string address = "127.0.0.1";  ///< numeric, of this machine
  std::uint16_t port = 0;             ///< 0: any free one
  int listener = -1;                  ///< a listening Unix socket instead; taken over
  ServerLimits limits = {.header_bytes = 64 * 1024, .connections = 128};
};

/// An HTTP/1.1 server for answers that take long: one thread a connection, at most
/// limits.connections of them. A connection's requests are served in turn.
class RelayServer {
 public:
  /// kUsage for an address that is not of this machine, kUnavailable when it cannot be had.
  static Result<std::unique_ptr<RelayServer>> make(RelayOptions options, RelayHandler handler);
  ~RelayServer();

  std::uint16_t port() const;
  /// Serves until drained.
  void run();
  /// Stops accepting, closes idle connections, cuts what is left after `patience`.
  /// Returns at once; then run() returns. From any thread; again is harmless.
  void drain(std::chrono::milliseconds patience);

 private:
  struct Impl;
  explicit RelayServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace latchkey::net
