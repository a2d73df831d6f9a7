#include "base/text.h"
#include "server/commands/command.h"

#include <cstdio>

namespace latchkey::server {
namespace {

constexpr int kUsageError = 2;

constexpr const char* kAbout =
    "The authority: issues, renews, checks and ends the tokens of five kinds of API, in "
    "production\n"
    "(serve) or as a sandbox on your machine (sandbox).";
constexpr const char* kAfter =
    "Exit codes: 0 ok, 2 usage, 3 a person is needed, 4 no such name, 5 refused, 6 try later,\n"
    "7 store locked, unwritable or corrupt.";

void complain(const Error& error) {
  std::string line =
      "latchkeyd: " + (error.say.empty() ? std::string(name_of(error.why)) : error.say);
  if (!error.note.empty()) line += " (" + printable(error.note) + ")";
  std::fprintf(stderr, "%s\n", line.c_str());
}

}  // namespace

int run(int argc, char** argv, const Edges& edges) {
  CLI::App app(kAbout, "latchkeyd");
  app.set_version_flag("--version", "latchkeyd " + edges.version);
  app.footer(kAfter);
  app.require_subcommand(1);
  Chosen chosen;
  app.add_option("--config", chosen.config, "the authority's configuration")->type_name("FILE");
  app.add_flag("--json", chosen.json, "print JSON");
  for (const auto add : {add_serve, add_config, add_key, add_sandbox, add_client, add_user,
                         add_organization, add_operator, add_grant, add_outbox, add_push})
    add(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  const auto done = chosen.run(edges);
  if (done) return 0;
  complain(done.error());
  return edges.exit_code(done.error().why);
}

}  // namespace latchkey::server
