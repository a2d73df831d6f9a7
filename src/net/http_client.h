#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "http/client.h"
#include "net/curl_handles.h"

namespace latchkey::net {

struct ClientOptions {
  std::string base_url =
      {};  ///< "https://api.example.com", with a path prefix if the provider has one
  bool allow_plain_http = false;  ///< else http only to a loopback address
  std::string ca_file = {};       ///< PEM; empty: the system's
  std::string user_agent = "latchkey";
  std::chrono::milliseconds connect_time{10'000};
  std::chrono::milliseconds total_time{30'000};
  std::size_t body_bytes = 1 << 20;  ///< of the answer; beyond: kBadResponse
  std::size_t header_bytes = 64 * 1024;
  std::size_t header_fields = 200;
};

/// Scheme, host, port and path prefix of a checked base URL.
struct BaseUrl {
  bool tls = true;
  std::string host = {};  ///< "[::1]" keeps its brackets
  std::uint16_t port = 0;
  std::string prefix = {};  ///< "" or "/x", without a slash at the end
  friend bool operator==(const BaseUrl&, const BaseUrl&) = default;
};

/// kUsage for anything but http(s)://host[:port][/prefix]: no user, query,
/// fragment, control character or dot segment; http only where `options` and
/// the host allow it.
Result<BaseUrl> parse_base_url(const ClientOptions& options);

/// localhost, 127.0.0.0/8 or [::1].
bool is_loopback(const BaseUrl& url);

/// Sends requests to one provider over libcurl. Certificates and host names are
/// always verified (checklist 71), redirects never followed, cookies never kept;
/// proxies come from the usual environment, except for loopback. A GET or HEAD
/// may go over a connection that an earlier one left open; anything else gets a
/// connection of its own, because libcurl sends a request again when a kept
/// connection dies under it, and a single-use token must be sent once.
/// Thread-safe: concurrent calls do not wait for each other.
class HttpClient final : public http::Client {
 public:
  /// kUsage for a bad base URL. Loads nothing yet.
  static Result<std::unique_ptr<HttpClient>> make(ClientOptions options);

  Result<http::Response> send(const http::Request& request) override;
  Result<http::Response> send_when(const Ready& ready, const http::Request& request) override;

 private:
  HttpClient(ClientOptions options, BaseUrl base);

  const ClientOptions options_;
  const BaseUrl base_;
  CurlHandles handles_;
};

}  // namespace latchkey::net
