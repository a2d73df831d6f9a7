// latchkey completion: for shells, and the manual page; both from the one table of commands.

#include "shell/completion.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/print.h"

namespace latchkey::cli {
namespace {

using shell::Flag;

shell::Command described(const Command& command, const dialect::Registry& registry) {
  CLI::App parser(command.help, command.name);
  command.add(parser, registry);
  shell::Command out = shell::describe(parser);
  out.flags.push_back({{"--json"}, "", "print one JSON document"});
  return out;
}

shell::Command all_of(const dialect::Registry& registry) {
  shell::Command all{.name = "latchkey",
                     .flags = {{{"--config"}, "FILE", "configuration file"},
                               {{"--no-input"}, "", "never ask"},
                               {{"--help", "-h"}, "", "what there is"},
                               {{"--version"}, "", "which one this is"}}};
  for (const auto& command : commands()) all.commands.push_back(described(command, registry));
  return all;
}

/// Text in a manual page: a dash is a dash, and no line is taken for a request.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else if (c == '\n') out += "\n.br\n";
    else out += c;
  }
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

std::string names_of(const Flag& flag) {
  std::string names;
  for (const auto& name : flag.names) names += (names.empty() ? "" : ", ") + roff(name);
  return names + (flag.value.empty() ? "" : " " + roff(flag.value));
}

std::string manual(const shell::Command& all) {
  std::string text =
      ".TH LATCHKEY 1 \"\" \"latchkey " LATCHKEY_VERSION
      "\"\n"
      ".SH NAME\nlatchkey \\- one key ring for every API that makes you log in\n"
      ".SH SYNOPSIS\n.B latchkey\n[\\-\\-config FILE] [\\-\\-no\\-input] COMMAND [OPTION]...\n"
      ".SH COMMANDS\n";
  for (const auto& command : all.commands) {
    text += ".SS latchkey " + roff(command.name);
    for (const auto& [name, help] : command.words) text += " " + roff(name);
    text += "\n" + roff(command.help) + "\n";
    for (const auto& [name, help] : command.words)
      text += ".TP\n.I " + roff(name) + "\n" + roff(help) + "\n";
    for (const auto& verb : command.commands)
      text += ".TP\n.B " + roff(verb.name) + "\n" + roff(verb.help) + "\n";
    for (const auto& flag : command.flags)
      text += ".TP\n.B " + names_of(flag) + "\n" + roff(flag.help) + "\n";
    if (!command.footer.empty()) text += ".PP\n" + roff(command.footer) + "\n";
  }
  return text + ".SH EXIT STATUS\n" + roff(kExitCodes) + "\n";
}

const shell::Names kProfiles{"PROFILE", "latchkey completion profiles"};

Result<int> print_profiles(Context& context) {
  const auto* config = TRY(context.config());
  for (const auto& [name, profile] : config->profiles)
    if (!print_line(name.text)) return kTryLater;
  return kOk;
}

}  // namespace

Run add_completion(CLI::App& parser, const dialect::Registry& registry) {
  auto what = std::make_shared<std::string>();
  parser
      .add_option("SHELL", *what, "bash, zsh or fish; man: the manual page; profiles: their names")
      ->required();
  return [what, &registry](Context& context) -> Result<int> {
    if (*what == "profiles") return print_profiles(context);
    const shell::Command all = all_of(registry);
    const std::string text =
        *what == "man" ? manual(all) : shell::completion(*what, all, kProfiles);
    if (!text.empty()) return print(text) ? kOk : kTryLater;
    return fail(Why::kUsage, "which shell: bash, zsh or fish; run: latchkey completion --help");
  };
}

}  // namespace latchkey::cli
