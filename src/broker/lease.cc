#include "broker/lease.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "broker/deadline.h"
#include "broker/places.h"
#include "crypto/digest.h"

namespace latchkey::broker {
namespace {

constexpr std::chrono::milliseconds kFirstPause{2};
constexpr std::chrono::milliseconds kLongestPause{50};

void pause_for(std::chrono::milliseconds pause) {
  timespec time{0, static_cast<long>(pause.count()) * 1'000'000};
  nanosleep(&time, nullptr);
}

/// True when it is ours now, false when somebody else has it.
Result<bool> try_lock(int fd) {
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (fcntl(fd, F_OFD_SETLK, &whole) == 0) return true;
  if (errno == EAGAIN || errno == EACCES || errno == EINTR) return false;
  return fail(Why::kStore, std::string("cannot lock: ") + std::strerror(errno));
}

}  // namespace

Result<Lease> Lease::take(const std::string& directory, const ProfileName& profile,
                          std::chrono::milliseconds patience) {
  const std::string locks = directory + "/locks";
  TRY(make_private_directory(locks));
  const auto digest = crypto::sha256(bytes_of(profile.text));
  const std::string path = locks + "/" + to_hex(ByteView(digest).first(16));
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return fail(Why::kStore, "cannot open the lock " + path + ": " + std::strerror(errno));
  Lease lease(fd);
  const Deadline deadline(patience);
  for (auto pause = kFirstPause;;) {
    const bool ours = TRY(try_lock(fd));
    if (ours) return lease;
    if (deadline.is_over())
      return fail(Why::kUnavailable, "another program has been renewing " + profile.text + " for " +
                                         std::to_string(patience.count() / 1000) + " s");
    pause = std::min(pause * 2, kLongestPause);
    pause_for(pause);
  }
}

Lease::~Lease() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace latchkey::broker
