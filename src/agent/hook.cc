#include "agent/hook.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "broker/spawn.h"

extern char** environ;

namespace latchkey::agent {
namespace {

/// The text as a file that is nowhere, so that no program can make us wait by not
/// reading it.
int file_of(const std::string& text) {
  const int fd = memfd_create("latchkey-event", MFD_CLOEXEC);
  if (fd < 0) return -1;
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (written && lseek(fd, 0, SEEK_SET) == 0) return fd;
  ::close(fd);
  return -1;
}

std::vector<std::string> environment_of(const Hook::Call& call) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string name(text.substr(0, text.find('=')));
    if (call.variables.contains(name) || std::ranges::count(call.hidden, name) > 0) continue;
    all.emplace_back(text);
  }
  for (const auto& [name, value] : call.variables) all.push_back(name + "=" + value);
  return all;
}

/// Its process, the leader of its group; -1 and errno when it cannot be started.
pid_t start(const Hook::Call& call) {
  const int input = file_of(call.input);
  broker::Spawn spawn(call.words[0]);
  if (input >= 0) spawn.give(input, STDIN_FILENO);
  else spawn.give_nothing(STDIN_FILENO);
  for (const int output : {STDOUT_FILENO, STDERR_FILENO}) spawn.give_nothing(output);
  pid_t child = -1;
  const int failed = spawn.start(call.words, environment_of(call), child);
  if (input >= 0) ::close(input);
  errno = failed;
  return failed == 0 ? child : -1;
}

/// True when the process ended by itself before `patience` was over or `stop` came.
bool ends(pid_t child, int stop, std::chrono::milliseconds patience) {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  pollfd both[] = {{fd, POLLIN, 0}, {stop, POLLIN, 0}};
  const bool ended =
      fd >= 0 && poll(both, 2, static_cast<int>(patience.count())) > 0 && both[0].revents != 0;
  if (fd >= 0) ::close(fd);
  return ended;
}

void run_one(const Hook::Call& call, int stop, std::chrono::milliseconds patience) {
  const pid_t child = start(call);
  if (child < 0) {
    const std::string why = std::strerror(errno);
    return log::write(log::Level::kWarn, "hook_failed",
                      {{"program", call.words[0]}, {"why", std::string_view(why)}});
  }
  const bool ended = ends(child, stop, patience);
  if (!ended) kill(-child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  if (!ended) return log::write(log::Level::kWarn, "hook_killed", {{"program", call.words[0]}});
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    log::write(log::Level::kWarn, "hook_failed",
               {{"program", call.words[0]}, {"status", static_cast<long long>(status)}});
}

}  // namespace

struct Hook::State {
  std::chrono::milliseconds patience;
  int stop = eventfd(0, EFD_CLOEXEC);
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Call> waiting;
  bool stopped = false;
  std::thread thread;  // from the first call on
};

Hook::Hook(std::chrono::milliseconds patience) : state_(std::make_unique<State>(patience)) {}

Hook::~Hook() {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->stopped = true;
    state_->waiting.clear();
  }
  eventfd_write(state_->stop, 1);
  state_->changed.notify_all();
  if (state_->thread.joinable()) state_->thread.join();
  ::close(state_->stop);
}

void Hook::serve(State& state) {
  for (;;) {
    Call call;
    {
      std::unique_lock lock(state.mutex);
      state.changed.wait(lock, [&] { return state.stopped || !state.waiting.empty(); });
      if (state.stopped) return;
      call = std::move(state.waiting.front());
      state.waiting.pop_front();
    }
    run_one(call, state.stop, state.patience);
  }
}

void Hook::run(Call call) {
  if (call.words.empty()) return;
  const std::scoped_lock lock(state_->mutex);
  if (state_->stopped) return;
  if (state_->waiting.size() >= kMostWaiting) {
    state_->waiting.pop_front();
    log::write(log::Level::kWarn, "hook_too_slow");
  }
  state_->waiting.push_back(std::move(call));
  if (!state_->thread.joinable())
    state_->thread = std::thread([state = state_.get()] { serve(*state); });
  state_->changed.notify_all();
}

}  // namespace latchkey::agent
