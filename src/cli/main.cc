#include <unistd.h>

#include <algorithm>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"

namespace latchkey::cli {
namespace {

constexpr const char* kAbout =
    "One key ring for every API that makes you log in: logs in, keeps the token safe, renews it\n"
    "exactly once however many programs ask, and hands it to anything that needs it.";
}  // namespace

const char* const kExitCodes =
    "Exit codes: 0 ok, 2 usage, 3 a person is needed, 4 no such profile, 5 rejected or revoked,\n"
    "6 unreachable or throttled, 7 vault locked or corrupt, 8 denied by policy, 9 lost rotation,\n"
    "10 bad answer from the provider.";

namespace {

bool is(const CLI::ParseError& error, CLI::ExitCodes kind) {
  return error.get_exit_code() == static_cast<int>(kind);
}

/// What was wrong with the command line. Of what is not understood only an option's
/// name is shown: whoever tries --password hunter2 should not find it in a log too.
std::string complaint(const CLI::App& app, const CLI::ParseError& error) {
  std::string called = "latchkey";
  const CLI::App* last = &app;
  for (; !last->get_subcommands().empty(); called += " " + last->get_name())
    last = last->get_subcommands().front();
  const bool has_commands = !last->get_subcommands([](const CLI::App*) { return true; }).empty();
  const std::string hint = "; run: " + called + " --help";
  for (const auto& word : app.remaining(true)) {
    if (word.starts_with("-")) return "no option " + word.substr(0, word.find('=')) + hint;
    if (has_commands) return "no command \"" + word + "\"" + hint;
  }
  if (has_commands && is(error, CLI::ExitCodes::RequiredError)) return "which command" + hint;
  if (is(error, CLI::ExitCodes::ExtrasError)) return "more words than " + called + " takes" + hint;
  return error.what() + hint;
}

/// The command that is asked for: the first word that is no option and no value of one.
std::string_view command_word(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--config") ++i;
    else if (!word.starts_with('-')) return word;
  }
  return {};
}

/// Takes what is behind "--" away from the arguments: it is no business of the parser's.
int take_words(int argc, char** argv, std::vector<std::string>& words) {
  const auto end = argv + argc;
  const auto mark = std::find(argv, end, std::string_view("--"));
  if (mark == end) return argc;
  words.assign(mark + 1, end);
  return static_cast<int>(mark - argv);
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> table = {
      {"login", "log in and keep the tokens", add_login},
      {"token", "print a token that lives", add_token},
      {"header", "print the header lines that carry it (curl -H @<(latchkey header P))",
       add_header},
      {"exec", "run a command with the token in a variable or a file", add_exec, true},
      {"request", "call the provider's API with the token in it", add_request},
      {"status", "what is kept, until when, and when a person must act next", add_status},
      {"refresh", "renew now, even if the token lives", add_refresh},
      {"validate", "ask the provider whether the token is alive", add_validate},
      {"revoke", "end the session at the provider", add_revoke},
      {"logout", "end it where the provider can, and forget it here", add_logout},
      {"agent", "the program in the background that renews ahead and answers at once", add_agent},
      {"proxy", "serve the provider's API to this machine, with the token in it", add_proxy},
      {"doctor", "what is wrong, and the command that mends it", add_doctor},
      {"export", "copy or move the tokens into a token_cache.json", add_export},
      {"import", "take the tokens of a token_cache.json", add_import},
      {"credential-helper", "headers for a URI, as Bazel and others ask for them",
       add_credential_helper},
      {"providers", "the systems that latchkey speaks", add_providers},
      {"completion", "completions for bash, zsh and fish, and the manual page", add_completion},
  };
  return table;
}

int run(int argc, char** argv, const Edges& edges) {
  CLI::App app(kAbout, "latchkey");
  app.set_version_flag("--version", std::string("latchkey ") + LATCHKEY_VERSION);
  app.footer(kExitCodes);
  app.require_subcommand(1);
  Common common;
  app.add_option("--config", common.config, "configuration file")->type_name("FILE");
  app.add_flag("--no-input", common.no_input, "never ask; fail with exit code 3 instead");
  Run chosen;
  // Only the command that is asked for is built: `latchkey token` runs often.
  const std::string_view asked = command_word(argc, argv);
  for (const auto& command : commands()) {
    CLI::App* sub = app.add_subcommand(command.name, command.help);
    if (command.name != asked) continue;
    sub->fallthrough();
    sub->add_flag("--json", common.json, "print one JSON document");
    chosen = command.add(*sub, *edges.registry);
    if (command.runs) argc = take_words(argc, argv, common.words);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    say(complaint(app, error));
    return kUsageError;
  }
  Context context(edges, common);
  auto done = chosen(context);
  if (done) return *done;
  say(done.error().say.empty() ? name_of(done.error().why) : done.error().say);
  return exit_code(done.error().why);
}

}  // namespace latchkey::cli
