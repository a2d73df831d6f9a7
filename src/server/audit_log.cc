#include "server/audit_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace latchkey::server {
namespace {

constexpr std::chrono::seconds kFlushEvery{1};
constexpr std::int64_t kLongestLine = 64 * 1024;
constexpr std::size_t kChainBytes = 16;

std::unexpected<Error> trouble(const std::string& doing, const std::string& path) {
  return fail(Why::kStore,
              "cannot " + doing + " the audit log " + path + ": " + std::strerror(errno));
}

Result<int> open_file(const std::string& path) {
  const int file =
      ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (file < 0) return trouble("open", path);
  struct stat info{};
  const bool plain = fstat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
                     (info.st_mode & 022) == 0;
  if (plain) return file;
  ::close(file);
  return fail(Why::kStore, path + " is not a file that only we may write");
}

/// The file for us alone, over all processes, while it lives.
class Turn {
 public:
  explicit Turn(int file) : file_(file), had_(flock(file, LOCK_EX) == 0) {}
  ~Turn() {
    if (had_) flock(file_, LOCK_UN);
  }
  bool had() const { return had_; }

 private:
  const int file_;
  const bool had_;
};

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string tail_of(int file, std::int64_t size) {
  const std::int64_t from = std::max<std::int64_t>(0, size - kLongestLine);
  std::string tail(static_cast<std::size_t>(size - from), '\0');
  const auto got = pread(file, tail.data(), tail.size(), from);
  tail.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return tail;
}

/// Beside the log: where its chain has come to, for the file after this one.
std::string head_of(const std::string& path) { return path + ".head"; }

void write_head(const std::string& path, std::int64_t last, const std::string& chain) {
  const std::string fresh = head_of(path) + ".new";
  const int file =
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return;
  const bool good = write_all(file, json::write(json::Object{{"seq", last}, {"chain", chain}}));
  ::close(file);
  if (good) std::rename(fresh.c_str(), head_of(path).c_str());
}

constexpr std::size_t kHashShown = 8;

/// Enough of a token's keyed hash to find its row in the store; nobody gets the token from it.
std::string short_hash(const engine::Hash& hash) {
  return to_hex(ByteView(hash).first(std::min(hash.size(), kHashShown)));
}

json::Object facts_of(const engine::Event& event) {
  json::Object facts;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) facts.add(name, printable(value));
  };
  add("realm", event.realm.text);
  add("client", event.client.text);
  add("user", event.subject.text);
  add("grant", event.grant.text);
  add("detail", event.detail);
  add("network", event.network);
  if (!event.token) return facts;
  add("token_hash", short_hash(event.token->hash));
  add("parent_hash", short_hash(event.token->parent));
  add("issued", to_rfc3339(event.token->issued));
  if (event.token->spent) add("spent", to_rfc3339(*event.token->spent));
  return facts;
}

}  // namespace

bool is_grave(std::string_view event) {
  for (const auto* one : {"reuse", "suspended", "revoked", "locked"})
    if (event == one) return true;
  return false;
}

bool is_routine(std::string_view event) {
  for (const auto* one : {"refresh", "refresh_again", "delegate"})
    if (event == one) return true;
  return false;
}

std::string audit_chain(const engine::Keys& keys, std::string_view before, std::string_view line) {
  std::string text = "audit log\n";
  text.append(before).append("\n").append(line);
  const engine::Hash hash = keys.hash_of(Secret(text));
  return to_hex(ByteView(hash).first(kChainBytes));
}

AuditLog::AuditLog(AuditOptions options, const engine::Keys& keys, int file)
    : options_(std::move(options)), keys_(keys), file_(file), thread_([this] { run(); }) {}

Result<std::unique_ptr<AuditLog>> AuditLog::open(AuditOptions options, const engine::Keys& keys) {
  const int file = TRY(open_file(options.file));
  std::unique_ptr<AuditLog> log(new AuditLog(std::move(options), keys, file));
  std::scoped_lock lock(log->mutex_);
  const Turn turn(file);
  TRY(log->catch_up());
  return log;
}

