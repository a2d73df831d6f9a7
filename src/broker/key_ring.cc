#include "broker/key_ring.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "broker/files.h"

namespace latchkey::broker {
namespace {

constexpr std::size_t kMostConfigBytes = 1 << 20;

bool read_all(int fd, std::string& text) {
  for (char piece[8192]; text.size() <= kMostConfigBytes;) {
    const auto got = ::read(fd, piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0;
    text.append(piece, static_cast<std::size_t>(got));
  }
  return false;
}

/// The text of a configuration file; "" when there is none. kPolicy when others
/// may write to it: they could send the tokens elsewhere.
Result<std::string> read_config(const std::string& path, bool must_exist) {
  // Not blocking: a FIFO in its place must not hold us.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0 && errno == ENOENT && !must_exist) return std::string();
  if (fd < 0) return fail(Why::kUsage, "cannot read " + path + ": " + std::strerror(errno));
  struct stat info{};
  const bool regular = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
  std::string text;
  const bool whole = regular && read_all(fd, text);
  ::close(fd);
  if (!regular) return fail(Why::kUsage, path + " is not a regular file");
  if (!whole) return fail(Why::kUsage, "cannot read " + path + ", or it is too long");
  const bool foreign = info.st_uid != geteuid() && info.st_uid != 0;
  if (foreign || (info.st_mode & 022) != 0)
    return fail(Why::kPolicy, path + " can be changed by others; mend it: chmod go-w " + path);
  return text;
}

/// From the root, so that it means the same wherever it is used.
std::string absolute(const std::string& path) {
  std::error_code failed;
  const auto whole = std::filesystem::absolute(path, failed);
  return failed ? path : whole.string();
}

}  // namespace

std::string KeyRing::named_config() const {
  if (!options_.config.empty()) return options_.config;
  return world_.environment("LATCHKEY_CONFIG").value_or("");
}

Result<std::string> KeyRing::config_path() const {
  const std::string named = named_config();
  if (!named.empty()) return absolute(named);
  const auto places = TRY(find_places(world_.environment));
  return places.config_dir + "/config.toml";
}

Result<const Config*> KeyRing::config() {
  if (config_) return &*config_;
  const std::string path = TRY(config_path());
  const std::string text = TRY(read_config(path, !named_config().empty()));
  config_ = TRY(parse_config(text, path, registry_));
  return &*config_;
}

Result<Profile> KeyRing::profile(const std::string& name) {
  const auto* read = TRY(config());
  auto found = find_profile(*read, ProfileName(name));
  if (found || !read->profiles.empty()) return found;
  const std::string path = TRY(config_path());
  return fail(Why::kUnknownName, found.error().say + "; there is none at all in " + path);
}

Result<KeyChain> KeyRing::key_chain() {
  const auto* read = TRY(config());
  const auto places = TRY(find_places(world_.environment));
  KeyChain chain{read->vault, world_.environment, options_.ask};
  if (chain.choice.path.empty()) chain.choice.path = places.state_dir + "/vault.db";
  if (chain.choice.key_file.empty()) chain.choice.key_file = places.config_dir + "/vault.key";
  if (!chain.ask)
    chain.ask = [](bool) -> Result<Secret> {
      return fail(Why::kPersonNeeded,
                  "the vault's passphrase is needed, and nobody is there to ask");
    };
  return chain;
}

Result<Vault*> KeyRing::vault(bool create) {
  if (vault_) return &*vault_;
  const auto chain = TRY(key_chain());
  if (create) {
    for (const auto* path : {&chain.choice.path, &chain.choice.key_file})
      TRY(make_private_directory(directory_of(*path)));
  }
  vault_ = TRY(Vault::open(chain, create));
  return &*vault_;
}

Result<Broker*> KeyRing::broker(bool create_vault) {
  if (broker_) return &*broker_;
  auto* opened = TRY(vault(create_vault));
  broker_.emplace(*opened, world_);
  return &*broker_;
}

}  // namespace latchkey::broker
