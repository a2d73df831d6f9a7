// Secrets from other programs: password managers, askpass helpers.

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "broker/deadline.h"
#include "broker/descriptor.h"
#include "broker/files.h"
#include "broker/spawn.h"

namespace latchkey::broker {
namespace {

using Milliseconds = std::chrono::milliseconds;

/// How often a program is looked at that has closed or lent out its output.
constexpr Milliseconds kLook{20};
constexpr int kLooks = 50;

/// The terminal, if we are in its foreground: lent to the program, which has a
/// process group of its own and could not read it otherwise.
class Foreground {
 public:
  Foreground() : tty_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
    lent_ = tty_.get() >= 0 && tcgetpgrp(tty_.get()) == getpgrp();
  }
  ~Foreground() {
    if (!lent_) return;
    // We are in the background now; taking the terminal back would stop us.
    sigset_t stop, before;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &stop, &before);
    tcsetpgrp(tty_.get(), getpgrp());
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  Foreground(const Foreground&) = delete;
  Foreground& operator=(const Foreground&) = delete;
  std::optional<int> tty() const { return lent_ ? std::optional(tty_.get()) : std::nullopt; }

 private:
  Descriptor tty_;
  bool lent_ = false;
};

/// Ends the program and what it started, unless it ended well.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (ended_well()) return;
    kill(-pid_, SIGKILL);
    // One that took another user's rights cannot be ended by us: not waited for.
    for (int look = 0; look < kLooks && !ended(); ++look) poll(nullptr, 0, kLook.count());
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  bool ended() {
    if (status_) return true;
    int status = 0;
    const pid_t waited = waitpid(pid_, &status, WNOHANG);
    if (waited == pid_) status_ = status;
    if (waited < 0 && errno != EINTR) status_ = -1;
    return status_.has_value();
  }
  bool ended_well() const {
    return status_ && *status_ >= 0 && WIFEXITED(*status_) && WEXITSTATUS(*status_) == 0;
  }

 private:
  pid_t pid_;
  std::optional<int> status_;
};

/// Reads what is there; false when nothing more will come, or too much came.
bool read_some(int from, WipingText& into) {
  char piece[4096];
  const auto got = ::read(from, piece, sizeof piece);
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  into.insert(into.end(), piece, piece + got);
  wipe(piece, sizeof piece);
  return got > 0 && into.size() <= kMostSecretFileBytes;
}

/// What it printed until it ended; false when its time was over before.
bool collect(Child& child, int from, WipingText& into, const Deadline& deadline) {
  bool open = true;
  for (;;) {
    const bool ended = child.ended();  // asked first: what it printed before is then all there
    const auto left = deadline.left();
    const auto pause = ended ? Milliseconds{0} : std::min(left, kLook);
    pollfd ready{open ? from : -1, POLLIN, 0};
    const int count = poll(&ready, 1, static_cast<int>(pause.count()));
    if (count > 0) {
      open = read_some(from, into);
      if (into.size() > kMostSecretFileBytes) return false;
    } else if (ended) {
      return true;
    }
    if (ended && !open) return true;
    if (!ended && left <= Milliseconds{0}) return false;
  }
}

/// 0, or the errno. Only its standard output is ours to read.
int start(const std::vector<std::string>& words, int output, std::optional<int> tty, pid_t& child) {
  Spawn spawn(words[0]);
  spawn.give(output, STDOUT_FILENO);
  // Standard input may hold an answer that is meant for us.
  if (isatty(STDIN_FILENO) != 1) spawn.give_nothing(STDIN_FILENO);
  if (tty) spawn.lend(*tty);
  return spawn.start(words, child);
}

}  // namespace

Result<Secret> secret_from_command(const std::vector<std::string>& words, Milliseconds patience) {
  if (words.empty()) return fail(Why::kUsage, "a command without a program");
  const Deadline deadline(patience);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
    return fail(Why::kUnavailable, std::string("cannot make a pipe: ") + std::strerror(errno));
  const Descriptor from(ends[0]);
  Descriptor to(ends[1]);
  fcntl(to.get(), F_SETFL, 0);  // the program's end blocks, as programs expect
  const Foreground foreground;
  pid_t pid = 0;
  const int failed = start(words, to.get(), foreground.tty(), pid);
  to.reset();
  if (failed != 0)
    return fail(Why::kPersonNeeded, "cannot run " + words[0] + ": " + std::strerror(failed));
  Child child(pid);
  WipingText text;
  if (!collect(child, from.get(), text, deadline))
    return fail(Why::kPersonNeeded, "the command " + words[0] +
                                        " printed too much or did not end in time; it was ended");
  Secret secret = first_line(text, LineEnd::kFirst);
  if (!child.ended_well() || secret.empty())
    return fail(Why::kPersonNeeded, "the command " + words[0] + " gave no secret");
  return secret;
}

}  // namespace latchkey::broker
