#include "store/sqlite/safe_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace latchkey::store {

namespace {

namespace fs = std::filesystem;

std::unexpected<Error> unsafe(const std::string& path, const char* what) {
  return fail(Why::kStore, "the store " + path + " " + what);
}

std::unexpected<Error> unavailable(const std::string& path, int error) {
  return fail(Why::kUnavailable, "the store " + path + " cannot be opened",
              "store: " + std::string(std::strerror(error)));
}

/// True if it is there and safe, false if there is nothing of that name.
Result<bool> check(const std::string& path) {
  struct stat found = {};
  if (::lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return false;
    return unavailable(path, errno);
  }
  if (S_ISLNK(found.st_mode)) return unsafe(path, "is a symbolic link");
  if (!S_ISREG(found.st_mode)) return unsafe(path, "is not a plain file");
  if (found.st_uid != ::geteuid()) return unsafe(path, "belongs to another user");
  if ((found.st_mode & 077) != 0) return unsafe(path, "is open to other users (chmod 600 it)");
  return true;
}

/// In a directory that others may write to, they could swap our files; a sticky
/// one (/tmp) keeps ours ours.
Result<> check_directory(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0) return unavailable(path, errno);
  if (found.st_uid != ::geteuid() && found.st_uid != 0) {
    return unsafe(path, "is in a directory of another user");
  }
  if ((found.st_mode & 022) != 0 && (found.st_mode & S_ISVTX) == 0) {
    return unsafe(path, "is in a directory that other users may write to");
  }
  return {};
}

}  // namespace

Result<std::string> safe_file(const std::string& path) {
  const fs::path asked(path);
  const std::string name = asked.filename().string();
  if (name.empty() || name == "." || name == "..") return unsafe(path, "is not the name of a file");
  std::error_code error;
  const fs::path parent = asked.has_parent_path() ? asked.parent_path() : fs::path(".");
  const fs::path directory = fs::canonical(parent, error);
  if (error) return unavailable(path, error.value());
  TRY(check_directory(directory.string()));

  const std::string real = (directory / name).string();
  for (const char* suffix : {"-wal", "-shm", "-journal"}) TRY(check(real + suffix));
  const bool there = TRY(check(real));
  if (there) return real;
  const int file = ::open(real.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file >= 0) {
    ::close(file);
  } else if (errno != EEXIST) {
    return unavailable(path, errno);
  }
  TRY(check(real));  // made by us, or a moment ago by another process of ours
  return real;
}

}  // namespace latchkey::store
