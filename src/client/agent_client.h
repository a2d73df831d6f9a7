#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/json.h"

namespace latchkey::client {

// How a program asks the agent. Plain system calls and nothing else, so that
// `latchkey token` can ask before it does anything that costs time. Nothing here
// throws or logs; who gets no answer does without the agent.

inline constexpr std::size_t kMostAnswerBytes = 1 << 20;

/// Where the agent listens: $LATCHKEY_AGENT_SOCKET (set to nothing: there is none),
/// else $XDG_RUNTIME_DIR/latchkey/agent.sock, else run/agent.sock in the state
/// directory. "" when there is none. Reads this process's environment.
std::string agent_socket();

/// What this process's environment makes of a profile's name: which configuration,
/// which state directory, which clock. An agent that sees it otherwise must not
/// answer. "" when it cannot be written in a header.
std::string view_of(const std::string& config);

struct AgentRequest {
  std::string method = "GET";
  std::string target;  ///< "/v1/token/desk?need=60s", encoded
  std::string view = {};
  std::string_view body = {};
  /// An agent that is alive is waited for so long; one that is silent is given up
  /// after kSilence.
  std::chrono::milliseconds patience{120'000};
};
inline constexpr std::chrono::milliseconds kSilence{1000};

struct AgentReply {
  int status = 0;
  std::string body = {};
  ~AgentReply();  ///< wipes it: it may hold a token
  AgentReply() = default;
  AgentReply(AgentReply&&) = default;
  AgentReply& operator=(AgentReply&&) = default;
};

/// nullopt: nobody listens there, the listener is another user's, it does not answer
/// in time, or what it says is not HTTP.
std::optional<AgentReply> ask_agent(const std::string& socket, const AgentRequest& request);

/// All that was said up to its end: a head, and as many bytes as it says; else nullopt.
std::optional<AgentReply> read_reply(std::string_view text);

/// Whether somebody listens there.
bool agent_is_there(const std::string& socket);

}  // namespace latchkey::client
