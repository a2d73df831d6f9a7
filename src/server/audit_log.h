#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/json.h"
#include "engine/local_authority.h"

namespace latchkey::server {

/// When a line of the audit log is on disk, besides what is grave: that always is
/// before its writer goes on.
enum class AuditSync { kEachLine, kEachSecond, kNever };

struct AuditOptions {
  std::string file = {};  ///< a full path; "": no audit log
  AuditSync sync = AuditSync::kEachSecond;
  bool routine = false;  ///< renewals and delegations too
};

/// An append-only file of JSON lines: what happened to whom, and who did it. Each line
/// ends in "chain", a keyed hash of the line and of all before it, so that a line that
/// was changed, cut out or put in is seen (audit_verify.h). Control characters are
/// escaped (checklist 69); no secret gets in, because events have none.
/// Several processes may append at the same time. Thread-safe.
class AuditLog {
 public:
  /// Makes the file (0600) if it is missing; half a line at its end, of a crash, is cut
  /// off. `keys` must outlive it. kStore when the file is
  /// unsafe or cannot be written.
  static Result<std::unique_ptr<AuditLog>> open(AuditOptions options, const engine::Keys& keys);
  /// Everything is on disk after it, unless that was not wanted.
  ~AuditLog();

  /// Written when it returns; on disk too if it is `grave`. kStore when it could not be:
  /// then nothing of it is there, and failures() is one more.
  Result<> append(Instant at, std::string_view event, const json::Object& facts, bool grave);
  /// The same for an event of the engine, unless it is routine that is not wanted.
  void told(const engine::Event& event);

  /// After the file was moved away: goes on in a new one at the old path.
  void reopen();
  /// Called about every second in which lines were written, with the last one's number.
  /// Before the first append.
  void on_flush(std::function<void(std::int64_t last)> tell) { on_flush_ = std::move(tell); }

  std::int64_t last() const;
  std::uint64_t failures() const;
  const std::string& path() const { return options_.file; }

 private:
  AuditLog(AuditOptions options, const engine::Keys& keys, int file);
  Result<> write_line(Instant at, std::string_view event, const json::Object& facts);
  Result<> catch_up();
  Result<> begin_file();
  Result<> go_on_from(const std::string& line);
  void run();
  void flush();

  const AuditOptions options_;
  const engine::Keys& keys_;
  std::function<void(std::int64_t)> on_flush_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  int file_;
  std::int64_t size_ = -1;  ///< where our last line ended; -1: not looked yet
  std::int64_t last_ = 0;   ///< the number of the last line
  std::string chain_;
  std::uint64_t failures_ = 0;
  bool dirty_ = false, stopped_ = false;
  std::thread thread_;
};

/// The chain's next link: of the line's text before its "chain" member.
std::string audit_chain(const engine::Keys& keys, std::string_view before, std::string_view line);
/// What stands between that text and the link.
inline constexpr std::string_view kChainMember = ",\"chain\":\"";

/// Whether it must be on disk before anybody goes on: reuse, suspension, revocation.
bool is_grave(std::string_view event);
/// Whether it is daily business: a renewal, a delegation.
bool is_routine(std::string_view event);

}  // namespace latchkey::server
