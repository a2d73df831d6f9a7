#pragma once

#include <functional>
#include <memory>

#include "broker/broker.h"
#include "broker/places.h"

namespace latchkey::cli {

/// What main() hands to the commands: the edges of the world that a program has
/// and a library must not choose.
struct Edges {
  const dialect::Registry* registry = nullptr;
  broker::World world;
  /// Listens on a loopback redirect URI and gives the callback's target; the
  /// function that it is given runs once it listens.
  std::function<Result<http::Target>(const std::string& redirect_uri, Seconds patience,
                                     const std::function<void()>& ready)>
      callback;
};

/// Flags that every command takes.
struct Common {
  std::string config;  ///< empty: $LATCHKEY_CONFIG, else config.toml in the config directory
  bool no_input = false;
  bool json = false;
};

/// What a command works with. Opens the configuration and the vault when they are
/// first asked for, so that a command that needs neither touches neither.
class Context {
 public:
  Context(const Edges& edges, Common common) : edges_(edges), common_(std::move(common)) {}

  Result<const broker::Config*> config();
  /// Where it is or would be, from the root.
  Result<std::string> config_path() const;
  Result<broker::Profile> profile(const std::string& name);
  /// With `create`, a vault is made if there is none; else kNotFound.
  Result<broker::Vault*> vault(bool create);
  Result<broker::Broker*> broker(bool create_vault = true);

  const Edges& edges() const { return edges_; }
  const Common& common() const { return common_; }
  Instant now() const { return edges_.world.clock->now(); }

 private:
  Result<broker::KeyChain> key_chain();
  /// What --config or $LATCHKEY_CONFIG says; empty: neither.
  std::string named_config() const;

  const Edges& edges_;
  Common common_;
  std::optional<broker::Config> config_;
  std::optional<broker::Vault> vault_;
  std::optional<broker::Broker> broker_;
};

}  // namespace latchkey::cli
