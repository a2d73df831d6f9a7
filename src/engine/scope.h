#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace latchkey::engine {

// Scopes (RFC 6749 section 3.3): names separated by single spaces, no order, no
// repeats. Text in, text out, as rows and wires carry them.

inline constexpr std::size_t kMostScopeBytes = 1024;

/// The names of it, in order and without repeats. kMalformed for a character that
/// the standard does not allow, an empty name, and more than kMostScopeBytes. No
/// text is no scope.
Result<std::vector<std::string>> parse_scope(std::string_view text);

/// The names of `have` that every one of `others` has too, in the order of `have`:
/// what somebody may do through somebody else (checklist 38). The texts are scopes.
std::string common_scope(std::string_view have, const std::vector<std::string_view>& others);

/// Whether every name of `inner` is one of `outer` (checklist 20).
bool is_within(std::string_view inner, std::string_view outer);

}  // namespace latchkey::engine
