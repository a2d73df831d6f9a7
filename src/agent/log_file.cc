#include "agent/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace latchkey::agent {
namespace {

Result<> write_to(const std::string& path) {
  const int fd = ::open(path.c_str(),
                        O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  struct stat info{};
  const bool ours = fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
                    info.st_uid == geteuid() && (info.st_mode & 077) == 0;
  const std::string why = fd < 0 ? std::strerror(errno) : "it is not a private file of ours";
  const bool done = ours && dup2(fd, STDERR_FILENO) == STDERR_FILENO;
  if (fd >= 0) ::close(fd);
  if (!done) return fail(Why::kStore, "cannot write the log " + path + ": " + why);
  return {};
}

}  // namespace

Result<LogFile> LogFile::open(const std::string& path) {
  TRY(write_to(path));
  return LogFile(path);
}

void LogFile::keep_small() const {
  struct stat info{};
  if (fstat(STDERR_FILENO, &info) != 0 || info.st_size < kMostBytes) return;
  const std::string old = path_ + ".old";
  if (std::rename(path_.c_str(), old.c_str()) == 0) (void)!write_to(path_);
}

}  // namespace latchkey::agent
