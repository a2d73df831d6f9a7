#pragma once

#include <string>
#include <string_view>

#include "shell/commands.h"

namespace latchkey::shell {

/// Words that only the program knows.
struct Names {
  std::string word = {};    ///< the positional word that is one of them: "PROFILE"
  std::string source = {};  ///< the command that prints them, one a line
};

/// The completion of that program, which has commands, for "bash", "zsh" or "fish"; "" for any
/// other shell. Names of commands and flags are words that no shell reads otherwise. Where a
/// command takes a word that is none of `names`, and where a flag takes a value, files are offered.
std::string completion(std::string_view shell, const Command& program, const Names& names = {});

}  // namespace latchkey::shell
