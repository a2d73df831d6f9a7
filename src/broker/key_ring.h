#pragma once

#include "broker/broker.h"
#include "broker/places.h"
#include "broker/vault_key.h"

namespace latchkey::broker {

/// What every program opens first: the user's configuration, the vault and a broker
/// over it. Each is opened when it is first asked for, so that who needs neither
/// touches neither. One object from one thread; any number of them over one vault.
class KeyRing {
 public:
  struct Options {
    std::string config = {};  ///< empty: $LATCHKEY_CONFIG, else config.toml in the config directory
    /// Asks for the vault's passphrase. Unset: nobody is there, kPersonNeeded.
    AskPassphrase ask = {};
    /// Read before, so that it is not read again; unset: it is.
    std::optional<Config> ready = {};
  };
  /// `registry` and whatever `world` points at must outlive it.
  KeyRing(const dialect::Registry& registry, World world, Options options)
      : registry_(registry),
        world_(std::move(world)),
        options_(std::move(options)),
        config_(std::move(options_.ready)) {}
  KeyRing(const KeyRing&) = delete;
  KeyRing& operator=(const KeyRing&) = delete;

  /// kUsage for a bad one; kPolicy when others may write to it: they could send the
  /// tokens elsewhere. No file where none is named: an empty configuration.
  Result<const Config*> config();
  /// Where it is or would be, from the root.
  Result<std::string> config_path() const;
  /// kUnknownName, listing what there is.
  Result<Profile> profile(const std::string& name);
  /// With `create`, a vault is made if there is none; else kNotFound.
  Result<Vault*> vault(bool create);
  Result<Broker*> broker(bool create_vault = true);

  const World& world() const { return world_; }
  const dialect::Registry& registry() const { return registry_; }
  Instant now() const { return world_.clock->now(); }

 private:
  Result<KeyChain> key_chain();
  /// What the options or $LATCHKEY_CONFIG say; empty: neither.
  std::string named_config() const;

  const dialect::Registry& registry_;
  World world_;
  Options options_;
  std::optional<Config> config_;
  std::optional<Vault> vault_;
  std::optional<Broker> broker_;
};

}  // namespace latchkey::broker
