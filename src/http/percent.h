#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace latchkey::http {

/// Undoes percent-encoding (RFC 3986 section 2.1). Refuses (kMalformed) a '%'
/// without two hexadecimal digits, NUL, and bytes that are not UTF-8.
Result<std::string> percent_decode(std::string_view text);

/// A parameter's name as an error or a log may show it, and "…" when it could be
/// anything but a name: somebody may have put a token where the name belongs.
std::string loggable_name(std::string_view name);

}  // namespace latchkey::http
