#include <unistd.h>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"

namespace latchkey::cli {
namespace {

constexpr const char* kAbout =
    "One key ring for every API that makes you log in: logs in, keeps the token safe, renews it\n"
    "exactly once however many programs ask, and hands it to anything that needs it.";
constexpr const char* kAfter =
    "Exit codes: 0 ok, 2 usage, 3 a person is needed, 4 no such profile, 5 rejected or revoked,\n"
    "6 unreachable or throttled, 7 vault locked or corrupt, 8 denied by policy, 9 lost rotation,\n"
    "10 bad answer from the provider.";

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> table = {
      {"login", "log in and keep the tokens", add_login},
      {"token", "print a token that lives", add_token},
      {"header", "print the header lines that carry it (curl -H @<(latchkey header P))", add_header},
      {"request", "call the provider's API with the token in it", add_request},
      {"status", "what is kept, until when, and when a person must act next", add_status},
      {"refresh", "renew now, even if the token lives", add_refresh},
      {"validate", "ask the provider whether the token is alive", add_validate},
      {"revoke", "end the session at the provider", add_revoke},
      {"logout", "end it where the provider can, and forget it here", add_logout},
      {"providers", "the systems that latchkey speaks", add_providers},
  };
  return table;
}

int run(int argc, char** argv, const Edges& edges) {
  CLI::App app(kAbout, "latchkey");
  app.set_version_flag("--version", std::string("latchkey ") + LATCHKEY_VERSION);
  app.footer(kAfter);
  app.require_subcommand(1);
  Common common;
  app.add_option("--config", common.config, "configuration file")->type_name("FILE");
  app.add_flag("--no-input", common.no_input, "never ask; fail with exit code 3 instead");
  Run chosen;
  // Only the command that is asked for is built: `latchkey token` runs often.
  const std::string_view asked = [&]() -> std::string_view {
    for (int i = 1; i < argc; ++i) {
      for (const auto& command : commands())
        if (std::string_view(argv[i]) == command.name) return command.name;
    }
    return {};
  }();
  for (const auto& command : commands()) {
    CLI::App* sub = app.add_subcommand(command.name, command.help);
    if (command.name != asked) continue;
    sub->fallthrough();
    sub->add_flag("--json", common.json, "print one JSON document");
    chosen = command.add(*sub, *edges.registry);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? kOk : kUsageError;
  }
  Context context(edges, common);
  auto done = chosen(context);
  if (done) return *done;
  say(done.error().say.empty() ? name_of(done.error().why) : done.error().say);
  return exit_code(done.error().why);
}

}  // namespace latchkey::cli
