#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"

namespace latchkey {

/// The line, from 1 on, of the first character beyond ASCII that stands neither in a string nor in
/// a comment, where TOML 1.0 has none, or in a quoted part of a dotted key behind its first;
/// nullopt: there is none.
std::optional<int> stray_letter_in_toml(std::string_view text);

/// Before toml++ 3.3 parses a text: its search for white space is undefined for most such
/// letters. kUsage with that line of `file` when there is one.
Result<> may_parse_toml(std::string_view text, const std::string& file);

}  // namespace latchkey
