#pragma once

#include <string>
#include <vector>

namespace latchkey {

/// Rows of UTF-8 text as lines of columns for a terminal: left-aligned by characters, two spaces
/// apart, no space at the end of a line. Rows may have any length.
std::string table(const std::vector<std::vector<std::string>>& rows);

}  // namespace latchkey
