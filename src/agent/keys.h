#pragma once

#include <memory>
#include <mutex>

#include "broker/key_ring.h"

namespace latchkey::agent {

/// The agent's hold on the vault: opened once, lent to every thread as a connection of
/// its own. Thread-safe.
class Keys {
 public:
  /// What they point at must outlive it. `config` as KeyRing::Options.
  Keys(const dialect::Registry& registry, broker::World world, std::string config)
      : registry_(registry), world_(std::move(world)), config_(std::move(config)) {}

  /// Opens the vault as the configuration says, with `passphrase` if there is one. May
  /// take seconds, and run programs. Errors as KeyRing::vault; nothing is held then.
  Result<> open(bool create, std::optional<Secret> passphrase);
  /// Lets go of the key. Connections that were lent live on until they are dropped.
  void close();
  /// kStore while it is closed.
  Result<broker::Vault> lend(std::chrono::milliseconds patience = std::chrono::seconds{10});

  const dialect::Registry& registry() const { return registry_; }
  const broker::World& world() const { return world_; }
  const std::string& config() const { return config_; }

 private:
  const dialect::Registry& registry_;
  const broker::World world_;
  const std::string config_;
  std::mutex opening_;  // one at a time
  std::mutex mutex_;    // of what follows
  std::optional<broker::Vault> vault_;
  std::uint64_t closed_ = 0;  // how often
};

}  // namespace latchkey::agent
