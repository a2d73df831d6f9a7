#pragma once

#include "agent/service.h"
#include "net/http_server.h"

namespace latchkey::agent {

/// The agent's API over HTTP (openapi.h describes it). On the network thread.
class Routes {
 public:
  struct About {
    std::string version;
    std::string socket;
    std::string view;  ///< client/agent_client.h; who sees it otherwise is refused
    Instant started = {};
    std::function<int(Why)> exit_code;
    std::function<std::size_t()> listeners;
    std::function<void()> stop;
  };
  Routes(Service& service, About about) : service_(service), about_(std::move(about)) {}

  void handle(http::Request request, net::Reply reply);
  /// Whether the request is for the stream of events, and may have it.
  static bool wants_events(const http::Request& request);

 private:
  void ask(const http::Request& request, const std::string& name, bool headers, net::Reply reply);
  void unlock(http::Request& request, net::Reply reply);
  http::Response status();
  http::Response refusal(const Error& error) const;

  Service& service_;
  const About about_;
};

/// How the API refuses: {"error": …, "message": …, "exit_code": …}.
http::Response problem(int status, std::string_view error, const std::string& message,
                       int exit_code);

}  // namespace latchkey::agent
