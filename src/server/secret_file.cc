#include "server/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace latchkey::server {
namespace {

constexpr std::size_t kLargest = 64 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ > STDERR_FILENO) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::string trouble(const std::string& path) { return path + ": " + std::strerror(errno); }

/// Up to the end, or the first line only.
Result<Secret> read_all(int fd, const std::string& path, bool one_line) {
  std::vector<char, WipingAllocator<char>> bytes;
  bytes.reserve(kLargest + 1);  // never grown, so never copied and left behind
  char c;
  for (;;) {
    const auto n = read(fd, &c, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(Why::kStore, trouble(path));
    if (n == 0 || (one_line && c == '\n')) break;
    if (bytes.size() == kLargest) return fail(Why::kStore, path + " is larger than 64 KiB");
    bytes.push_back(c);
  }
  wipe(&c, 1);
  while (!bytes.empty() && (bytes.back() == '\n' || bytes.back() == '\r')) bytes.pop_back();
  if (bytes.empty()) return fail(Why::kStore, path + " is empty");
  return Secret(std::string_view(bytes.data(), bytes.size()));
}

}  // namespace

Result<Secret> read_secret_file(const std::string& path) {
  if (path == "-") return read_all(STDIN_FILENO, "standard input", false);
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.get() < 0) return fail(Why::kStore, trouble(path));
  struct stat info{};
  if (fstat(file.get(), &info) != 0) return fail(Why::kStore, trouble(path));
  if (!S_ISREG(info.st_mode)) return fail(Why::kStore, path + " is not a plain file");
  if (info.st_uid != geteuid() && info.st_uid != 0)
    return fail(Why::kStore, path + " belongs to somebody else");
  if ((info.st_mode & 077) != 0)
    return fail(Why::kStore, path + " is open to others; run: chmod 600 " + path);
  return read_all(file.get(), path, false);
}

Result<> write_secret_file(const std::string& path, const Secret& text) {
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) return fail(errno == EEXIST ? Why::kConflict : Why::kStore, trouble(path));
  const std::string_view bytes = text.reveal();
  if (write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
      write(file.get(), "\n", 1) != 1 || fsync(file.get()) != 0)
    return fail(Why::kStore, trouble(path));
  return {};
}

Result<Secret> ask_secret(const std::string& label) {
  const Descriptor terminal(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  termios before{};
  if (terminal.get() < 0 || tcgetattr(terminal.get(), &before) != 0)
    return fail(Why::kPersonNeeded, "there is no terminal to ask for: " + label);
  termios quiet = before;
  quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  tcsetattr(terminal.get(), TCSAFLUSH, &quiet);
  const std::string prompt = label + ": ";
  (void)!write(terminal.get(), prompt.data(), prompt.size());
  auto answer = read_all(terminal.get(), "the answer", true);
  tcsetattr(terminal.get(), TCSAFLUSH, &before);
  (void)!write(terminal.get(), "\n", 1);
  return answer;
}

}  // namespace latchkey::server
