#include "cli/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "base/text.h"
#include "broker/files.h"

extern char** environ;

namespace latchkey::cli {
namespace {

constexpr std::size_t kLongestLine = 16 * 1024;
constexpr std::size_t kLongestMessage = 4096;
constexpr Seconds kBrowserPatience{600};

volatile std::sig_atomic_t interrupted_by = 0;
void remember_signal(int number) { interrupted_by = number; }

/// While echo is off a signal that would end us only ends the reading, and is sent
/// again once the terminal is as it was: a shell without echo is no thanks for Ctrl-C.
/// They come through in may_read() only: one that came just before a read() would
/// wait there for the next key.
class SignalsHeld {
 public:
  SignalsHeld() {
    interrupted_by = 0;
    sigset_t blocked;
    sigemptyset(&blocked);
    for (const int number : kSignals) sigaddset(&blocked, number);
    pthread_sigmask(SIG_BLOCK, &blocked, &mask_);
    struct sigaction held{};
    held.sa_handler = remember_signal;
    for (std::size_t i = 0; i < std::size(kSignals); ++i)
      sigaction(kSignals[i], &held, &before_[i]);
  }
  ~SignalsHeld() {
    for (std::size_t i = 0; i < std::size(kSignals); ++i)
      sigaction(kSignals[i], &before_[i], nullptr);
    pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
    if (interrupted_by != 0) std::raise(interrupted_by);
  }
  /// Waits until there is something to read; false when a signal came instead.
  bool may_read(int fd) const {
    pollfd input{.fd = fd, .events = POLLIN, .revents = 0};
    return ppoll(&input, 1, nullptr, &mask_) == 1 && interrupted_by == 0;
  }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  static constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  struct sigaction before_[std::size(kSignals)]{};
  sigset_t mask_{};
};

/// The controlling terminal, with echo off while it lives if so wanted.
class Tty {
 public:
  explicit Tty(bool echo) : fd_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
    if (fd_ < 0 || echo) return;
    held_.emplace();
    silenced_ = tcgetattr(fd_, &before_) == 0;
    termios quiet = before_;
    quiet.c_lflag &= static_cast<tcflag_t>(~(ECHO | ECHONL));
    quiet.c_cc[VSUSP] = _POSIX_VDISABLE;  // no suspending either while echo is off
    if (silenced_) tcsetattr(fd_, TCSAFLUSH, &quiet);
  }
  ~Tty() {
    if (silenced_) {
      tcsetattr(fd_, TCSAFLUSH, &before_);
      write("\n");
    }
    held_.reset();
    if (fd_ >= 0) ::close(fd_);
  }
  Tty(const Tty&) = delete;
  Tty& operator=(const Tty&) = delete;

  bool is_there() const { return fd_ >= 0; }
  void write(std::string_view text) const {
    [[maybe_unused]] const auto written = ::write(fd_, text.data(), text.size());
  }
  /// nullopt at the end of input or beyond the longest line.
  std::optional<Secret> line() const {
    std::vector<char, WipingAllocator<char>> text;
    char c = 0;
    const auto next = [&] { return (!held_ || held_->may_read(fd_)) && ::read(fd_, &c, 1) == 1; };
    while (next() && text.size() < kLongestLine) {
      if (c == '\n') return Secret(std::string_view(text.data(), text.size()));
      text.push_back(c);
    }
    return std::nullopt;
  }

 private:
  int fd_;
  std::optional<SignalsHeld> held_;
  bool silenced_ = false;
  termios before_{};
};

bool has_terminal() { return Tty(true).is_there(); }

Result<Secret> ask(std::string_view label, bool echo) {
  const Tty tty(echo);
  if (!tty.is_there())
    return fail(Why::kPersonNeeded, std::string(label) + " is needed, and there is no terminal");
  tty.write(std::string(label) + ": ");
  auto line = tty.line();
  if (!line) return fail(Why::kPersonNeeded, std::string(label) + " was not given");
  return std::move(*line);
}

bool is_loopback(const std::string& uri) {
  return uri.starts_with("http://127.0.0.1:") || uri.starts_with("http://localhost:") ||
         uri.starts_with("http://[::1]:");
}

std::string flag_name(std::string_view name) {
  std::string flag = "--" + std::string(name) + "-file";
  for (auto& c : flag) c = c == '_' ? '-' : c;
  return flag;
}

}  // namespace

Result<Secret> ask_secret(std::string_view label) { return ask(label, false); }

