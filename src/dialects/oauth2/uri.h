#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace latchkey::dialects::oauth2 {

inline constexpr std::size_t kMostUriBytes = 2048;

/// An http or https URI as RFC 3986 sections 6.2.2 and 6.2.3 would have it written,
/// without query and fragment, so that two spellings of one target are one text (RFC
/// 9449 section 4.3): scheme and host in lower case, no default port, no empty path,
/// no dot segments, percent-encoding only where it is needed. nullopt for any other
/// scheme, no host, user information, and what is no URI.
std::optional<std::string> normal_uri(std::string_view uri);

}  // namespace latchkey::dialects::oauth2
