#include "base/text.h"
#include "server/commands/command.h"

#include <cstdio>

namespace latchkey::server {
namespace {

constexpr int kUsageError = 2;

constexpr const char* kAbout =
    "The authority: issues, renews, checks and ends the tokens of five kinds of API, and of "
    "standard OAuth 2\n"
    "and OpenID Connect, in production (serve) or as a sandbox on your machine (sandbox).";
constexpr const char* kAfter =
    "Exit codes: 0 ok, 1 a ledger is guilty or an audit log broken, 2 usage, 3 a person is needed, "
    "4 no such name,\n"
    "5 refused, 6 try later, 7 store locked, unwritable or corrupt.";

bool is(const CLI::ParseError& error, CLI::ExitCodes kind) {
  return error.get_exit_code() == static_cast<int>(kind);
}

/// What was wrong with the command line. Of what is not understood only an option's
/// name is shown: whoever tries --password hunter2 should not find it in a log too.
std::string complaint(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* last = &app;
  std::string called = "latchkeyd";
  while (!last->get_subcommands().empty()) {
    last = last->get_subcommands().front();
    called += " " + last->get_name();
  }
  const std::string hint = "; run: " + called + " --help";
  const bool has_verbs = last->get_require_subcommand_min() > 0;
  for (const auto& word : app.remaining(true)) {
    if (word.starts_with("-")) return "no option " + word.substr(0, word.find('=')) + hint;
    if (has_verbs) return "no command \"" + printable(word) + "\"" + hint;
  }
  if (has_verbs && is(error, CLI::ExitCodes::RequiredError)) return "which command" + hint;
  if (is(error, CLI::ExitCodes::ExtrasError)) return "more words than " + called + " takes" + hint;
  return error.what() + hint;
}

/// To an operator, what is not there is a name that is wrong, and what cannot be
/// read was typed.
Why as_operator(Why why) {
  if (why == Why::kNotFound) return Why::kUnknownName;
  return why == Why::kMalformed ? Why::kUsage : why;
}

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
  for (const auto add : {add_serve, add_config, add_key, add_sandbox, add_verbs, add_audit,
                         add_backup, add_completion})
    add(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    complain({Why::kUsage, complaint(app, error)});
    return kUsageError;
  }
  const auto done = chosen.run(edges);
  if (done) return chosen.code;
  complain(done.error());
  return edges.exit_code(as_operator(done.error().why));
}

}  // namespace latchkey::server
