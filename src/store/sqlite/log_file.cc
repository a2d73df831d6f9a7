#include "store/sqlite/log_file.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

namespace latchkey::store {

namespace {

/// Beyond this, what was gathered goes to the file before its sync.
constexpr std::size_t kMostGathered = 1 << 20;
/// SQLite's own file system writes less than twice as much at once.
constexpr std::size_t kAtOnce = 64 * 1024;
/// The most that a log is made longer ahead of what is in it.
constexpr sqlite3_int64 kMostAhead = 1 << 20;
constexpr sqlite3_int64 kBlock = 4096;

sqlite3_vfs* plain_files = nullptr;

/// SQLite gives the memory, of its sqlite3_vfs::szOsFile bytes: this, and behind it the plain file.
struct LogFile : sqlite3_file {
  sqlite3_file* plain;
  std::vector<char>* gathered;
  bool gathers;         ///< else everything goes through
  sqlite3_int64 start;  ///< where in the file `gathered` begins
  sqlite3_int64 room;   ///< the file's size, as far as it was asked

  sqlite3_int64 end() const { return start + static_cast<sqlite3_int64>(gathered->size()); }
};

constexpr int kOwnSize = (sizeof(LogFile) + 15) / 16 * 16;

LogFile& log_of(sqlite3_file* file) { return *static_cast<LogFile*>(file); }

int write_out(LogFile& log) {
  for (std::size_t at = 0; at < log.gathered->size();) {
    const std::size_t size = std::min(kAtOnce, log.gathered->size() - at);
    const int code =
        log.plain->pMethods->xWrite(log.plain, log.gathered->data() + at, static_cast<int>(size),
                                    log.start + static_cast<sqlite3_int64>(at));
    if (code != SQLITE_OK) {
      log.gathered->clear();  // SQLite rolls back
      return code;
    }
    at += size;
  }
  log.gathered->clear();
  return SQLITE_OK;
}

// A file that grows has a new size and new blocks to write down with every sync, and the disk is
// waited for once or twice more. So a log that reaches its end gets zeros to write over, at most as
// many as there is of it. SQLite reads no further than to the first frame that is none
// (fileformat2.html, section 4.1). Only for whoever may write the log, as what comes here does;
// where there is no more room on the disk, nothing is lost yet.
void make_room(LogFile& log, sqlite3_int64 end) {
  if (end <= log.room || log.plain->pMethods->xFileSize(log.plain, &log.room) != SQLITE_OK ||
      end < log.room)
    return;
  static const char kZeros[kAtOnce] = {};
  const sqlite3_int64 until = (end + std::min(end, kMostAhead)) / kBlock * kBlock;
  for (log.room = end; log.room < until;) {
    const auto size = std::min<sqlite3_int64>(kAtOnce, until - log.room);
    if (log.plain->pMethods->xWrite(log.plain, kZeros, static_cast<int>(size), log.room) !=
        SQLITE_OK)
      return;
    log.room += size;
  }
}

int close_log(sqlite3_file* file) {
  LogFile& log = log_of(file);
  const int written = write_out(log);
  const int code = log.plain->pMethods->xClose(log.plain);
  delete log.gathered;
  return written != SQLITE_OK ? written : code;
}

int read_log(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  LogFile& log = log_of(file);
  const bool apart = at >= log.end() || at + size <= log.start;
  if (!log.gathered->empty() && !apart) {
    if (at >= log.start && at + size <= log.end()) {
      std::memcpy(to, log.gathered->data() + (at - log.start), static_cast<std::size_t>(size));
      return SQLITE_OK;
    }
    if (const int code = write_out(log); code != SQLITE_OK) return code;
  }
  return log.plain->pMethods->xRead(log.plain, to, size, at);
}

int write_log(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) try {
  LogFile& log = log_of(file);
  if (!log.gathers) return log.plain->pMethods->xWrite(log.plain, from, size, at);
  const auto more = static_cast<std::size_t>(size);
  const bool fits = at == log.end() && log.gathered->size() + more <= kMostGathered;
  if (!log.gathered->empty() && !fits) {
    if (const int code = write_out(log); code != SQLITE_OK) return code;
  }
  if (log.gathered->empty()) log.start = at;
  const char* bytes = static_cast<const char*>(from);
  log.gathered->insert(log.gathered->end(), bytes, bytes + more);
  return SQLITE_OK;
} catch (const std::bad_alloc&) {
  return SQLITE_IOERR_NOMEM;
}

int truncate_log(sqlite3_file* file, sqlite3_int64 size) {
  LogFile& log = log_of(file);
  const int code = write_out(log);
  log.room = 0;
  return code != SQLITE_OK ? code : log.plain->pMethods->xTruncate(log.plain, size);
}

int sync_log(sqlite3_file* file, int flags) {
  LogFile& log = log_of(file);
  const bool appends = !log.gathered->empty();
  const sqlite3_int64 end = log.end();
  const int code = write_out(log);
  if (code == SQLITE_OK && appends) make_room(log, end);
  return code != SQLITE_OK ? code : log.plain->pMethods->xSync(log.plain, flags);
}

int size_of_log(sqlite3_file* file, sqlite3_int64* size) {
  LogFile& log = log_of(file);
  const int code = write_out(log);
  return code != SQLITE_OK ? code : log.plain->pMethods->xFileSize(log.plain, size);
}

int lock_log(sqlite3_file* file, int level) {
  sqlite3_file* plain = log_of(file).plain;
  return plain->pMethods->xLock(plain, level);
}
int unlock_log(sqlite3_file* file, int level) {
  sqlite3_file* plain = log_of(file).plain;
  return plain->pMethods->xUnlock(plain, level);
}
int is_locked(sqlite3_file* file, int* found) {
  sqlite3_file* plain = log_of(file).plain;
  return plain->pMethods->xCheckReservedLock(plain, found);
}
int control_log(sqlite3_file* file, int what, void* with) {
  sqlite3_file* plain = log_of(file).plain;
  return plain->pMethods->xFileControl(plain, what, with);
}
int sector_of_log(sqlite3_file* file) {
  sqlite3_file* plain = log_of(file).plain;
  return plain->pMethods->xSectorSize(plain);
}
int traits_of_log(sqlite3_file* file) {
  sqlite3_file* plain = log_of(file).plain;
  return plain->pMethods->xDeviceCharacteristics(plain);
}

// Version 1: neither shared memory nor mapping, which a log needs not.
constexpr sqlite3_io_methods kMethods{
    1,        close_log,  read_log,  write_log,   truncate_log,  sync_log,      size_of_log,
    lock_log, unlock_log, is_locked, control_log, sector_of_log, traits_of_log, nullptr,
    nullptr,  nullptr,    nullptr,   nullptr,     nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* given) {
  if ((flags & SQLITE_OPEN_WAL) == 0)
    return plain_files->xOpen(plain_files, name, file, flags, given);
  auto* log = new (file) LogFile{};
  log->pMethods = nullptr;  // SQLite does not close what has none
  log->plain = reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + kOwnSize);
  log->gathered = new (std::nothrow) std::vector<char>;
  if (log->gathered == nullptr) return SQLITE_IOERR_NOMEM;
  const int code = plain_files->xOpen(plain_files, name, log->plain, flags, given);
  if (code == SQLITE_OK) {
    log->pMethods = &kMethods;
    // Without this SQLite writes the end of a commit's last sector behind its sync.
    log->gathers = (traits_of_log(log) & SQLITE_IOCAP_POWERSAFE_OVERWRITE) != 0;
  } else {
    if (log->plain->pMethods != nullptr) log->plain->pMethods->xClose(log->plain);
    delete log->gathered;
  }
  return code;
}

}  // namespace

void forget_gathered(sqlite3* db) {
  sqlite3_file* file = nullptr;
  const int code = sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
  if (code == SQLITE_OK && file != nullptr && file->pMethods == &kMethods)
    log_of(file).gathered->clear();
}

const char* log_gathering_files() {
  static const char* const name = []() -> const char* {
    constexpr const char* kName = "latchkey-log";
    plain_files = sqlite3_vfs_find(nullptr);
    if (plain_files == nullptr) return nullptr;
    static sqlite3_vfs files = *plain_files;
    files.zName = kName;
    files.szOsFile = plain_files->szOsFile + kOwnSize;
    files.xOpen = open_file;
    return sqlite3_vfs_register(&files, 0) == SQLITE_OK ? kName : nullptr;
  }();
  return name;
}

}  // namespace latchkey::store
