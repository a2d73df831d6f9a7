#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/log.h"
#include "server/commands/office.h"
#include "server/commands/output.h"
#include "server/master_key.h"
#include "server/secret_file.h"

namespace latchkey::server {
namespace {

namespace fs = std::filesystem;

struct Args {
  std::string file;
  bool replace = false, dry_run = false;
};
void bind_file(CLI::App& verb, Args& args) {
  verb.add_option("file", args.file, "path")->required();
}
void bind_restore(CLI::App& verb, Args& args) {
  bind_file(verb, args);
  verb.add_flag("--replace", args.replace,
                "when there is a store: put it aside, under a name with the time");
}
void bind_migrate(CLI::App& verb, Args& args) {
  verb.add_flag("--dry-run", args.dry_run, "only say what would be done");
}

std::unexpected<Error> trouble(const std::string& doing, const std::string& path) {
  return fail(Why::kStore, "cannot " + doing + " " + path + ": " + std::strerror(errno));
}

Result<Config> config_of(const Edges& edges, const Chosen& chosen) {
  if (chosen.config.empty()) return fail(Why::kUsage, "which authority? give --config FILE");
  return read_config(chosen.config, *edges.registry);
}

/// Without the salt nobody gets a passphrase's key again.
Result<std::map<std::string, std::string>> facts_of(const Edges& edges, const Config& config) {
  std::map<std::string, std::string> facts{{"made", to_rfc3339(edges.clock->now())},
                                           {"by", "latchkeyd " + edges.version}};
  if (config.master_key.kind != MasterKeySource::Kind::kPrompt) return facts;
  const Secret salt = TRY(read_secret_file(salt_path(config.state_directory)));
  facts["salt"] = salt.reveal();
  return facts;
}

Result<> backup(const Edges& edges, const Chosen& chosen, const Args& args) {
  const Config config = TRY(config_of(edges, chosen));
  const auto facts = TRY(facts_of(edges, config));
  const std::string store = store_path(config.state_directory);
  const StoreFile what = TRY(edges.store_tools.look(store));
  TRY(edges.store_tools.back_up(store, args.file, facts));
  std::error_code error;
  const auto bytes = static_cast<std::int64_t>(fs::file_size(args.file, error));
  if (chosen.json)
    return print_json(json::Object{{"file", args.file}, {"schema", what.schema}, {"bytes", bytes}});
  return print_line("wrote " + args.file + ": schema " + std::to_string(what.schema) + ", " +
                    std::to_string(bytes) + " bytes");
}

Result<> copy_file(const std::string& from, const std::string& to) {
  const int in = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
  if (in < 0) return trouble("read", from);
  const int out = ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  std::vector<char> block(1 << 20);
  ssize_t n = out < 0 ? -1 : 1;
  while (n > 0) {
    n = ::read(in, block.data(), block.size());
    for (ssize_t done = 0; n > 0 && done < n;) {
      const ssize_t wrote = ::write(out, block.data() + done, static_cast<std::size_t>(n - done));
      if (wrote <= 0) n = -1;
      else done += wrote;
    }
  }
  const bool good = n == 0 && fsync(out) == 0;
  ::close(in);
  if (out >= 0) ::close(out);
  if (!good) return trouble("write", to);
  return {};
}

/// The salt of a passphrase comes back with the store, unless another one is in use.
Result<> restore_salt(const Config& config, const StoreFile& what) {
  const auto salt = what.facts.find("salt");
  if (salt == what.facts.end() || config.master_key.kind != MasterKeySource::Kind::kPrompt)
    return {};
  const std::string path = salt_path(config.state_directory);
  const auto written = write_secret_file(path, Secret(salt->second));
  if (written || written.error().why != Why::kConflict) return written;
  const Secret there = TRY(read_secret_file(path));
  if (there == Secret(salt->second)) return {};
  return fail(Why::kConflict, path + " is of another passphrase than the backup");
}

struct Prepared {
  StoreFile what = {};
  Secret master = {};
};

/// Opened once beside its place: that brings an older schema up to date, and shows
/// whether the master key is the right one.
Result<Prepared> prepare(const Edges& edges, const Config& config, const std::string& copy) {
  Prepared done;
  done.what = TRY(edges.store_tools.look(copy));
  TRY(restore_salt(config, done.what));
  done.master = TRY(read_master_key(config.master_key, config.state_directory,
                                    edges.environment("CREDENTIALS_DIRECTORY")));
  TRY(edges.store_tools.unpack(copy));
  const engine::Keys keys(done.master);
  const auto store = TRY(edges.open_store(copy));
  TRY(check_master_key(*store, keys, edges.clock->now()));
  return done;
}

Result<> put_aside(const std::string& store, Instant now) {
  for (const char* part : {"", "-wal", "-shm"}) {
    const std::string aside = store + ".replaced-" + std::to_string(epoch(now)) + part;
    if (::rename((store + part).c_str(), aside.c_str()) != 0 && errno != ENOENT)
      return trouble("put aside", store + part);
  }
  return {};
}

Result<> put_in_place(const std::string& copy, const std::string& store) {
  if (::rename(copy.c_str(), store.c_str()) != 0) return trouble("make", store);
  const int folder =
      ::open(fs::path(store).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool good = folder >= 0 && fsync(folder) == 0;
  if (folder >= 0) ::close(folder);
  if (!good) return trouble("write", store);
  return {};
}

void remove_copy(const std::string& copy) {
  for (const char* part : {"", "-wal", "-shm"}) ::unlink((copy + part).c_str());
}

/// From here on it is the store: opened as an authority opens it, everything ended that
/// was alive in it, because what was revoked since the backup must stay so; written down.
Result<> settle(const Edges& edges, const Config& config, const Prepared& prepared,
                const std::string& file) {
  const Office office = TRY(open_office(edges, config, prepared.master));
  TRY(office.epoch->restored(office.now));
  const auto audit = TRY(open_audit(office));
  const auto& facts = prepared.what.facts;
  const auto made = facts.find("made");
  const std::string from = made == facts.end() ? "" : made->second;
  if (audit)
    TRY(audit->append(office.now, "restored",
                      {{"who", "uid " + std::to_string(getuid())}, {"file", file}, {"made", from}},
                      true));
  return {};
}

Result<> restore(const Edges& edges, const Chosen& chosen, const Args& args) {
  const Config config = TRY(config_of(edges, chosen));
  TRY(make_state_directory(config.state_directory));
  const StateLock lock = TRY(StateLock::take(config.state_directory));
  const std::string store = store_path(config.state_directory), copy = store + ".restoring";
  struct stat info{};
  const bool there = lstat(store.c_str(), &info) == 0;
  if (there && !args.replace)
    return fail(Why::kConflict, store + " is there; --replace puts it aside");
  remove_copy(copy);
  TRY(copy_file(args.file, copy));
  const auto prepared = prepare(edges, config, copy);
  if (!prepared) {
    remove_copy(copy);
    return fail(prepared.error());
  }
  if (there) TRY(put_aside(store, edges.clock->now()));
  TRY(put_in_place(copy, store));
  TRY(settle(edges, config, *prepared, args.file));
  return print_line("restored " + args.file + ": schema " + std::to_string(prepared->what.schema) +
                    "; every token in it is ended");
}

Result<> migrate(const Edges& edges, const Chosen& chosen, const Args& args) {
  const Config config = TRY(config_of(edges, chosen));
  const std::string store = store_path(config.state_directory);
  const StoreFile what = TRY(edges.store_tools.look(store));
  std::optional<StateLock> lock;
  if (!args.dry_run && !what.steps.empty()) TRY(open_office(edges, chosen.config, &lock));
  if (chosen.json) {
    json::Array steps(what.steps.begin(), what.steps.end());
    return print_json(json::Object{
        {"schema", what.schema}, {"newest", what.newest}, {"steps", std::move(steps)}});
  }
  for (const auto& step : what.steps) TRY(print_line((args.dry_run ? "would do " : "did ") + step));
  if (what.steps.empty())
    return print_line("schema " + std::to_string(what.schema) + ": nothing to do");
  return {};
}

}  // namespace

void add_backup(CLI::App& app, Chosen& chosen) {
  add_verb<Args>(app, chosen, "backup",
                 "copy the store into a new file, while an authority may run", bind_file, backup);
  add_verb<Args>(app, chosen, "restore", "make a backup the store again; no authority may run",
                 bind_restore, restore);
  add_verb<Args>(app, chosen, "migrate", "bring the store to this program's schema", bind_migrate,
                 migrate);
}

}  // namespace latchkey::server
