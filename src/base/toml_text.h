#pragma once

#include <optional>
#include <string_view>

namespace latchkey {

/// The line, from 1 on, of the first character beyond ASCII that stands neither in a string nor in
/// a comment, where TOML 1.0 has none; nullopt: there is none. To be asked before toml++ 3.3
/// reads a text: its search for white space is undefined for most of them.
std::optional<int> stray_letter_in_toml(std::string_view text);

}  // namespace latchkey
