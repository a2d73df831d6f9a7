#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cli/exec.h"
#include "cli/terminal.h"

namespace latchkey::cli {
namespace {

constexpr int kNotFound = 127;  // as shells say it
constexpr int kNotExecutable = 126;
constexpr int kSignalled = 128;

constexpr int kForwarded[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM};

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : kForwarded) sigaddset(&set, signal);
  sigaddset(&set, SIGCHLD);
  return set;
}

/// What the terminal sends reaches the command by itself: it is in our process group.
bool was_sent_to_us_alone(const signalfd_siginfo& info) { return info.ssi_code != SI_KERNEL; }

/// Passes on what came; the command's status once it has ended.
std::optional<int> handle(int signals, pid_t command) {
  signalfd_siginfo info;
  while (::read(signals, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    if (info.ssi_signo == SIGCHLD) continue;
    if (was_sent_to_us_alone(info)) kill(command, static_cast<int>(info.ssi_signo));
  }
  int status = 0;
  if (waitpid(command, &status, WNOHANG) == command) return status;
  return std::nullopt;
}

int wait_for(pid_t command, int signals, Keeper& keeper) {
  for (;;) {
    if (const auto status = handle(signals, command)) return *status;
    pollfd ready[2] = {{signals, POLLIN, 0}, {keeper.channel(), POLLIN, 0}};
    if (poll(ready, 2, -1) > 0 && ready[1].revents != 0) keeper.listen();
  }
}

}  // namespace

int become(const std::vector<std::string>& words, const std::vector<Variable>& variables) {
  for (const auto& [name, value] : variables)
    setenv(name.c_str(), std::string(value.reveal()).c_str(), 1);
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  const int failed = errno;
  say("cannot run " + printable(words.front()) + ": " + std::strerror(failed));
  return failed == ENOENT || failed == ENOTDIR ? kNotFound : kNotExecutable;
}

int run_and_wait(const std::vector<std::string>& words, Keeper& keeper) {
  const sigset_t set = watched();
  sigset_t before;
  sigprocmask(SIG_BLOCK, &set, &before);
  const int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  const pid_t command = fork();
  if (command == 0) {
    sigprocmask(SIG_SETMASK, &before, nullptr);
    _exit(become(words, keeper.variables()));
  }
  if (command < 0) say(std::string("cannot fork: ") + std::strerror(errno));
  const int status = command < 0 ? kNotExecutable << 8 : wait_for(command, signals, keeper);
  keeper.end();
  ::close(signals);
  sigprocmask(SIG_SETMASK, &before, nullptr);
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  // The shell should see what ended it.
  signal(WTERMSIG(status), SIG_DFL);
  raise(WTERMSIG(status));
  return kSignalled + WTERMSIG(status);
}

}  // namespace latchkey::cli
