#include "broker/lease.h"

#include <fcntl.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
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

/// The lock files that this process has open. A forked child shares their locks, and
/// would keep them when we are long dead: it closes them first of all. One lease
/// more than there are places is held like any other, but by such a child too.
constexpr std::size_t kMostWatched = 64;
std::array<std::atomic<int>, kMostWatched> watched;  // a descriptor plus one; 0: free

void close_in_child() {
  for (auto& place : watched) {
    const int fd = place.exchange(0) - 1;
    if (fd >= 0) ::close(fd);
  }
}

void watch(int fd) {
  static const int kRegistered = pthread_atfork(nullptr, nullptr, close_in_child);
  static_cast<void>(kRegistered);
  for (auto& place : watched) {
    int nobody = 0;
    if (place.compare_exchange_strong(nobody, fd + 1)) return;
  }
}

void forget(int fd) {
  for (auto& place : watched) {
    int ours = fd + 1;
    if (place.compare_exchange_strong(ours, 0)) return;
  }
}

void pause_for(std::chrono::milliseconds pause) {
  timespec time{0, static_cast<long>(pause.count()) * 1'000'000};
  nanosleep(&time, nullptr);
}

int set_lock(int fd, short type) {
  struct flock whole{};
  whole.l_type = type;
  whole.l_whence = SEEK_SET;
  return fcntl(fd, F_OFD_SETLK, &whole);
}

/// True when it is ours now, false when somebody else has it.
Result<bool> try_lock(int fd) {
  if (set_lock(fd, F_WRLCK) == 0) return true;
  if (errno == EAGAIN || errno == EACCES || errno == EINTR) return false;
  return fail(Why::kStore, std::string("cannot lock: ") + std::strerror(errno));
}

Result<int> open_lock(const std::string& directory, const ProfileName& profile) {
  const std::string locks = directory + "/locks";
  TRY(make_private_directory(locks));
  const auto digest = crypto::sha256(bytes_of(profile.text));
  const std::string path = locks + "/" + to_hex(ByteView(digest).first(16));
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return fail(Why::kStore, "cannot open the lock " + path + ": " + std::strerror(errno));
  return fd;
}

}  // namespace

Lease::Lease(int fd) : fd_(fd), owner_(getpid()) { watch(fd); }

Result<std::optional<Lease>> Lease::take_unless(const std::string& directory,
                                                const ProfileName& profile,
                                                std::chrono::milliseconds patience,
                                                const std::function<Result<bool>()>& settled) {
  const int fd = TRY(open_lock(directory, profile));
  Lease lease(fd);
  const Deadline deadline(patience);
  for (auto pause = kFirstPause;;) {
    const bool ours = TRY(try_lock(fd));
    if (ours) return std::optional<Lease>(std::move(lease));
    const bool over = TRY(settled());
    if (over) return std::optional<Lease>();
    if (deadline.is_over())
      return fail(Why::kUnavailable, "another program has been renewing " + profile.text + " for " +
                                         std::to_string(patience.count() / 1000) + " s");
    pause = std::min(pause * 2, kLongestPause);
    pause_for(std::min(pause, std::max(deadline.left(), kFirstPause)));
  }
}

Result<Lease> Lease::take(const std::string& directory, const ProfileName& profile,
                          std::chrono::milliseconds patience) {
  auto lease =
      TRY(take_unless(directory, profile, patience, []() -> Result<bool> { return false; }));
  return std::move(*lease);
}

Lease::~Lease() {
  if (fd_ < 0 || owner_ != getpid()) return;  // a child has closed it already
  forget(fd_);
  // A child that was forked just now may still have it open: closing alone would not do.
  set_lock(fd_, F_UNLCK);
  ::close(fd_);
}

}  // namespace latchkey::broker