AuditLog::~AuditLog() {
  {
    std::scoped_lock lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  thread_.join();
  flush();
  ::close(file_);
}

/// Learns where the file ends when another process wrote to it, or a crash.
Result<> AuditLog::catch_up() {
  struct stat info{};
  if (fstat(file_, &info) != 0) return trouble("read", options_.file);
  if (info.st_size == size_) return {};
  std::string tail = tail_of(file_, info.st_size);
  const auto end = tail.rfind('\n') + 1;  // 0 when there is none
  size_ = info.st_size;
  if (end != tail.size()) {
    size_ -= static_cast<std::int64_t>(tail.size() - end);
    if (ftruncate(file_, size_) != 0) return trouble("mend", options_.file);
    log::write(log::Level::kWarn, "audit_mended", {{"file", options_.file}});
  }
  if (end == 0) return begin_file();
  tail.resize(end - 1);
  return go_on_from(tail.substr(tail.rfind('\n') + 1));
}

/// The chain goes on from the file before this one, if there was one.
Result<> AuditLog::begin_file() {
  if (last_ > 0) return {};
  const int file = ::open(head_of(options_.file).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return {};
  const std::string head = tail_of(file, kLongestLine);
  ::close(file);
  return go_on_from(head);
}

Result<> AuditLog::go_on_from(const std::string& line) {
  const auto value = json::parse(line);
  const auto* object = value ? value->as_object() : nullptr;
  if (object == nullptr)
    return fail(Why::kStore, options_.file + " ends in no line of an audit log");
  last_ = TRY(json::int_field(*object, "seq"));
  chain_ = TRY(json::string_field(*object, "chain"));
  return {};
}

Result<> AuditLog::write_line(Instant at, std::string_view event, const json::Object& facts) {
  const Turn turn(file_);
  if (!turn.had()) return trouble("lock", options_.file);
  TRY(catch_up());
  json::Object object{{"seq", last_ + 1}, {"at", to_rfc3339(at)}, {"event", event}};
  for (const auto& [name, value] : facts) object.add(name, value);
  std::string line = json::write(object);
  line.pop_back();  // the brace
  const std::string chain = audit_chain(keys_, chain_, line);
  line.append(kChainMember).append(chain).append("\"}\n");
  if (std::ssize(line) > kLongestLine)
    return fail(Why::kStore, "a line too long for the audit log");
  if (!write_all(file_, line)) {
    auto said = trouble("write", options_.file);
    if (ftruncate(file_, size_) != 0) said.error().note = "half a line stands in it";
    return said;
  }
  size_ += std::ssize(line);
  ++last_;
  chain_ = chain;
  dirty_ = true;
  return {};
}

Result<> AuditLog::append(Instant at, std::string_view event, const json::Object& facts,
                          bool grave) {
  std::unique_lock lock(mutex_);
  auto written = write_line(at, event, facts);
  const bool now =
      options_.sync == AuditSync::kEachLine || (grave && options_.sync != AuditSync::kNever);
  if (written && now && fdatasync(file_) != 0) written = trouble("write", options_.file);
  if (!written) ++failures_;
  return written;
}

void AuditLog::told(const engine::Event& event) {
  if (is_routine(event.what) && !options_.routine) return;
  const auto written = append(event.at, event.what, facts_of(event), is_grave(event.what));
  if (!written)
    log::write(log::Level::kError, "audit_failed",
               {{"what", event.what}, {"note", written.error().say}});
}

void AuditLog::reopen() {
  const auto fresh = open_file(options_.file);
  if (!fresh) {
    log::write(log::Level::kError, "audit_not_reopened", {{"note", fresh.error().say}});
    return;
  }
  std::scoped_lock lock(mutex_);
  if (options_.sync != AuditSync::kNever) (void)fdatasync(file_);
  ::close(std::exchange(file_, *fresh));
  size_ = -1;
  log::write(log::Level::kInfo, "audit_reopened", {{"file", options_.file}});
}

std::int64_t AuditLog::last() const {
  std::scoped_lock lock(mutex_);
  return last_;
}

std::uint64_t AuditLog::failures() const {
  std::scoped_lock lock(mutex_);
  return failures_;
}

/// The disk is waited for without the lock: nobody who writes waits with it.
void AuditLog::flush() {
  std::unique_lock lock(mutex_);
  if (!std::exchange(dirty_, false)) return;
  const int file = options_.sync == AuditSync::kNever ? -1 : dup(file_);
  const std::int64_t last = last_;
  write_head(options_.file, last, chain_);
  lock.unlock();
  if (file >= 0 && fdatasync(file) != 0)
    log::write(log::Level::kError, "audit_failed",
               {{"note", trouble("write", options_.file).error().say}});
  if (file >= 0) ::close(file);
  if (on_flush_) on_flush_(last);
}

void AuditLog::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kFlushEvery, [this] { return stopped_; })) {
    lock.unlock();
    flush();
    lock.lock();
  }
}

}  // namespace latchkey::server
