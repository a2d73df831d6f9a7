#pragma once

#include <CLI/CLI.hpp>

#include "cli/context.h"

namespace latchkey::cli {

/// One command: how it is called, and what it does. `add` declares its options on
/// the parser and returns what to run; the table in commands.cc is the one list.
using Run = std::function<Result<int>(Context&)>;
struct Command {
  const char* name;
  const char* help;
  Run (*add)(CLI::App& parser, const dialect::Registry& registry);
  bool runs = false;  ///< the words behind "--" are a command that it runs
};

const std::vector<Command>& commands();
/// What they mean, in three lines.
extern const char* const kExitCodes;

Run add_login(CLI::App& parser, const dialect::Registry& registry);
Run add_logout(CLI::App& parser, const dialect::Registry& registry);
Run add_token(CLI::App& parser, const dialect::Registry& registry);
Run add_header(CLI::App& parser, const dialect::Registry& registry);
Run add_request(CLI::App& parser, const dialect::Registry& registry);
Run add_exec(CLI::App& parser, const dialect::Registry& registry);
Run add_credential_helper(CLI::App& parser, const dialect::Registry& registry);
Run add_export(CLI::App& parser, const dialect::Registry& registry);
Run add_import(CLI::App& parser, const dialect::Registry& registry);
Run add_proxy(CLI::App& parser, const dialect::Registry& registry);
Run add_doctor(CLI::App& parser, const dialect::Registry& registry);
Run add_completion(CLI::App& parser, const dialect::Registry& registry);
Run add_status(CLI::App& parser, const dialect::Registry& registry);
Run add_refresh(CLI::App& parser, const dialect::Registry& registry);
Run add_validate(CLI::App& parser, const dialect::Registry& registry);
Run add_revoke(CLI::App& parser, const dialect::Registry& registry);
Run add_agent(CLI::App& parser, const dialect::Registry& registry);
Run add_providers(CLI::App& parser, const dialect::Registry& registry);

/// The whole program. Data goes to standard output, everything else to standard
/// error; the exit code is of exit_code.h.
int run(int argc, char** argv, const Edges& edges);

}  // namespace latchkey::cli
