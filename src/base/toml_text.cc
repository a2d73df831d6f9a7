#include "base/toml_text.h"

#include <algorithm>

namespace latchkey {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Behind the string that begins at `at`; one that is not closed ends with its line, or the text.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const bool has_escapes = quote == '"';
  const std::string_view rest = text.substr(at);
  const bool many_lines = rest.size() >= 3 && rest[1] == quote && rest[2] == quote;
  const std::size_t size = many_lines ? 3 : 1;
  const std::string_view mark = rest.substr(0, size);
  for (at += size; at < text.size(); ++at) {
    if (has_escapes && text[at] == '\\') {
      ++at;
    } else if (text[at] == '\n' && !many_lines) {
      return at;
    } else if (text.substr(at, size) == mark) {
      return at + size;
    }
  }
  return text.size();
}

}  // namespace

std::optional<int> stray_letter_in_toml(std::string_view text) {
  std::size_t at = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  while (at < text.size()) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) >= 0x80)
      return 1 +
             static_cast<int>(std::count(text.begin(), text.begin() + static_cast<long>(at), '\n'));
    if (c == '"' || c == '\'') at = end_of_string(text, at);
    else if (c == '#') at = std::min(text.find('\n', at), text.size());
    else ++at;
  }
  return std::nullopt;
}

Result<> may_parse_toml(std::string_view text, const std::string& file) {
  const auto line = stray_letter_in_toml(text);
  if (!line) return {};
  return fail(Why::kUsage, file + ":" + std::to_string(*line) +
                               ": a letter beyond ASCII outside of a string or a comment");
}

}  // namespace latchkey
