#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "net/http_client.h"

namespace latchkey::net {

/// Where a request's body comes from and an answer goes to while both are on their way.
/// Called on the thread that sends, which waits for each.
struct Streams {
  /// Of the body; nullopt: it is sent in chunks. 0: there is none.
  std::optional<std::uint64_t> length = 0;
  /// Up to `most` more bytes of it, 0 at its end; nullopt ends the call.
  std::function<std::optional<std::size_t>(char* into, std::size_t most)> read = {};
  /// The answer's status and headers, once; false ends the call.
  std::function<bool(const http::Response& head)> on_head = {};
  std::function<bool(std::string_view bytes)> on_body = {};
  /// Asked about once a second while nothing happens; false ends the call.
  std::function<bool()> go_on = {};
};

/// Sends requests to one provider as HttpClient does, with the same trust, but holds no
/// body whole and sets the answer's body no end: options.total_time is for its head, from
/// the request's last byte on. Thread-safe.
class StreamClient {
 public:
  static Result<std::unique_ptr<StreamClient>> make(ClientOptions options);

  /// Errors as of http::Client; kNoAnswer too when one of `streams` ended it. on_head was
  /// called or not before: the caller knows.
  Result<> send(const http::Request& request, Streams& streams);

 private:
  StreamClient(ClientOptions options, BaseUrl base);

  const ClientOptions options_;
  const BaseUrl base_;
  CurlHandles handles_;
};

}  // namespace latchkey::net
