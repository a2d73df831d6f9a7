#include "cli/exec_place.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace latchkey::cli {
namespace {

constexpr const char* kPrefix = "exec-";

bool starts_kept(const char* name) { return std::string_view(name).starts_with(kPrefix); }

/// The directories whose keeper was ended together with the machine, or by SIGKILL.
void sweep(const std::string& place) {
  DIR* listing = opendir(place.c_str());
  if (listing == nullptr) return;
  while (const dirent* found = readdir(listing)) {
    if (!starts_kept(found->d_name)) continue;
    const std::string path = place + "/" + found->d_name;
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) continue;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) remove_kept(path);
    ::close(fd);
  }
  closedir(listing);
}

}  // namespace

Result<std::string> make_kept(Context& context, int& lock) {
  const auto places = TRY(broker::find_places(context.world().environment));
  TRY(broker::make_private_directory(places.runtime_dir));
  const int place = ::open(places.runtime_dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (place >= 0) flock(place, LOCK_EX);  // nobody sweeps between making and locking
  sweep(places.runtime_dir);
  std::string path = places.runtime_dir + "/" + kPrefix + "XXXXXX";
  const bool made = mkdtemp(path.data()) != nullptr;
  const int failed = errno;
  lock = made ? ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  if (lock >= 0) flock(lock, LOCK_EX);
  if (place >= 0) ::close(place);
  if (made) return path;
  return fail(Why::kStore, "cannot make " + path + ": " + std::strerror(failed));
}

Result<> write_kept(const std::string& path, std::string_view text) {
  const std::string draft = path + ".new";
  const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  bool good = fd >= 0;
  while (good && !text.empty()) {
    const auto put = ::write(fd, text.data(), text.size());
    good = put > 0 || (put < 0 && errno == EINTR);
    if (put > 0) text.remove_prefix(static_cast<std::size_t>(put));
  }
  if (fd >= 0) good = ::close(fd) == 0 && good;
  if (good && std::rename(draft.c_str(), path.c_str()) == 0) return {};
  return fail(Why::kStore, "cannot write " + path + ": " + std::strerror(errno));
}

void remove_kept(const std::string& directory) {
  if (DIR* listing = opendir(directory.c_str())) {
    while (const dirent* found = readdir(listing))
      if (found->d_name[0] != '.' || std::strlen(found->d_name) > 2)
        unlinkat(dirfd(listing), found->d_name, 0);
    closedir(listing);
  }
  rmdir(directory.c_str());
}

}  // namespace latchkey::cli
