#include "cli/context.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "broker/files.h"
#include "cli/terminal.h"

namespace latchkey::cli {
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

/// Twice: who mistypes a new passphrase has locked himself out.
Result<Secret> ask_new_passphrase() {
  const Secret first = TRY(ask_secret("New passphrase for the vault"));
  Secret second = TRY(ask_secret("The same passphrase again"));
  if (!(first == second)) return fail(Why::kPersonNeeded, "the two passphrases are not the same");
  return second;
}

}  // namespace

std::string Context::named_config() const {
  if (!common_.config.empty()) return common_.config;
  return edges_.world.environment("LATCHKEY_CONFIG").value_or("");
}

Result<std::string> Context::config_path() const {
  const std::string named = named_config();
  if (!named.empty()) return absolute(named);
  const auto places = TRY(broker::find_places(edges_.world.environment));
  return places.config_dir + "/config.toml";
}

Result<const broker::Config*> Context::config() {
  if (config_) return &*config_;
  const std::string path = TRY(config_path());
  const std::string text = TRY(read_config(path, !named_config().empty()));
  config_ = TRY(broker::parse_config(text, path, *edges_.registry));
  return &*config_;
}

Result<broker::Profile> Context::profile(const std::string& name) {
  const auto* read = TRY(config());
  auto found = broker::find_profile(*read, ProfileName(name));
  if (found || !read->profiles.empty()) return found;
  const std::string path = TRY(config_path());
  return fail(Why::kUnknownName, found.error().say + "; there is none at all in " + path);
}

Result<broker::KeyChain> Context::key_chain() {
  const auto* read = TRY(config());
  const auto places = TRY(broker::find_places(edges_.world.environment));
  broker::KeyChain chain{read->vault, edges_.world.environment, nullptr};
  if (chain.choice.path.empty()) chain.choice.path = places.state_dir + "/vault.db";
  if (chain.choice.key_file.empty()) chain.choice.key_file = places.config_dir + "/vault.key";
  const bool no_input = common_.no_input;
  const auto askpass = edges_.world.environment("LATCHKEY_ASKPASS");
  // Who has just chosen one twice is not asked a third time when the new vault opens.
  const auto chosen = std::make_shared<Secret>();
  chain.ask = [no_input, askpass, chosen](bool is_new) -> Result<Secret> {
    if (askpass) return broker::secret_from_command({*askpass, "Passphrase of the vault"});
    if (no_input)
      return fail(
          Why::kPersonNeeded,
          "the vault's passphrase is needed, and nobody is there to ask; set LATCHKEY_ASKPASS");
    if (!is_new) return chosen->empty() ? ask_secret("Passphrase of the vault") : *chosen;
    *chosen = TRY(ask_new_passphrase());
    return *chosen;
  };
  return chain;
}

Result<broker::Vault*> Context::vault(bool create) {
  if (vault_) return &*vault_;
  const auto chain = TRY(key_chain());
  if (create) {
    for (const auto* path : {&chain.choice.path, &chain.choice.key_file})
      TRY(broker::make_private_directory(broker::directory_of(*path)));
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
