#pragma once

#include "http/client.h"
#include "server/commands/command.h"

namespace latchkey::server {

/// Which running sandbox a verb talks to.
struct Remote {
  std::string url;
};

/// A running sandbox, from outside: the verbs below /_sandbox/. Its refusals come
/// back as errors; kBadResponse when it is none.
class RemoteSandbox {
 public:
  /// The one at `remote.url`, on `port`, or the only one that runs.
  static Result<RemoteSandbox> make(const Edges& edges, const Remote& remote, std::uint16_t port);

  Result<json::Value> get(const std::string& verb, http::Pairs query = {});
  Result<json::Value> post(const std::string& verb, const json::Object& body);

 private:
  explicit RemoteSandbox(std::unique_ptr<http::Client> client) : client_(std::move(client)) {}
  Result<json::Value> send(const http::Request& request);

  std::unique_ptr<http::Client> client_;
};

/// "key value", a line each; or with --json the object itself.
Result<> print_object(const json::Value& value, const Chosen& chosen);
/// A table of those members of each object; or with --json the array itself.
Result<> print_array(const json::Value& value, const Chosen& chosen,
                     const std::vector<std::string>& columns);

}  // namespace latchkey::server
