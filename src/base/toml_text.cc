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

/// Whether a string can begin behind this, the last sign that is no space. Behind others the
/// library reads a quote, and what follows, as part of a number.
constexpr bool may_begin_string_behind(char sign) {
  return std::string_view("\n=[,{").find(sign) != std::string_view::npos;
}

/// Where there is the first byte beyond ASCII from `begin` on and before `end`; else `end`.
std::size_t find_beyond_ascii(std::string_view text, std::size_t begin, std::size_t end) {
  while (begin < end && static_cast<unsigned char>(text[begin]) < 0x80) ++begin;
  return begin;
}

/// Where a letter stands that the library must not read; else the end.
std::size_t find_stray_letter(std::string_view text) {
  std::size_t at = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  char sign = '\n';  // the last one that is no space
  while (at < text.size()) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) >= 0x80) return at;
    if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (c == '"' || c == '\'') {
      const std::size_t end = end_of_string(text, at);
      const std::size_t stray = find_beyond_ascii(text, at, end);
      if (stray < end && !may_begin_string_behind(sign)) return stray;
      at = end;
      sign = c;
    } else {
      if (c != ' ' && c != '\t') sign = c;
      ++at;
    }
  }
  return at;
}

}  // namespace

std::optional<int> stray_letter_in_toml(std::string_view text) {
  const std::size_t at = find_stray_letter(text);
  if (at == text.size()) return std::nullopt;
  const std::string_view before = text.substr(0, at);
  return 1 + static_cast<int>(std::ranges::count(before, '\n'));
}

Result<> may_parse_toml(std::string_view text, const std::string& file) {
  const auto line = stray_letter_in_toml(text);
  if (!line) return {};
  return fail(Why::kUsage, file + ":" + std::to_string(*line) +
                               ": a letter beyond ASCII outside of a string or a comment");
}

}  // namespace latchkey