Result<std::string> ask_line(std::string_view label) {
  const Secret line = TRY(ask(label, true));
  return std::string(trim(line.reveal()));
}

void say(std::string_view line) {
  // A provider's words may be in it: nothing that a terminal obeys.
  std::fprintf(stderr, "latchkey: %s\n", printable(line, kLongestMessage).c_str());
}

bool use_colour(int fd) {
  const char* refused = std::getenv("NO_COLOR");
  return isatty(fd) == 1 && (refused == nullptr || *refused == '\0');
}

Result<Secret> Terminal::secret(std::string_view label, std::string_view name) {
  const auto askpass = context_.edges().world.environment("LATCHKEY_ASKPASS");
  if (askpass) return broker::secret_from_command({*askpass, std::string(label)});
  if (!context_.common().no_input && has_terminal()) return ask_secret(label);
  return fail(Why::kPersonNeeded, std::string(label) +
                                      " is needed, and nobody is there to ask; run: " +
                                      command(flag_name(name)) + " PATH, or set LATCHKEY_ASKPASS");
}

std::string Terminal::command(std::string_view option) const {
  return "latchkey login " + profile_ + (option.empty() ? "" : " ") + std::string(option);
}

Result<Secret> Terminal::ask(const dialect::Question& question) {
  if (question.secret) return secret(question.label, question.name);
  if (context_.common().no_input || !has_terminal())
    return fail(Why::kPersonNeeded, std::string(question.name) + " is not in the profile " +
                                        profile_ +
                                        ", and nobody is there to ask; run: " + command({}));
  const std::string line = TRY(ask_line(question.label));
  return Secret(line);
}

Result<Secret> Terminal::one_time_password(std::string_view hint) {
  return secret("One-time password (" + std::string(hint) + ")", "otp");
}

void Terminal::tell(std::string_view line) { say(line); }

bool Terminal::open_browser(const std::string& url) {
  const auto& environment = context_.edges().world.environment;
  const auto named = environment("BROWSER");
  const bool has_screen = environment("DISPLAY") || environment("WAYLAND_DISPLAY");
  if (!named && !has_screen) return false;
  std::string program = named.value_or("xdg-open");
  std::string argument = url;
  char* const words[] = {program.data(), argument.data(), nullptr};
  pid_t child = 0;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  const int failed = posix_spawnp(&child, program.c_str(), &actions, nullptr, words, environ);
  posix_spawn_file_actions_destroy(&actions);
  return failed == 0;
}

Result<http::Target> Terminal::browse(const std::string& url, const std::string& redirect_uri) {
  if (context_.common().no_input)
    return fail(Why::kPersonNeeded,
                "a login in a browser needs a person; run: " + command(paste_ ? "--paste" : ""));
  if (!paste_ && is_loopback(redirect_uri)) {
    bool opened = false;
    auto back = context_.edges().callback(redirect_uri, kBrowserPatience, [&] {
      opened = open_browser(url);
      say(opened ? "waiting for the login in your browser"
                 : "open this address in a browser on this machine:");
      if (!opened) std::fprintf(stderr, "  %s\n", url.c_str());
    });
    return back;
  }
  say("open this address in any browser, log in, and paste the address that you are sent to:");
  std::fprintf(stderr, "  %s\n", url.c_str());
  const Secret pasted = TRY(ask_secret("Address"));
  auto address = trim(pasted.reveal());
  address = address.substr(0, address.find('#'));
  const auto query = address.find('?');
  if (query == std::string_view::npos)
    return fail(Why::kPersonNeeded,
                "what was pasted is not the address that the browser was sent to; run: " +
                    command("--paste"));
  http::Target target;
  target.query = TRY(http::parse_form(address.substr(query + 1)));
  return target;
}

Result<Secret> Terminal::paste(const std::string& url, std::string_view what) {
  if (context_.common().no_input)
    return fail(Why::kPersonNeeded, "the " + std::string(what) +
                                        " is needed, and nobody is there to ask; run: " +
                                        command("--refresh-token-file") + " PATH");
  const bool opened = !paste_ && open_browser(url);
  say(opened ? "log in in your browser, then paste what the page shows"
             : "open this address in any browser, log in, and paste what the page shows:");
  if (!opened) std::fprintf(stderr, "  %s\n", url.c_str());
  return secret("The " + std::string(what), "refresh_token");
}

}  // namespace latchkey::cli
