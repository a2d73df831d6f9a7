#include "cli/agent_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/text.h"
#include "broker/files.h"
#include "broker/spawn.h"

namespace latchkey::cli {
namespace {

constexpr const char* kOurselves = "/proc/self/exe";
constexpr int kReadyDescriptor = 3;
constexpr int kReadyPatience = 10'000;  // milliseconds, between two signs of life

class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_, O_CLOEXEC) != 0) ends_[0] = ends_[1] = -1;
  }
  ~Pipe() {
    close_write();
    if (ends_[0] >= 0) ::close(ends_[0]);
  }
  Pipe(const Pipe&) = delete;
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void close_write() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  int ends_[2];
};

/// Detached from our terminal and our standard streams. 0, or the errno.
int start(const std::vector<std::string>& words, int ready, pid_t& child) {
  broker::Spawn spawn(kOurselves, broker::Spawn::Leads::kSession);
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    spawn.give_nothing(standard);
  if (ready >= 0) spawn.give(ready, kReadyDescriptor);
  return spawn.start(words, child);
}

/// What it says until it closes its end or its first line is whole.
std::string first_words(int from) {
  std::string text;
  pollfd ready{from, POLLIN, 0};
  while (text.find('\n') == std::string::npos && poll(&ready, 1, kReadyPatience) > 0) {
    char piece[512];
    const auto got = ::read(from, piece, sizeof piece);
    if (got <= 0) break;
    text.append(piece, static_cast<std::size_t>(got));
  }
  return std::string(trim(text));
}

Result<std::vector<std::string>> words_for(Context& context, bool wait) {
  const std::string config = TRY(context.config_path());
  const std::string log = TRY(agent_log(context));
  TRY(broker::make_private_directory(broker::directory_of(log)));
  std::vector<std::string> words = {"latchkey", "agent", "run", "--log", log};
  // Its working directory is the root: what was relative must not be any more. Without a
  // file there, the name must not be given: a named one has to exist.
  if (access(config.c_str(), F_OK) == 0) words.insert(words.begin() + 1, {"--config", config});
  if (wait) words.insert(words.end(), {"--ready", std::to_string(kReadyDescriptor)});
  return words;
}

}  // namespace

std::string agent_socket_of(Context& context) {
  if (std::getenv("LATCHKEY_AGENT_SOCKET") == nullptr) {
    const auto config = context.config();
    if (config && !(*config)->agent.socket.empty()) return (*config)->agent.socket;
  }
  return client::agent_socket();
}

Result<std::string> agent_log(Context& context) {
  const auto places = TRY(broker::find_places(context.world().environment));
  return places.state_dir + "/agent.log";
}

Result<> start_agent(Context& context, bool wait) {
  const auto words = TRY(words_for(context, wait));
  const std::string socket = agent_socket_of(context);
  Pipe pipe;
  pid_t child = -1;
  const int failed = start(words, wait ? pipe.write_end() : -1, child);
  if (failed != 0)
    return fail(Why::kStore, std::string("cannot start the agent: ") + std::strerror(failed));
  if (!wait) return {};
  pipe.close_write();
  const std::string said = first_words(pipe.read_end());
  if (said == "ready" || client::agent_is_there(socket)) return {};
  if (said.empty())
    return fail(Why::kUnavailable, "the agent did not start; see: latchkey agent log");
  return fail(Why::kStore, said);
}

void start_agent_if_wanted(Context& context) {
  const auto config = context.config();
  if (!config || !(*config)->agent.auto_start) return;
  const std::string socket = agent_socket_of(context);
  if (socket.empty() || client::agent_is_there(socket)) return;
  (void)!start_agent(context, false);
}

}  // namespace latchkey::cli
