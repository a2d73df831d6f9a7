#include "server/epoch_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "base/text.h"

namespace latchkey::server {
namespace {

constexpr const char* kName = "epoch";
constexpr const char* kFresh = "epoch.new";
constexpr const char* kLock = "epoch.lock";
constexpr std::size_t kLongest = 32;

/// An open file, or a directory that is held: one process at a time.
class Held {
 public:
  explicit Held(int fd) : fd_(fd) {}
  ~Held() {
    if (fd_ >= 0) close(fd_);
  }
  Held(Held&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Held& operator=(Held&&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

std::unexpected<Error> broken(const std::string& directory, const char* what) {
  return fail(Why::kStore, std::string("cannot ") + what + " " + directory + "/" + kName + ": " +
                               std::strerror(errno));
}

// A file of its own: whoever may only read the directory cannot hold it.
Result<Held> hold(const std::string& directory) {
  const std::string path = directory + "/" + kLock;
  Held held(open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (held.fd() < 0 || flock(held.fd(), LOCK_EX) != 0) return broken(directory, "lock");
  return held;
}

}  // namespace

Result<std::int64_t> EpochFile::read() const {
  const std::string path = directory_ + "/" + kName;
  const Held file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (file.fd() < 0 && errno == ENOENT) return -1;
  std::array<char, kLongest> text{};
  const auto size = file.fd() < 0 ? -1 : ::read(file.fd(), text.data(), text.size());
  if (size < 0) return broken(directory_, "read");
  const auto epoch = parse_int(trim(std::string_view(text.data(), static_cast<std::size_t>(size))));
  if (!epoch || *epoch < 0) {
    return fail(Why::kStore, path + " holds no number; it says how new the store must be");
  }
  return *epoch;
}

// A new file takes the old one's place, so that a crash leaves one of the two whole.
Result<> EpochFile::write(std::int64_t epoch) {
  const std::string fresh = directory_ + "/" + kFresh;
  const std::string text = std::to_string(epoch) + "\n";
  {
    const Held file(
        open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
    const auto size = static_cast<ssize_t>(text.size());
    if (file.fd() < 0 || ::write(file.fd(), text.data(), text.size()) != size ||
        fsync(file.fd()) != 0) {
      return broken(directory_, "write");
    }
  }
  if (rename(fresh.c_str(), (directory_ + "/" + kName).c_str()) != 0) {
    return broken(directory_, "replace");
  }
  const Held directory(open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.fd() < 0 || fsync(directory.fd()) != 0) return broken(directory_, "write");
  return {};
}

Result<std::optional<int>> EpochFile::check(Instant now) {
  const Held held = TRY(hold(directory_));
  const auto copy = TRY(read());
  const auto stored = TRY(engine::epoch_of(store_));
  std::optional<int> ended;
  const bool moved = copy < 0 && stored > 0;
  if (stored < copy || moved) {
    ended = TRY(engine::begin_anew(store_, std::max(copy, stored) + 1, now));
  } else if (stored == copy) {
    return ended;
  }
  const auto epoch = TRY(engine::epoch_of(store_));
  TRY(write(epoch));
  return ended;
}

Result<> EpochFile::raise() {
  const Held held = TRY(hold(directory_));
  const auto epoch = TRY(engine::raise_epoch(store_));
  return write(epoch);
}

Result<int> EpochFile::restored(Instant now) {
  const Held held = TRY(hold(directory_));
  const auto copy = TRY(read());
  const auto stored = TRY(engine::epoch_of(store_));
  return engine::begin_anew(store_, std::max(copy, stored) + 1, now);
}

void EpochKeeper::told(const engine::Event& event) {
  const bool ended = event.what == "reuse" && !event.ended_nothing;
  const bool final = ended || event.what == "revoked" || event.what == "suspended";
  std::int64_t last = raised_.load();
  const std::int64_t at = epoch(event.at);
  if (final) {
    raised_ = at;
    return raise();
  }
  const bool due = at >= last + kEvery.count() || at < last;
  if (!due || !raised_.compare_exchange_strong(last, at)) return;
  const std::lock_guard lock(mutex_);
  raising_ = std::async(std::launch::async, [this] { raise(); });
}

void EpochKeeper::settle() {
  const std::lock_guard lock(mutex_);
  if (raising_.valid()) raising_.get();
}

void EpochKeeper::raise() {
  const auto raised = file_.raise();
  if (raised) return;
  log::write(log::Level::kError, "epoch_not_raised",
             {{"why", std::string_view(name_of(raised.error().why))},
              {"note", raised.error().say + raised.error().note}});
}

}  // namespace latchkey::server
