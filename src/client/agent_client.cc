#include "client/agent_client.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "base/secret.h"
#include "base/text.h"
#include "broker/deadline.h"

namespace latchkey::client {
namespace {

using broker::Deadline;
using Milliseconds = std::chrono::milliseconds;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// As broker/places.h: an absolute XDG directory, else one below HOME; "" for neither.
std::string place(const char* xdg, const char* usual) {
  const std::string named = variable(xdg);
  if (named.starts_with('/')) return named + "/latchkey";
  const std::string home = variable("HOME");
  return home.starts_with('/') ? home + usual + "/latchkey" : "";
}

class Connection {
 public:
  explicit Connection(const std::string& path) {
    sockaddr_un address{};
    if (path.empty() || path.size() >= sizeof address.sun_path) return;
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, path.size());
    fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd_ < 0) return;
    const bool connected =
        ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    if (!connected || !is_ours()) close();
  }
  ~Connection() { close(); }
  Connection(const Connection&) = delete;

  bool open() const { return fd_ >= 0; }
  bool ready(short what, Milliseconds patience) const {
    pollfd polled{fd_, what, 0};
    const Deadline deadline(patience);
    for (;;) {
      const int n = ::poll(&polled, 1, static_cast<int>(deadline.left().count()));
      if (n >= 0 || errno != EINTR) return n > 0;
    }
  }
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto put = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (put > 0) bytes.remove_prefix(static_cast<std::size_t>(put));
      else if (errno == EAGAIN && !ready(POLLOUT, kSilence)) return false;
      else if (errno != EAGAIN && errno != EINTR) return false;
    }
    return true;
  }
  enum class Got { kBytes, kNothingYet, kEnd };
  Got receive(std::string& into) const {
    char piece[8192];
    const auto got = ::recv(fd_, piece, sizeof piece, 0);
    if (got < 0) return errno == EAGAIN || errno == EINTR ? Got::kNothingYet : Got::kEnd;
    // Room first: growing would leave a copy that nobody wipes.
    if (into.capacity() < into.size() + static_cast<std::size_t>(got)) {
      std::string larger;
      larger.reserve(2 * into.size() + sizeof piece);
      larger = into;
      wipe(into.data(), into.size());
      into.swap(larger);
    }
    into.append(piece, static_cast<std::size_t>(got));
    wipe(piece, static_cast<std::size_t>(got));
    return got > 0 ? Got::kBytes : Got::kEnd;
  }

 private:
  bool is_ours() const {
    ucred peer{};
    socklen_t size = sizeof peer;
    return getsockopt(fd_, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  int fd_ = -1;
};

std::string text_of(const AgentRequest& request) {
  std::string text = request.method + " " + request.target +
                     " HTTP/1.1\r\nHost: latchkey\r\nAccept: application/json\r\n"
                     "Connection: close\r\n";
  if (!request.view.empty()) text += "Latchkey-View: " + request.view + "\r\n";
  if (request.method != "GET")
    text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  text += "\r\n";
  text += request.body;
  return text;
}

/// A busy agent answers this at once; one that is stopped or stuck does not.
bool is_awake(const std::string& socket) {
  const Connection connection(socket);
  return connection.open() &&
         connection.send("GET /livez HTTP/1.1\r\nHost: latchkey\r\nConnection: close\r\n\r\n") &&
         connection.ready(POLLIN, kSilence);
}

}  // namespace

AgentReply::~AgentReply() { wipe(body.data(), body.size()); }

std::optional<AgentReply> read_reply(std::string_view text) {
  const auto head_end = text.find("\r\n\r\n");
  if (!text.starts_with("HTTP/1.1 ") || head_end == text.npos) return std::nullopt;
  const auto status = parse_int(text.substr(9, 3));
  std::optional<std::int64_t> length;
  if (status == 204) length = 0;
  for (const auto& line : split(text.substr(0, head_end), '\n')) {
    const auto colon = line.find(':');
    if (colon != std::string::npos && equals_ignoring_case(line.substr(0, colon), "Content-Length"))
      length = parse_int(trim(std::string_view(line).substr(colon + 1)));
  }
  const std::size_t size = text.size() - head_end - 4;
  if (!status || *status < 100 || !length || *length < 0 ||
      static_cast<std::size_t>(*length) != size)
    return std::nullopt;
  AgentReply reply;
  reply.status = static_cast<int>(*status);
  reply.body = text.substr(head_end + 4);
  return reply;
}

std::string agent_socket() {
  if (const char* named = std::getenv("LATCHKEY_AGENT_SOCKET")) return named;
  const std::string runtime = variable("XDG_RUNTIME_DIR");
  if (runtime.starts_with('/')) return runtime + "/latchkey/agent.sock";
  const std::string state = place("XDG_STATE_HOME", "/.local/state");
  return state.empty() ? "" : state + "/run/agent.sock";
}

std::string view_of(const std::string& config) {
  std::string named = config.empty() ? variable("LATCHKEY_CONFIG") : config;
  if (!named.empty() && !named.starts_with('/')) {
    std::error_code failed;
    named = std::filesystem::absolute(named, failed).string();
    if (failed) return "";
  }
  const std::string configured = place("XDG_CONFIG_HOME", "/.config");
  const std::string view = (named.empty() ? configured + "/config.toml" : named) + "|" +
                           configured + "|" + place("XDG_STATE_HOME", "/.local/state") + "|" +
                           variable("LATCHKEY_CLOCK_OFFSET");
  const bool plain =
      std::ranges::all_of(view, [](unsigned char c) { return c >= ' ' && c < 0x7f; });
  return plain && view.size() <= 4096 ? view : "";
}

bool agent_is_there(const std::string& socket) { return Connection(socket).open(); }

std::optional<AgentReply> ask_agent(const std::string& socket, const AgentRequest& request) {
  const Connection connection(socket);
  if (!connection.open()) return std::nullopt;
  std::string question = text_of(request);
  const bool sent = connection.send(question);
  wipe(question.data(), question.size());
  if (!sent) return std::nullopt;
  std::string text;
  text.reserve(8192);
  const Deadline deadline(request.patience);
  auto outcome = Connection::Got::kNothingYet;
  while (outcome != Connection::Got::kEnd && text.size() <= kMostAnswerBytes) {
    if (connection.ready(POLLIN, kSilence)) outcome = connection.receive(text);
    else if (deadline.is_over() || !is_awake(socket)) break;
  }
  auto reply = outcome == Connection::Got::kEnd ? read_reply(text) : std::nullopt;
  wipe(text.data(), text.size());
  return reply;
}

}  // namespace latchkey::client
