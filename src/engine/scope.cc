#include "engine/scope.h"

#include <algorithm>

#include "base/text.h"

namespace latchkey::engine {
namespace {

// scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
bool is_scope_character(char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; }

// Empty names, of two spaces in a row, are nobody's.
std::vector<std::string> names_of(std::string_view text) {
  auto names = split(text, ' ');
  std::erase(names, "");
  return names;
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

Result<std::vector<std::string>> parse_scope(std::string_view text) {
  if (text.size() > kMostScopeBytes) return fail(Why::kMalformed, "the scope is too long");
  std::vector<std::string> names;
  if (text.empty()) return names;
  for (std::string& name : split(text, ' ')) {
    if (name.empty() || !std::ranges::all_of(name, is_scope_character)) {
      return fail(Why::kMalformed, "the scope is not a list of names");
    }
    if (!holds(names, name)) names.push_back(std::move(name));
  }
  return names;
}

std::string common_scope(std::string_view have, const std::vector<std::string_view>& others) {
  std::string common;
  for (const std::string& name : names_of(have)) {
    const bool everywhere = std::ranges::all_of(
        others, [&](std::string_view other) { return holds(names_of(other), name); });
    if (everywhere) common += (common.empty() ? "" : " ") + name;
  }
  return common;
}

bool is_within(std::string_view inner, std::string_view outer) {
  const auto allowed = names_of(outer);
  return std::ranges::all_of(names_of(inner),
                             [&](const std::string& name) { return holds(allowed, name); });
}

}  // namespace latchkey::engine
