#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/ids.h"
#include "dialect/registry.h"

namespace latchkey::broker {

/// Where a secret answer comes from. Secrets never stand in the configuration.
struct SecretSource {
  enum class Kind { kFile, kVariable, kCommand };
  Kind kind = Kind::kFile;
  std::vector<std::string>
      words;  ///< the path, the variable's name, or the program and its arguments
  friend bool operator==(const SecretSource&, const SecretSource&) = default;
};

/// One account as the user configured it.
struct Profile {
  ProfileName name;
  const dialect::Dialect* dialect = nullptr;
  dialect::Settings settings;
  std::string base_url;
  std::string api_url;  ///< where protected calls go
  std::string ca_file;  ///< extra trust for a private authority; empty: the system's
  std::map<std::string, std::string, std::less<>> facts;     ///< plain answers
  std::map<std::string, SecretSource, std::less<>> sources;  ///< where secret answers are
  std::vector<std::string> hosts;  ///< further API hosts ("host" or "host:port"): hosts.h
  bool is_default = false;         ///< the one to be taken where several have one host
  bool keep_secrets = false;       ///< login secrets may be kept, sealed, for logging in again
  bool validate_first = false;     ///< ask the provider before `request`, where it can tell
  Seconds live_for{60};            ///< how long a token must live to be handed out
  Seconds timeout{30};             ///< for one call to the provider
  /// The age at which the credentials are to be changed; zero: nobody wants that.
  Seconds rotate_credentials_after{0};
};

/// How the vault is protected, as configured.
struct VaultChoice {
  enum class Key { kAuto, kCredential, kSecretService, kPassphrase, kFile };
  Key key = Key::kAuto;
  std::string path;                  ///< empty: vault.db in the state directory
  std::string key_file;              ///< empty: vault.key in the config directory
  std::vector<std::string> askpass;  ///< a program that prints the passphrase
};

/// How the agent behaves, as configured.
struct AgentChoice {
  bool auto_start = false;  ///< `latchkey token` starts one when none is running
  std::string socket;       ///< empty: the usual place
  Seconds refresh_ahead{300};
  std::vector<std::string> notify;  ///< a program that hears of every event
  Seconds remind{48 * 3600};        ///< how long before it a human action is told of
};

struct Config {
  VaultChoice vault;
  AgentChoice agent;
  std::map<ProfileName, Profile> profiles;
};

/// Reads config.toml. kUsage with file, line and what is wrong for: bad TOML, an
/// unknown key (a misspelt one must not be ignored), a secret in clear, a secret
/// from two places, a base_url or api_url that is neither https nor on loopback or
/// names a user, a name that a shell would not take as a word. kUnknownName for a
/// provider that is unknown. Relative paths begin in the folder of `file`, which is
/// absolute.
///
///     [vault]
///     key = "auto"            # auto, credential, secret-service, passphrase, file
///     [agent]
///     refresh_ahead = "5m"    # and auto_start, socket, notify = ["cmd", …], remind = "48h"
///     [profiles.desk]
///     provider = "…"          # latchkey providers lists them
///     api_key = "…"
///     api_secret_file = "…"   # or api_secret_env, api_secret_command
///     [profiles.desk.settings]       # or in the profile itself, where no answer has that name
Result<Config> parse_config(std::string_view text, const std::string& file,
                            const dialect::Registry& registry);

/// kUnknownName, listing what there is.
Result<Profile> find_profile(const Config& config, const ProfileName& name);

}  // namespace latchkey::broker
