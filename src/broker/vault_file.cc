#include "broker/vault_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>

#include "broker/database.h"
#include "broker/files.h"
#include "broker/lease.h"
#include "broker/vault_schema.h"
#include "crypto/random.h"

namespace latchkey::broker {
namespace {

/// Whoever makes the vault may be typing a new passphrase.
constexpr std::chrono::milliseconds kCreationPatience{120'000};

using FileId = std::pair<dev_t, ino_t>;

/// The files that are open, by their identity.
struct OpenFiles {
  std::mutex mutex;
  std::map<FileId, std::weak_ptr<const OpenFile>> files;
};

OpenFiles& open_files() {
  static auto& files = *new OpenFiles;  // for threads that end after main()
  return files;
}

VaultFile open_once(const std::string& path) {
  auto& open = open_files();
  const std::scoped_lock lock(open.mutex);
  std::erase_if(open.files, [](const auto& file) { return file.second.expired(); });
  struct stat info{};
  if (lstat(path.c_str(), &info) != 0) return nullptr;
  const auto known = open.files.find({info.st_dev, info.st_ino});
  if (known != open.files.end())
    if (auto file = known->second.lock()) return file;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  if (fd < 0) return nullptr;
  if (fstat(fd, &info) != 0) info = {};
  auto file = std::make_shared<const OpenFile>(fd, info.st_dev, info.st_ino);
  open.files[{info.st_dev, info.st_ino}] = file;
  return file;
}

Result<VaultFile> check_header(const std::string& path) {
  auto file = open_once(path);
  std::array<std::uint8_t, kHeadSize> head{};
  const auto got =
      file == nullptr ? -1 : ::pread(file->descriptor.get(), head.data(), head.size(), 0);
  if (got < 0)
    return fail(Why::kStore, "cannot read the vault " + path + ": " + std::strerror(errno));
  TRY(check_head(ByteView(head).first(static_cast<std::size_t>(got)), path));
  return file;
}

/// SQLite would replay the log of a vault that is gone into the new one.
Result<> refuse_orphans(const std::string& path) {
  for (const char* ending : {"-wal", "-journal"}) {
    struct stat info{};
    const std::string companion = path + ending;
    if (lstat(companion.c_str(), &info) == 0 && info.st_size > 0)
      return fail(Why::kStore, "the vault " + path + " is gone, but " + companion +
                                   " is there; restore the vault, or move that away too");
  }
  return {};
}

Result<> fill(const std::string& draft, const KeyChain& chain) {
  const NewKey fresh = TRY(make_vault_key(chain));
  const Database database = TRY(Database::open(draft));
  TRY(database.execute("PRAGMA journal_mode=WAL"));
  TRY(make_schema(database));
  const Statement insert = TRY(database.prepare("INSERT INTO meta VALUES('protection', ?1)"));
  bind_text(insert, 1, write_protection(fresh.protection));
  TRY(database.step(insert));
  return {};
}

void remove_draft(const std::string& draft) {
  for (const char* ending : {"", "-wal", "-shm", "-journal"}) unlink((draft + ending).c_str());
}

}  // namespace

Result<VaultFile> check_vault_file(const std::string& path) {
  TRY(check_private_file(path));
  for (const char* ending : {"-wal", "-shm", "-journal"}) {
    auto checked = check_private_file(path + ending);
    if (!checked && checked.error().why != Why::kNotFound) return fail(checked.error());
  }
  return check_header(path);
}

bool is_there(const std::string& path, const OpenFile& file) {
  struct stat info{};
  return lstat(path.c_str(), &info) == 0 && info.st_dev == file.device &&
         info.st_ino == file.number;
}

Result<> make_vault_file(const KeyChain& chain) {
  const std::string& path = chain.choice.path;
  const std::string name = path.substr(path.rfind('/') + 1);
  const Lease lease =
      TRY(Lease::take(directory_of(path), ProfileName("\n" + name), kCreationPatience));
  const auto there = check_private_file(path);
  if (there || there.error().why != Why::kNotFound) return {};  // somebody was faster
  TRY(refuse_orphans(path));
  const std::string draft = path + "." + crypto::random_uuid() + ".new";
  Descriptor empty(::open(draft.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (empty.get() < 0)
    return fail(Why::kStore, "cannot create the vault " + path + ": " + std::strerror(errno));
  auto made = fill(draft, chain);
  // Closing the last connection has put everything into the one file.
  if (made && fsync(empty.get()) != 0) made = fail(Why::kStore, std::strerror(errno));
  empty.reset();  // before anybody finds it: closing it later would free others' locks
  if (made) made = rename_new(draft, path);
  if (!made) remove_draft(draft);
  if (!made && made.error().why == Why::kConflict) return {};
  return made;
}

}  // namespace latchkey::broker
