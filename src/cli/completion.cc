// latchkey completion: for shells, and the manual page; both from the one table of commands.

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/print.h"

namespace latchkey::cli {
namespace {

struct Flag {
  std::vector<std::string> names;  ///< "--env", "-e"
  std::string value;               ///< "NAME"; empty: none
  std::string help;
};

struct Described {
  std::string name;
  std::string help;
  std::string footer;
  std::vector<Flag> flags;
  std::vector<std::pair<std::string, std::string>> words;  ///< positional: name, help
  std::vector<std::pair<std::string, std::string>> verbs;  ///< of commands that have some
  bool takes_profile = false;
};

Flag flag_of(const CLI::Option& option) {
  Flag flag;
  for (const auto& name : option.get_lnames()) flag.names.push_back("--" + name);
  for (const auto& name : option.get_snames()) flag.names.push_back("-" + name);
  if (option.get_expected_max() > 0) flag.value = option.get_type_name();
  flag.help = option.get_description();
  return flag;
}

Described described(const Command& command, const dialect::Registry& registry) {
  CLI::App parser;
  command.add(parser, registry);
  Described out{command.name, command.help, parser.get_footer(), {}, {}, {}, false};
  for (const auto* option : parser.get_options()) {
    if (!option->get_positional()) {
      out.flags.push_back(flag_of(*option));
      continue;
    }
    const std::string name = option->get_name(true);
    out.takes_profile = out.takes_profile || name == "PROFILE";
    out.words.emplace_back(name, option->get_description());
  }
  for (const auto* verb : parser.get_subcommands([](const CLI::App*) { return true; }))
    out.verbs.emplace_back(verb->get_name(), verb->get_description());
  out.flags.push_back({{"--json"}, "", "print one JSON document"});
  return out;
}

std::vector<Described> all_of(const dialect::Registry& registry) {
  std::vector<Described> all;
  for (const auto& command : commands()) all.push_back(described(command, registry));
  return all;
}

std::string words_in_a_row(const Described& command) {
  std::string row;
  for (const auto& [verb, help] : command.verbs) row += (row.empty() ? "" : " ") + verb;
  for (const auto& flag : command.flags)
    for (const auto& name : flag.names) row += (row.empty() ? "" : " ") + name;
  return row;
}

/// Between single quotes of a shell.
std::string shell_word(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// "login|token|…": the commands that a profile's name belongs to.
std::string with_profiles(const std::vector<Described>& all) {
  std::string names;
  for (const auto& command : all)
    if (command.takes_profile) names += (names.empty() ? "" : "|") + command.name;
  return names;
}

std::string for_bash(const std::vector<Described>& all) {
  std::string names;
  std::string cases;
  for (const auto& command : all) {
    names += (names.empty() ? "" : " ") + command.name;
    cases += "    " + command.name + ") words='" + words_in_a_row(command) + "' ;;\n";
  }
  return "# bash completion for latchkey\n"
         "_latchkey() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} command= words= word\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    [[ $word == -- ]] && return\n"
         "    [[ $word != -* && -z $command ]] && command=$word\n"
         "  done\n"
         "  case $command in\n"
         "    '') words='" +
         names + " --config --no-input --help --version' ;;\n" + cases +
         "  esac\n"
         "  case $command in\n    " +
         with_profiles(all) +
         ")\n      [[ $cur == -* ]] || words=$(latchkey completion profiles 2>/dev/null) ;;\n"
         "  esac\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
         "}\n"
         "complete -o default -F _latchkey latchkey\n";
}

std::string for_zsh(const std::vector<Described>& all) {
  std::string text =
      "#compdef latchkey\n"
      "_latchkey() {\n"
      "  local -a commands profiles flags\n"
      "  commands=(\n";
  for (const auto& command : all)
    text += "    " + shell_word(command.name + ":" + command.help) + "\n";
  text +=
      "  )\n"
      "  if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
      "  case $words[2] in\n";
  for (const auto& command : all)
    text += "    " + command.name + ") flags=(" + words_in_a_row(command) + ") ;;\n";
  const std::string with_profile = with_profiles(all);
  return text +
         "  esac\n"
         "  if [[ $words[CURRENT] == -* || $words[2] != (" +
         with_profile +
         ") ]]; then\n"
         "    compadd -- $flags; return\n"
         "  fi\n"
         "  profiles=(${(f)\"$(latchkey completion profiles 2>/dev/null)\"})\n"
         "  compadd -- $profiles || _files\n"
         "}\n"
         "compdef _latchkey latchkey\n";
}

std::string for_fish(const std::vector<Described>& all) {
  std::string text = "# fish completion for latchkey\ncomplete -c latchkey -f\n";
  for (const auto& command : all) {
    const std::string inside = " -n '__fish_seen_subcommand_from " + command.name + "'";
    text += "complete -c latchkey -n __fish_use_subcommand -a " + command.name + " -d " +
            shell_word(command.help) + "\n";
    for (const auto& flag : command.flags) {
      text += "complete -c latchkey" + inside;
      for (const auto& name : flag.names)
        text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      text +=
          (flag.value.empty() ? "" : " -r") + std::string(" -d ") + shell_word(flag.help) + "\n";
    }
    for (const auto& [verb, help] : command.verbs)
      text += "complete -c latchkey" + inside + " -a " + verb + " -d " + shell_word(help) + "\n";
    if (command.takes_profile)
      text +=
          "complete -c latchkey" + inside + " -a '(latchkey completion profiles 2>/dev/null)'\n";
  }
  return text;
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

std::string manual(const std::vector<Described>& all) {
  std::string text =
      ".TH LATCHKEY 1 \"\" \"latchkey " LATCHKEY_VERSION
      "\"\n"
      ".SH NAME\nlatchkey \\- one key ring for every API that makes you log in\n"
      ".SH SYNOPSIS\n.B latchkey\n[\\-\\-config FILE] [\\-\\-no\\-input] COMMAND [OPTION]...\n"
      ".SH COMMANDS\n";
  for (const auto& command : all) {
    text += ".SS latchkey " + roff(command.name);
    for (const auto& [name, help] : command.words) text += " " + roff(name);
    text += "\n" + roff(command.help) + "\n";
    for (const auto& [name, help] : command.words)
      text += ".TP\n.I " + roff(name) + "\n" + roff(help) + "\n";
    for (const auto& [verb, help] : command.verbs)
      text += ".TP\n.B " + roff(verb) + "\n" + roff(help) + "\n";
    for (const auto& flag : command.flags) {
      text += ".TP\n.B ";
      for (std::size_t i = 0; i < flag.names.size(); ++i)
        text += (i == 0 ? "" : ", ") + roff(flag.names[i]);
      text += (flag.value.empty() ? "" : " " + roff(flag.value)) + "\n" + roff(flag.help) + "\n";
    }
    if (!command.footer.empty()) text += ".PP\n" + roff(command.footer) + "\n";
  }
  return text + ".SH EXIT STATUS\n" + roff(kExitCodes) + "\n";
}

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
    const std::pair<const char*, std::string (*)(const std::vector<Described>&)> kinds[] = {
        {"bash", for_bash}, {"zsh", for_zsh}, {"fish", for_fish}, {"man", manual}};
    for (const auto& [name, write] : kinds)
      if (*what == name) return print(write(all_of(registry))) ? kOk : kTryLater;
    return fail(Why::kUsage, "which shell: bash, zsh or fish; run: latchkey completion --help");
  };
}

}  // namespace latchkey::cli
