#pragma once

#include "server/commands/sandbox_remote.h"

namespace latchkey::server {

/// advance, revoke, restart-day, outbox, approve, decline, requests, info. `port`
/// is bound by the caller and lives as long as `chosen`.
void add_sandbox_verbs(CLI::App& sandbox, Chosen& chosen, std::shared_ptr<Remote> remote,
                       const std::uint16_t& port);

/// fault, faults and verdict, on the same terms.
void add_sandbox_faults(CLI::App& sandbox, Chosen& chosen, std::shared_ptr<Remote> remote,
                        const std::uint16_t& port);
void add_sandbox_verdict(CLI::App& sandbox, Chosen& chosen, std::shared_ptr<Remote> remote,
                         const std::uint16_t& port);

}  // namespace latchkey::server
