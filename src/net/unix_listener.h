#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace latchkey::net {

/// A Unix socket that one process at a time listens on, for its own user only (0600).
/// Who listens holds a lock file beside it ("NAME.lock", which stays), so that of two
/// that begin at once exactly one does, and one that was killed is in nobody's way.
class UnixListener {
 public:
  /// Binds and listens. kConflict when somebody listens there already, kPolicy when
  /// something that is not our own dead socket is in its place or others may write to
  /// its folder, kUsage when the path is too long, kStore when the system refuses.
  static Result<UnixListener> make(const std::string& path);
  /// Takes over a listening Unix socket that a service manager made (LISTEN_FDS). It is
  /// not removed at the end. kUsage when it is no such socket; kConflict as above.
  static Result<UnixListener> adopt(int fd);

  UnixListener(UnixListener&& other) noexcept;
  UnixListener& operator=(UnixListener&&) = delete;
  /// Removes the socket, unless another one has taken its place.
  ~UnixListener();

  /// Whether the path still leads to it; if not, nobody can come any more.
  bool is_reachable() const;
  const std::string& path() const { return path_; }
  /// The descriptor for ServerOptions::listener, once; the server closes it.
  int release() { return std::exchange(fd_, -1); }

 private:
  UnixListener() = default;
  Result<> hold_lock();
  Result<> clear_place() const;
  Result<> bind();

  std::string path_;
  int fd_ = -1;
  int lock_ = -1;
  bool bound_ = false;         ///< by us, so it is ours to remove
  unsigned long long id_ = 0;  ///< the socket's inode
};

/// What a service manager said in LISTEN_PID and LISTEN_FDS: the one descriptor that it
/// handed to process `self`; -1 when it handed none. kUsage when there are several.
Result<int> handed_socket(const char* listen_pid, const char* listen_fds, int self);

/// The longest path that a socket can have.
std::size_t longest_socket_path();

}  // namespace latchkey::net
