#pragma once

#include "server/commands/command.h"

namespace latchkey::server {

/// Which running sandbox a verb talks to.
struct Remote {
  std::string url;
};

/// advance, revoke, restart-day, outbox, approve, decline, requests, info. `port`
/// is bound by the caller and lives as long as `chosen`.
void add_sandbox_verbs(CLI::App& sandbox, Chosen& chosen, std::shared_ptr<Remote> remote,
                       const std::uint16_t& port);

}  // namespace latchkey::server
