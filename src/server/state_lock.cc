#include "server/state_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace latchkey::server {
namespace {

std::string place(const std::string& directory) { return directory + "/latchkeyd.lock"; }

struct flock whole_file(short type) {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

std::string owner_of(int file) {
  char text[24] = {};
  const auto got = pread(file, text, sizeof text - 1, 0);
  const auto pid =
      parse_int(trim(std::string_view(text, got > 0 ? static_cast<std::size_t>(got) : 0)));
  return pid ? " (process " + std::to_string(*pid) + ")" : "";
}

}  // namespace

Result<StateLock> StateLock::take(const std::string& state_directory) {
  const std::string path = place(state_directory);
  StateLock held(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (held.file_ < 0)
    return fail(Why::kStore, "cannot open the lock " + path + ": " + std::strerror(errno));
  struct flock lock = whole_file(F_WRLCK);
  if (fcntl(held.file_, F_OFD_SETLK, &lock) != 0) {
    if (errno == EAGAIN || errno == EACCES)
      return fail(Why::kConflict, "an authority runs on " + state_directory + owner_of(held.file_));
    return fail(Why::kStore, "cannot lock " + path + ": " + std::strerror(errno));
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(held.file_, 0) != 0 || pwrite(held.file_, pid.data(), pid.size(), 0) < 0)
    return fail(Why::kStore, "cannot write " + path + ": " + std::strerror(errno));
  return held;
}

bool StateLock::is_held(const std::string& state_directory) {
  const int file = ::open(place(state_directory).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return false;
  struct flock lock = whole_file(F_RDLCK);
  const bool held = fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(file);
  return held;
}

StateLock::StateLock(StateLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

StateLock::~StateLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace latchkey::server
