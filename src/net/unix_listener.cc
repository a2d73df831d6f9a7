#include "net/unix_listener.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace latchkey::net {
namespace {

constexpr int kFirstHandedDescriptor = 3;  // sd_listen_fds(3)
constexpr int kWaiting = SOMAXCONN;        // connections that nobody has taken yet

std::string reason() { return std::strerror(errno); }

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// Who may write to the folder could put a socket of his own there.
Result<> check_folder(const std::string& folder) {
  struct stat info{};
  if (stat(folder.c_str(), &info) != 0) return fail(Why::kStore, folder + ": " + reason());
  if (info.st_uid != geteuid() || (info.st_mode & 022) != 0)
    return fail(Why::kPolicy, folder + " is not ours alone to write; mend it: chmod 700 " + folder);
  return {};
}

/// Whether somebody answers there. Not blocking: a full queue is an answer too.
bool is_alive(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const sockaddr_un address = address_of(path);
  const bool dead =
      fd >= 0 && ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno == ECONNREFUSED;
  if (fd >= 0) ::close(fd);
  return !dead;
}

std::string owner_of(int lock) {
  char text[24] = {};
  const auto got = ::pread(lock, text, sizeof text - 1, 0);
  const auto pid =
      parse_int(trim(std::string_view(text, got > 0 ? static_cast<std::size_t>(got) : 0)));
  return pid ? " (process " + std::to_string(*pid) + ")" : "";
}

}  // namespace

std::size_t longest_socket_path() { return sizeof(sockaddr_un::sun_path) - 1; }

Result<int> handed_socket(const char* listen_pid, const char* listen_fds, int self) {
  if (listen_pid == nullptr || listen_fds == nullptr) return -1;
  if (parse_int(listen_pid) != self) return -1;  // meant for a parent of ours
  const auto count = parse_int(listen_fds);
  if (!count || *count != 1) return fail(Why::kUsage, "expected one socket of LISTEN_FDS");
  return kFirstHandedDescriptor;
}

UnixListener::UnixListener(UnixListener&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      lock_(std::exchange(other.lock_, -1)),
      bound_(std::exchange(other.bound_, false)),
      id_(other.id_) {}

bool UnixListener::is_reachable() const {
  struct stat info{};
  return lstat(path_.c_str(), &info) == 0 && S_ISSOCK(info.st_mode) && info.st_ino == id_;
}

UnixListener::~UnixListener() {
  if (bound_ && is_reachable()) unlink(path_.c_str());
  if (fd_ >= 0) ::close(fd_);
  if (lock_ >= 0) ::close(lock_);  // last: only now may another begin
}

Result<> UnixListener::hold_lock() {
  const std::string path = path_ + ".lock";
  lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (lock_ < 0) return fail(Why::kStore, "cannot open the lock " + path + ": " + reason());
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (fcntl(lock_, F_OFD_SETLK, &whole) != 0) {
    if (errno == EAGAIN || errno == EACCES)
      return fail(Why::kConflict, "an agent is running already" + owner_of(lock_));
    return fail(Why::kStore, "cannot lock " + path + ": " + reason());
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(lock_, 0) != 0 ||
      ::pwrite(lock_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
    return fail(Why::kStore, "cannot write " + path + ": " + reason());
  return {};
}

Result<> UnixListener::clear_place() const {
  struct stat info{};
  if (lstat(path_.c_str(), &info) != 0) {
    if (errno == ENOENT) return {};
    return fail(Why::kStore, path_ + ": " + reason());
  }
  if (!S_ISSOCK(info.st_mode) || info.st_uid != geteuid())
    return fail(Why::kPolicy, path_ + " is in the way: it is not a socket of ours");
  if (is_alive(path_)) return fail(Why::kConflict, "somebody else listens on " + path_);
  if (unlink(path_.c_str()) != 0) return fail(Why::kStore, path_ + ": " + reason());
  return {};
}

Result<> UnixListener::bind() {
  fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(path_);
  // The mode before the name: at no moment may others connect.
  if (fd_ < 0 || fchmod(fd_, 0600) != 0 ||
      ::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return fail(Why::kStore, "cannot make the socket " + path_ + ": " + reason());
  struct stat info{};
  bound_ = lstat(path_.c_str(), &info) == 0;
  id_ = info.st_ino;
  if (::listen(fd_, kWaiting) != 0)
    return fail(Why::kStore, "cannot listen on " + path_ + ": " + reason());
  return {};
}

Result<UnixListener> UnixListener::make(const std::string& path) {
  if (path.empty() || path.front() != '/' || path.size() > longest_socket_path())
    return fail(Why::kUsage, "the path of a socket begins with / and has at most " +
                                 std::to_string(longest_socket_path()) + " bytes: " + path);
  UnixListener listener;
  listener.path_ = path;
  TRY(check_folder(folder_of(path)));
  TRY(listener.hold_lock());
  TRY(listener.clear_place());
  TRY(listener.bind());
  return listener;
}

Result<UnixListener> UnixListener::adopt(int fd) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  int type = 0, listening = 0;
  socklen_t length = sizeof type;
  const bool fits =
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
      address.sun_family == AF_UNIX && address.sun_path[0] == '/' &&
      getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM &&
      getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) == 0 && listening != 0;
  if (!fits) return fail(Why::kUsage, "the socket of LISTEN_FDS is no listening Unix socket");
  UnixListener listener;
  listener.path_ = address.sun_path;
  TRY(listener.hold_lock());
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  listener.fd_ = fd;
  struct stat info{};
  if (lstat(listener.path_.c_str(), &info) == 0) listener.id_ = info.st_ino;
  return listener;
}

}  // namespace latchkey::net
