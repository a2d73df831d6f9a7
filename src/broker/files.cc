#include "broker/files.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

extern char** environ;

namespace latchkey::broker {
namespace {

/// Closes a file descriptor when it goes.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  void reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

std::string reason() { return std::strerror(errno); }

Secret without_newline(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return Secret(text);
}

/// Reads until the end, at most `most` bytes; false on an error or when there is more.
bool read_all(int fd, std::vector<char, WipingAllocator<char>>& into, std::size_t most) {
  char piece[4096];
  for (;;) {
    const auto got = ::read(fd, piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      wipe(piece, sizeof piece);
      return got == 0;
    }
    if (into.size() + static_cast<std::size_t>(got) > most) return false;
    into.insert(into.end(), piece, piece + got);
  }
}

Result<> check_mode(const std::string& path, const struct stat& info, mode_t forbidden) {
  if (S_ISLNK(info.st_mode)) return fail(Why::kStore, path + " is a symbolic link; refused");
  if (!S_ISREG(info.st_mode)) return fail(Why::kStore, path + " is not a regular file; refused");
  if (info.st_uid != geteuid() && info.st_uid != 0)
    return fail(Why::kStore, path + " belongs to somebody else; refused");
  if ((info.st_mode & forbidden) != 0)
    return fail(Why::kStore, path + " is open to others; mend it: chmod 600 " + path);
  return {};
}

}  // namespace

Result<Secret> read_secret_file(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return fail(Why::kStore, "cannot read " + path + ": " + reason());
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return fail(Why::kStore, "cannot read " + path);
  TRY(check_mode(path, info, 022));
  std::vector<char, WipingAllocator<char>> text;
  if (!read_all(file.get(), text, kMostSecretFileBytes))
    return fail(Why::kStore, "cannot read " + path + ": too long, or " + reason());
  return without_newline({text.data(), text.size()});
}

Result<> create_secret_file(const std::string& path, const Secret& secret) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.get() < 0)
    return fail(errno == EEXIST ? Why::kConflict : Why::kStore,
                "cannot create " + path + ": " + reason());
  const auto text = secret.reveal();
  const bool written = ::write(file.get(), text.data(), text.size()) ==
                           static_cast<ssize_t>(text.size()) && fsync(file.get()) == 0;
  if (written) return {};
  const std::string why = reason();
  unlink(path.c_str());
  return fail(Why::kStore, "cannot write " + path + ": " + why);
}

Result<> check_private_file(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0)
    return fail(errno == ENOENT ? Why::kNotFound : Why::kStore, path + ": " + reason());
  return check_mode(path, info, 077);
}

namespace {

/// What a command printed on its standard output, or why not; ends it when its time is over.
Result<Secret> output_of(pid_t child, int from, const std::string& name) {
  std::vector<char, WipingAllocator<char>> text;
  bool in_time = true;
  const auto patience = static_cast<int>(std::chrono::milliseconds(kCommandPatience).count());
  pollfd ready{from, POLLIN, 0};
  if (poll(&ready, 1, patience) == 1) {
    in_time = read_all(from, text, kMostSecretFileBytes);
  } else {
    in_time = false;
  }
  if (!in_time) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!in_time || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fail(Why::kPersonNeeded, "the command " + name + " gave no secret");
  std::string_view line(text.data(), text.size());
  return without_newline(line.substr(0, line.find('\n')));
}

}  // namespace

Result<Secret> secret_from_command(const std::vector<std::string>& words) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail(Why::kStore, "cannot make a pipe: " + reason());
  Descriptor from(ends[0]);
  Descriptor to(ends[1]);
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to.get(), STDOUT_FILENO);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  to.reset();
  if (failed != 0)
    return fail(Why::kPersonNeeded, "cannot run " + words[0] + ": " + std::strerror(failed));
  return output_of(child, from.get(), words[0]);
}

}  // namespace latchkey::broker
