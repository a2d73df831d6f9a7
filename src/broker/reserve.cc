#include "broker/reserve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "broker/descriptor.h"

namespace latchkey::broker {
namespace {

constexpr long long kBlock = 512;  // what st_blocks counts

std::string path_of(const std::string& vault_path) { return vault_path + ".reserve"; }

bool is_held(const struct stat& info) {
  return info.st_size >= kReserveBytes && info.st_blocks * kBlock >= kReserveBytes;
}

}  // namespace

Result<> hold_reserve(const std::string& vault_path) {
  const std::string path = path_of(vault_path);
  const Descriptor file(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  struct stat info{};
  if (file.get() < 0 || fstat(file.get(), &info) != 0)
    return fail(Why::kStore, "cannot hold space for new tokens in " + path + ": " +
                                 std::strerror(errno) + "; nothing was spent");
  if (!S_ISREG(info.st_mode) || info.st_uid != geteuid())
    return fail(Why::kStore, path + " is not a file of ours; move it away");
  if (is_held(info)) return {};
  const int code = posix_fallocate(file.get(), 0, kReserveBytes);
  if (code == 0) return {};
  // Half a reserve is none, and the space may help somebody.
  static_cast<void>(::ftruncate(file.get(), 0));
  return fail(Why::kStore, "no space left to keep new tokens (" + path + ": " +
                               std::strerror(code) + "); nothing was spent");
}

void release_reserve(const std::string& vault_path) { ::unlink(path_of(vault_path).c_str()); }

}  // namespace latchkey::broker
