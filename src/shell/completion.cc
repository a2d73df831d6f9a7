#include "shell/completion.h"

#include <algorithm>
#include <set>

namespace latchkey::shell {
namespace {

/// A command and the words that lead to it: " client create"; "" leads to the program itself.
struct Place {
  std::string way;
  const Command& command;
};

void add_places(const Command& command, const std::string& way, std::vector<Place>& places) {
  places.push_back({way, command});
  for (const auto& below : command.commands) add_places(below, way + " " + below.name, places);
}

/// Everything that is known of a program, each command in its place.
struct Map {
  const Command& program;
  const Names& names;
  std::vector<Place> places = {};

  bool takes_names(const Command& command) const {
    return !names.word.empty() && std::ranges::any_of(command.words, [&](const auto& one) {
      return one.first == names.word;
    });
  }
};

/// Between single quotes of a shell.
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

template <class Each>
std::string joined(const auto& all, std::string_view between, Each text_of) {
  std::string out;
  for (const auto& one : all) {
    const std::string text = text_of(one);
    out += (out.empty() || text.empty() ? "" : std::string(between)) + text;
  }
  return out;
}

std::string names_of(const Flag& flag) {
  return joined(flag.names, " ", [](const auto& name) { return name; });
}
std::string flags_of(const Command& command) { return joined(command.flags, " ", names_of); }
std::string commands_of(const Command& command) {
  return joined(command.commands, " ", [](const Command& below) { return below.name; });
}

/// Every way but the program's own, as alternatives of a case.
std::string ways(const Map& map, std::string_view between) {
  return joined(map.places, between,
                [](const Place& place) { return place.way.empty() ? "" : in_quotes(place.way); });
}

/// The flags behind which a value stands, wherever they are taken, as alternatives of a case.
std::string valued(const Map& map) {
  std::set<std::string> with, without;
  for (const auto& place : map.places)
    for (const auto& flag : place.command.flags)
      (flag.value.empty() ? without : with).insert(flag.names.begin(), flag.names.end());
  std::erase_if(with, [&](const std::string& name) { return without.contains(name); });
  if (with.empty()) return "''";
  return joined(with, "|", [](const auto& name) { return name; });
}

// Each script first finds how far the words before the cursor lead into the commands; what is
// no command (an option's value) leads nowhere.

std::string for_bash(const Map& map) {
  const std::string name = map.program.name;
  std::string cases;
  for (const auto& [way, command] : map.places) {
    const bool leaf = command.commands.empty() && command.words.empty();
    cases += "    " + in_quotes(way) + ") flags=" + in_quotes(flags_of(command)) +
             " words=" + (leaf ? "$flags" : in_quotes(commands_of(command)));
    if (map.takes_names(command)) cases += "; source=" + in_quotes(map.names.source);
    cases += " ;;\n";
  }
  return "# bash completion for " + name + "\n_" + name +
         "() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} at= flags= words= source= word\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    [[ $word == -- ]] && return\n"
         "    case \"$at $word\" in\n      " +
         ways(map, "|") +
         ") at=\"$at $word\" ;;\n"
         "    esac\n"
         "  done\n"
         "  case ${COMP_WORDS[COMP_CWORD-1]} in\n    " +
         valued(map) +
         ") return ;;\n"
         "  esac\n"
         "  case $at in\n" +
         cases +
         "  esac\n"
         "  [[ -n $source ]] && words=$($source 2>/dev/null)\n"
         "  [[ $cur == -* ]] && words=$flags\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
         "}\n"
         "complete -o default -F _" +
         name + " " + name + "\n";
}

std::string for_zsh(const Map& map) {
  const std::string name = map.program.name;
  std::string cases;
  for (const auto& [way, command] : map.places) {
    cases += "    (" + in_quotes(way) + ") flags=(" + flags_of(command) + ")";
    for (const auto& below : command.commands)
      cases += "\n      verbs+=(" + in_quotes(below.name + ":" + below.help) + ")";
    if (map.takes_names(command))
      cases += "\n      names=(${(f)\"$(" + map.names.source + " 2>/dev/null)\"})";
    cases += " ;;\n";
  }
  return "#compdef " + name + "\n_" + name +
         "() {\n"
         "  local at= word\n"
         "  local -a verbs flags names\n"
         "  for word in ${words[2,CURRENT-1]}; do\n"
         "    if [[ $word == -- ]]; then _files; return; fi\n"
         "    case \"$at $word\" in\n      (" +
         ways(map, "|") +
         ") at=\"$at $word\" ;;\n"
         "    esac\n"
         "  done\n"
         "  case $words[CURRENT-1] in\n    (" +
         valued(map) +
         ") _files; return ;;\n"
         "  esac\n"
         "  case $at in\n" +
         cases +
         "  esac\n"
         "  if [[ $words[CURRENT] == -* ]]; then compadd -- $flags\n"
         "  elif (( $#verbs )); then _describe command verbs\n"
         "  else compadd -- $names || _files\n"
         "  fi\n"
         "}\n"
         "if [[ $funcstack[1] == _" +
         name + " ]]; then _" + name + "; else compdef _" + name + " " + name + "; fi\n";
}

std::string fish_flag(const Flag& flag) {
  std::string text;
  for (const auto& name : flag.names)
    text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  return text + (flag.value.empty() ? "" : " -r -F") + " -d " + in_quotes(flag.help);
}

std::string for_fish(const Map& map) {
  const std::string name = map.program.name;
  std::string text = "# fish completion for " + name + "\nfunction __" + name +
                     "_at\n"
                     "  set -l at\n"
                     "  for word in (commandline -opc)[2..-1]\n"
                     "    switch \"$at $word\"\n"
                     "      case " +
                     ways(map, " ") +
                     "\n"
                     "        set at \"$at $word\"\n"
                     "    end\n"
                     "  end\n"
                     "  test \"$at\" = \"$argv\"\n"
                     "end\n"
                     "complete -c " +
                     name + " -f\n";
  for (const auto& [way, command] : map.places) {
    const std::string here =
        "complete -c " + name + " -n \"__" + name + "_at " + in_quotes(way) + "\"";
    for (const auto& below : command.commands)
      text += here + " -a " + below.name + " -d " + in_quotes(below.help) + "\n";
    for (const auto& flag : command.flags) text += here + fish_flag(flag) + "\n";
    if (map.takes_names(command))
      text += here + " -a " + in_quotes("(" + map.names.source + " 2>/dev/null)") + "\n";
    else if (!command.words.empty()) text += here + " -F\n";
  }
  return text;
}

}  // namespace

std::string completion(std::string_view shell, const Command& program, const Names& names) {
  Map map{program, names};
  add_places(program, "", map.places);
  if (shell == "bash") return for_bash(map);
  if (shell == "zsh") return for_zsh(map);
  if (shell == "fish") return for_fish(map);
  return {};
}

}  // namespace latchkey::shell
