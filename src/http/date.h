#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace latchkey::http {

/// Reads the three forms of an HTTP date (RFC 9110 section 5.6.7):
///   Sun, 06 Nov 1994 08:49:37 GMT      Sunday, 06-Nov-94 08:49:37 GMT
///   Sun Nov  6 08:49:37 1994
/// A year of two digits is the latest one that is no more than 50 years after
/// `now`. The name of the day must be one, but not the right one. nullopt on any
/// other text or an impossible date.
std::optional<Instant> parse_http_date(std::string_view text, Instant now);

}  // namespace latchkey::http
