#pragma once

#include <string>
#include <thread>

#include "net/http_server.h"

namespace latchkey::net::testing {

/// A server on a free loopback port for the length of a test.
class RunningServer {
 public:
  explicit RunningServer(Handler handler, ServerOptions options = {});
  ~RunningServer();
  HttpServer& operator*() { return *server_; }
  HttpServer* operator->() { return server_.get(); }
  std::uint16_t port() const { return server_->port(); }
  std::string url(std::string_view path = "") const;
  void join() { thread_.join(); }

 private:
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

/// A TCP connection on which a test says exactly what it wants.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  void send(std::string_view bytes);
  /// No more bytes will come from us.
  void finish();
  /// Reads until `text` has been seen, the peer closes, or five seconds passed.
  std::string read_until(std::string_view text);
  /// All that comes until the peer closes; ends with "<timeout>" if it does not.
  std::string read_all();

 private:
  std::string read_while(std::string_view unless);
  int fd_ = -1;
};

/// A self-signed certificate for 127.0.0.1 and localhost, in two files that
/// vanish with it.
class TestCertificate {
 public:
  TestCertificate();
  ~TestCertificate();
  std::string certificate_file, key_file;

 private:
  std::string folder_;
};

}  // namespace latchkey::net::testing
