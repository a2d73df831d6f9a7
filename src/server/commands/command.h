#pragma once

#include <CLI/CLI.hpp>

#include "server/commands/commands.h"

namespace latchkey::server {

/// The command that was chosen, with its arguments bound.
struct Chosen {
  std::string config;  ///< --config, for every command that works on an authority
  bool json = false;
  int code = 0;  ///< the exit code of a command that was carried out and found something
  std::function<Result<>(const Edges&)> run;
};

// Each adds one command with its verbs. What they bind lives as long as `chosen`.
void add_serve(CLI::App& app, Chosen& chosen);
void add_config(CLI::App& app, Chosen& chosen);
void add_key(CLI::App& app, Chosen& chosen);
void add_sandbox(CLI::App& app, Chosen& chosen);
void add_verbs(CLI::App& app, Chosen& chosen);
void add_audit(CLI::App& app, Chosen& chosen);
void add_backup(CLI::App& app, Chosen& chosen);
/// Of all that `app` takes when it runs, so `app` must live that long.
void add_completion(CLI::App& app, Chosen& chosen);

/// Adds a verb whose arguments are an `Args`; `bind` declares them on the verb's
/// App, `act` is what runs.
template <class Args>
CLI::App* add_verb(CLI::App& parent, Chosen& chosen, const std::string& name,
                   const std::string& help, void (*bind)(CLI::App&, Args&),
                   Result<> (*act)(const Edges&, const Chosen&, const Args&)) {
  auto args = std::make_shared<Args>();
  CLI::App* verb = parent.add_subcommand(name, help);
  verb->fallthrough();
  bind(*verb, *args);
  verb->callback([&chosen, args, act] {
    chosen.run = [&chosen, args, act](const Edges& edges) { return act(edges, chosen, *args); };
  });
  return verb;
}

}  // namespace latchkey::server
