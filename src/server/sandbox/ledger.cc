#include "server/sandbox/ledger.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/text.h"
#include "crypto/digest.h"

namespace latchkey::server {
namespace {

constexpr std::size_t kHashBytes = 8;
constexpr off_t kLongestLine = 64 * 1024;

std::unexpected<Error> trouble(const std::string& doing, const std::string& path) {
  return fail(Why::kStore, "cannot " + doing + " the ledger " + path + ": " + std::strerror(errno));
}

/// Cuts off what stands behind the last newline. errno says why not.
bool cut_torn_line(int file) {
  struct stat info{};
  if (fstat(file, &info) != 0) return false;
  const off_t from = std::max<off_t>(0, info.st_size - kLongestLine);
  std::string tail(static_cast<std::size_t>(info.st_size - from), '\0');
  if (pread(file, tail.data(), tail.size(), from) != static_cast<ssize_t>(tail.size()))
    return false;
  const auto newline = tail.rfind('\n');
  const off_t end = newline == tail.npos ? from : from + static_cast<off_t>(newline) + 1;
  return end == info.st_size || ftruncate(file, end) == 0;
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(file, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::open(const std::string& path, Sync sync) {
  const int file =
      ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (file < 0) return trouble("open", path);
  std::unique_ptr<Ledger> ledger(new Ledger(path, file, sync));
  struct stat info{};
  if (fstat(file, &info) != 0) return trouble("open", path);
  if (!S_ISREG(info.st_mode)) return fail(Why::kStore, path + " is not a plain file");
  if (!cut_torn_line(file)) return trouble("read", path);
  return ledger;
}

Ledger::~Ledger() { close(file_); }

Result<> Ledger::append(const json::Object& event) {
  const std::string line = json::write(event) + "\n";
  std::scoped_lock lock(mutex_);
  const off_t end = lseek(file_, 0, SEEK_END);
  if (end >= 0 && write_all(file_, line) && (sync_ == Sync::kNever || fdatasync(file_) == 0))
    return {};
  auto said = trouble("write", path_);
  // Half a line would spoil the next; if this fails too, reading will say so.
  if (end >= 0 && ftruncate(file_, end) != 0) said.error().note = "half a line stands in it";
  return said;
}

std::string ledger_hash(const Secret& secret) {
  if (secret.empty()) return {};
  const auto digest = crypto::sha256(bytes_of(secret.reveal()));
  return to_hex(ByteView(digest).first(kHashBytes));
}

Result<json::Array> read_ledger(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(Why::kUnknownName, "there is no ledger " + path);
  json::Array events;
  std::string line;
  std::size_t read = 0;
  while (std::getline(in, line)) {
    if (in.eof()) break;  // torn
    read += line.size() + 1;
    if (read > kMostLedgerBytes) return fail(Why::kStore, path + " is too large to be judged");
    auto event = json::parse(line);
    if (!event || event->as_object() == nullptr)
      return fail(Why::kStore,
                  path + ":" + std::to_string(events.size() + 1) + ": this is no line of a ledger");
    events.push_back(std::move(*event));
  }
  return events;
}

}  // namespace latchkey::server
