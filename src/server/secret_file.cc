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
constexpr std::size_t kLongestLine = 1024;

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

using SecretBytes = std::vector<char, WipingAllocator<char>>;

Result<Secret> secret_of(const SecretBytes& bytes, const std::string& path) {
  std::string_view text(bytes.data(), bytes.size());
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty()) return fail(Why::kStore, path + " is empty");
  return Secret(text);
}

Result<Secret> read_all(int fd, const std::string& path) {
  SecretBytes bytes(kLargest + 1);  // never grown, so never copied and left behind
  std::size_t size = 0;
  while (size < bytes.size()) {
    const auto n = read(fd, bytes.data() + size, bytes.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(Why::kStore, trouble(path));
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size > kLargest) return fail(Why::kStore, path + " is larger than 64 KiB");
  bytes.resize(size);
  return secret_of(bytes, path);
}

/// Reads a line key by key, because a ^C that ended us would leave the terminal
/// without echo.
Result<Secret> type_line(int terminal) {
  constexpr char kEnd = 4, kInterrupt = 3, kBackspace = 8, kDelete = 127, kKillLine = 21;
  SecretBytes line;
  line.reserve(kLongestLine);
  for (char key = 0; line.size() < kLongestLine;) {
    if (read(terminal, &key, 1) != 1 || key == kInterrupt || key == kEnd)
      return fail(Why::kPersonNeeded, "nothing was typed");
    if (key == '\n' || key == '\r') break;
    if (key == kBackspace || key == kDelete) {
      while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xc0) == 0x80)
        line.pop_back();  // the rest of a character
      if (!line.empty()) line.pop_back();
    } else if (key == kKillLine) {
      line.clear();
    } else {
      line.push_back(key);
    }
  }
  return secret_of(line, "the answer");
}

}  // namespace

Result<Secret> read_secret_file(const std::string& path) {
  if (path == "-") return read_all(STDIN_FILENO, "standard input");
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.get() < 0 && errno == ELOOP)
    return fail(Why::kStore, path + " is a symbolic link; refused");
  if (file.get() < 0) return fail(Why::kStore, trouble(path));
  struct stat info{};
  if (fstat(file.get(), &info) != 0) return fail(Why::kStore, trouble(path));
  if (!S_ISREG(info.st_mode)) return fail(Why::kStore, path + " is not a plain file");
  if (info.st_uid != geteuid() && info.st_uid != 0)
    return fail(Why::kStore, path + " belongs to somebody else");
  if ((info.st_mode & 077) != 0)
    return fail(Why::kStore, path + " is open to others; run: chmod 600 " + path);
  return read_all(file.get(), path);
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
  quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
  quiet.c_cc[VMIN] = 1;
  quiet.c_cc[VTIME] = 0;
  tcsetattr(terminal.get(), TCSAFLUSH, &quiet);
  const std::string prompt = label + ": ";
  (void)!write(terminal.get(), prompt.data(), prompt.size());
  auto answer = type_line(terminal.get());
  tcsetattr(terminal.get(), TCSAFLUSH, &before);
  (void)!write(terminal.get(), "\n", 1);
  return answer;
}

}  // namespace latchkey::server
