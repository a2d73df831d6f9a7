#pragma once

#include <functional>

#include "broker/key_ring.h"

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
  std::vector<std::string> words;  ///< a command of the user's, behind "--"
};

/// Asks at the terminal, or through $LATCHKEY_ASKPASS; kPersonNeeded with `no_input`.
broker::AskPassphrase passphrase_of_person(const broker::Environment& environment, bool no_input);

/// What a command works with: the key ring, the edges and the common flags.
class Context : public broker::KeyRing {
 public:
  Context(const Edges& edges, Common common)
      : KeyRing(*edges.registry, edges.world,
                {common.config, passphrase_of_person(edges.world.environment, common.no_input)}),
        edges_(edges),
        common_(std::move(common)) {}

  const Edges& edges() const { return edges_; }
  const Common& common() const { return common_; }

 private:
  const Edges& edges_;
  const Common common_;
};

}  // namespace latchkey::cli
