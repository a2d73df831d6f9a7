#include "shell/commands.h"

#include <CLI/CLI.hpp>

namespace latchkey::shell {
namespace {

Flag flag_of(const CLI::Option& option) {
  Flag flag;
  for (const auto& name : option.get_lnames()) flag.names.push_back("--" + name);
  for (const auto& name : option.get_snames()) flag.names.push_back("-" + name);
  if (option.get_expected_max() > 0) flag.value = option.get_type_name();
  flag.help = option.get_description();
  return flag;
}

/// `inherited`: what may be said to a command though one above it takes it.
Command described(const CLI::App& parser, const std::vector<Flag>& inherited) {
  Command out{
      .name = parser.get_name(), .help = parser.get_description(), .footer = parser.get_footer()};
  std::vector<Flag> passed = inherited;
  for (const auto* option : parser.get_options()) {
    if (option->get_positional()) {
      out.words.emplace_back(option->get_name(true), option->get_description());
      continue;
    }
    out.flags.push_back(flag_of(*option));
    if (option != parser.get_help_ptr() && option != parser.get_version_ptr())
      passed.push_back(out.flags.back());
  }
  out.flags.insert(out.flags.end(), inherited.begin(), inherited.end());
  for (const auto* below : parser.get_subcommands([](const CLI::App*) { return true; }))
    out.commands.push_back(
        described(*below, below->get_fallthrough() ? passed : std::vector<Flag>()));
  return out;
}

}  // namespace

Command describe(const CLI::App& parser) { return described(parser, {}); }

}  // namespace latchkey::shell
