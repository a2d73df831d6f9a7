#include "cli/context.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/terminal.h"

namespace latchkey::cli {
namespace {

constexpr std::size_t kMostConfigBytes = 1 << 20;

/// The text of a configuration file; "" when there is none. kPolicy when others
/// may write to it: they could send the tokens elsewhere.
Result<std::string> read_config(const std::string& path, bool must_exist) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT && !must_exist) return std::string();
  if (fd < 0) return fail(Why::kUsage, "cannot read " + path + ": " + std::strerror(errno));
  struct stat info {};
  std::string text;
  ssize_t got = -1;
  if (fstat(fd, &info) == 0 && static_cast<std::size_t>(info.st_size) <= kMostConfigBytes) {
    text.resize(static_cast<std::size_t>(info.st_size));
    got = ::read(fd, text.data(), text.size());
  }
  ::close(fd);
  if (got < 0) return fail(Why::kUsage, "cannot read " + path);
  text.resize(static_cast<std::size_t>(got));
  const bool foreign = info.st_uid != geteuid() && info.st_uid != 0;
  if (foreign || (info.st_mode & 022) != 0)
    return fail(Why::kPolicy, path + " can be changed by others; mend it: chmod go-w " + path);
  return text;
}

}  // namespace

Result<const broker::Config*> Context::config() {
  if (config_) return &*config_;
  std::string path = common_.config;
  if (path.empty()) path = edges_.world.environment("LATCHKEY_CONFIG").value_or("");
  const bool named = !path.empty();
  if (!named) {
    const auto places = TRY(broker::find_places(edges_.world.environment));
    path = places.config_dir + "/config.toml";
  }
  const std::string text = TRY(read_config(path, named));
  config_ = TRY(broker::parse_config(text, path, *edges_.registry));
  return &*config_;
}

Result<broker::Profile> Context::profile(const std::string& name) {
  const auto* read = TRY(config());
  return broker::find_profile(*read, ProfileName(name));
}

Result<broker::KeyChain> Context::key_chain() {
  const auto* read = TRY(config());
  const auto places = TRY(broker::find_places(edges_.world.environment));
  broker::KeyChain chain{read->vault, edges_.world.environment, nullptr};
  if (chain.choice.path.empty()) chain.choice.path = places.state_dir + "/vault.db";
  if (chain.choice.key_file.empty()) chain.choice.key_file = places.config_dir + "/vault.key";
  const bool no_input = common_.no_input;
  chain.ask = [no_input](bool is_new) -> Result<Secret> {
    if (no_input) return fail(Why::kPersonNeeded, "the vault's passphrase is needed");
    return ask_secret(is_new ? "New passphrase for the vault" : "Passphrase of the vault");
  };
  return chain;
}

Result<broker::Vault*> Context::vault(bool create) {
  if (vault_) return &*vault_;
  const auto chain = TRY(key_chain());
  if (create) {
    for (const auto* path : {&chain.choice.path, &chain.choice.key_file})
      TRY(broker::make_private_directory(path->substr(0, path->rfind('/'))));
  }
  vault_ = TRY(broker::Vault::open(chain, create));
  return &*vault_;
}

Result<broker::Broker*> Context::broker(bool create_vault) {
  if (broker_) return &*broker_;
  auto* opened = TRY(vault(create_vault));
  broker_.emplace(*opened, edges_.world);
  return &*broker_;
}

}  // namespace latchkey::cli
