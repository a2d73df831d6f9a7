#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Lower-case hexadecimal.
std::string to_hex(ByteView bytes);
/// Strict: an even number of digits of either case, nothing else.
std::optional<Bytes> parse_hex(std::string_view text);

/// base64url without padding (RFC 4648 section 5, RFC 7515 section 2).
std::string to_base64url(ByteView bytes);
/// Strict: no padding, no white space, no bits left over (checklist 50).
std::optional<Bytes> parse_base64url(std::string_view text);

/// Standard base64 with padding, as in HTTP Basic; strict both ways.
std::string to_base64(ByteView bytes);
std::optional<Bytes> parse_base64(std::string_view text);

/// "12be28e4-2e15-44b8-983e-e6c119a1bcac", any version, either case.
bool is_uuid(std::string_view text);
/// That text of 16 bytes, in lower case.
std::string to_uuid(ByteView bytes);

/// Valid UTF-8 without overlong forms or surrogates.
bool is_utf8(std::string_view text);
/// How many bytes the valid UTF-8 sequence has that `text` begins with; 0 when
/// it begins with none.
std::size_t utf8_sequence(std::string_view text);

/// ASCII only, whatever the locale.
std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
/// Without the spaces, tabs, CR and LF around it.
std::string_view trim(std::string_view text);
/// The parts between the separators; always at least one, and empty ones count.
std::vector<std::string> split(std::string_view text, char separator);

/// A whole decimal integer and nothing else; nullopt on overflow.
std::optional<std::int64_t> parse_int(std::string_view text);

/// `text` with control characters (CR, LF, NUL, ESC …), marks that turn the
/// writing direction and invalid UTF-8 replaced by '?', at most `most` bytes and
/// never half a character: safe to put on a terminal or in a log.
std::string printable(std::string_view text, std::size_t most = 200);

}  // namespace latchkey
