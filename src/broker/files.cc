#include "broker/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "broker/descriptor.h"
#include "crypto/random.h"

namespace latchkey::broker {
namespace {

constexpr mode_t kOthersWrite = 022;
constexpr mode_t kOthersAtAll = 077;

std::string reason() { return std::strerror(errno); }

Result<> check_regular(const std::string& path, const struct stat& info) {
  if (S_ISLNK(info.st_mode)) return fail(Why::kStore, path + " is a symbolic link; refused");
  if (!S_ISREG(info.st_mode)) return fail(Why::kStore, path + " is not a regular file; refused");
  return {};
}

Result<> check_private(const std::string& path, const struct stat& info) {
  TRY(check_regular(path, info));
  if (info.st_uid != geteuid())
    return fail(Why::kStore, path + " belongs to somebody else; refused");
  if ((info.st_mode & kOthersAtAll) != 0)
    return fail(Why::kStore, path + " is open to others; mend it: chmod 600 " + path);
  return {};
}

Result<> check_secret(const std::string& path, const struct stat& info) {
  TRY(check_regular(path, info));
  if (info.st_uid != geteuid() && info.st_uid != 0)
    return fail(Why::kStore, path + " belongs to somebody else; refused");
  if ((info.st_mode & kOthersWrite) != 0)
    return fail(Why::kStore, path + " can be changed by others; mend it: chmod go-w " + path);
  return {};
}

Result<Secret> secret_in(const std::string& path, int file) {
  WipingText text;
  for (char piece[4096];;) {
    const auto got = ::read(file, piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(Why::kStore, "cannot read " + path + ": " + reason());
    text.insert(text.end(), piece, piece + got);
    wipe(piece, sizeof piece);
    if (text.size() > kMostSecretFileBytes)
      return fail(Why::kStore, path + " is too long for a secret");
    if (got == 0) break;
  }
  Secret secret = first_line(text, LineEnd::kAtTheEnd);
  if (secret.empty()) return fail(Why::kStore, path + " is empty");
  return secret;
}

Result<> write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto put = ::write(file, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail(Why::kStore, reason());
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  if (fsync(file) != 0) return fail(Why::kStore, reason());
  return {};
}

}  // namespace

Secret first_line(const WipingText& text, LineEnd end) {
  std::string_view line(text.data(), text.size());
  if (end == LineEnd::kFirst) line = line.substr(0, line.find('\n'));
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return Secret(line);
}

Result<Secret> read_secret_file(const std::string& path) {
  // Not blocking: a FIFO in its place must not hold us.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat info{};
  if (file.get() < 0 || fstat(file.get(), &info) != 0)
    return fail(Why::kStore, "cannot read " + path + ": " + reason());
  TRY(check_secret(path, info));
  return secret_in(path, file.get());
}

Result<> check_private_file(const std::string& path) {
  struct stat info{};
  if (lstat(path.c_str(), &info) != 0)
    return fail(errno == ENOENT ? Why::kNotFound : Why::kStore, path + ": " + reason());
  return check_private(path, info);
}

Result<Secret> read_private_file(const std::string& path) {
  TRY(check_private_file(path));
  const Descriptor file(
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW));
  struct stat info{};
  if (file.get() < 0 || fstat(file.get(), &info) != 0)
    return fail(Why::kStore, "cannot read " + path + ": " + reason());
  TRY(check_private(path, info));
  return secret_in(path, file.get());
}

Result<> rename_new(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
    // Network file systems know no such rename; a link does not replace either.
    const bool linked = errno == EINVAL && link(from.c_str(), to.c_str()) == 0;
    const Why why = errno == EEXIST ? Why::kConflict : Why::kStore;
    const std::string text = "cannot create " + to + ": " + reason();
    unlink(from.c_str());
    if (!linked) return fail(why, text);
  }
  return sync_directory_of(to);
}

namespace {

/// A finished file beside `path`, under a name that nobody else uses.
Result<std::string> write_draft(const std::string& path, const Secret& secret) {
  std::string draft = path + "." + std::string(crypto::random_uuid()) + ".new";
  const Descriptor file(
      ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.get() < 0) return fail(Why::kStore, "cannot create " + path + ": " + reason());
  auto written = write_all(file.get(), secret.reveal());
  if (written) return draft;
  unlink(draft.c_str());
  return fail(Why::kStore, "cannot write " + path + ": " + written.error().say);
}

}  // namespace

Result<> create_secret_file(const std::string& path, const Secret& secret) {
  const auto draft = TRY(write_draft(path, secret));
  return rename_new(draft, path);
}

Result<> replace_secret_file(const std::string& path, const Secret& secret) {
  struct stat info{};
  if (lstat(path.c_str(), &info) == 0) TRY(check_private(path, info));
  const auto draft = TRY(write_draft(path, secret));
  if (std::rename(draft.c_str(), path.c_str()) != 0) {
    const std::string text = "cannot create " + path + ": " + reason();
    unlink(draft.c_str());
    return fail(Why::kStore, text);
  }
  return sync_directory_of(path);
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<> sync_directory_of(const std::string& path) {
  const std::string directory = directory_of(path);
  const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || (fsync(opened.get()) != 0 && errno != EINVAL))
    return fail(Why::kStore, "cannot make " + directory + " durable: " + reason());
  return {};
}

}  // namespace latchkey::broker
