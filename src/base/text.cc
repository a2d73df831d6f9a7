#include "base/text.h"

#include <sodium.h>

#include <algorithm>
#include <charconv>

#include "base/secret.h"

namespace latchkey {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'f');
}

/// The digit of `six` bits (RFC 4648 sections 4 and 5), by arithmetic on bytes: tokens pass here,
/// so that nothing is looked up in a table or branched on. `last` are the digits of 62 and 63.
constexpr char base64_digit(std::uint8_t six, std::string_view last) {
  const auto beyond = [six](int bound, int step) {  // `step`, where six > bound
    return static_cast<std::uint8_t>(-(static_cast<std::uint8_t>(bound - six) >> 7) & step);
  };
  const int digit = 'A' + six + beyond(25, 'a' - 'Z' - 1) + beyond(51, '0' - 'z' - 1) +
                    beyond(61, last[0] - '9' - 1) + beyond(62, last[1] - last[0] - 1);
  return static_cast<char>(digit);
}

// First the values of all digits, then the digits: of loops so plain the compiler makes vector
// instructions, and an access token has a thousand digits.
std::string encode_base64(ByteView bytes, std::string_view last, bool padded) {
  const std::size_t digits = (bytes.size() * 8 + 5) / 6;
  std::string out(digits, '\0');
  std::size_t at = 0;
  std::size_t i = 0;
  const auto put = [&](std::uint32_t bits, int count) {
    for (int shift = 18; count > 0; shift -= 6, --count)
      out[at++] = static_cast<char>(bits >> shift & 0x3F);
  };
  for (; i + 3 <= bytes.size(); i += 3)
    put(std::uint32_t{bytes[i]} << 16 | std::uint32_t{bytes[i + 1]} << 8 | bytes[i + 2], 4);
  if (i + 2 == bytes.size())
    put(std::uint32_t{bytes[i]} << 16 | std::uint32_t{bytes[i + 1]} << 8, 3);
  if (i + 1 == bytes.size()) put(std::uint32_t{bytes[i]} << 16, 2);
  for (char& c : out) c = base64_digit(static_cast<std::uint8_t>(c), last);
  if (padded) out.resize((digits + 3) / 4 * 4, '=');
  return out;
}

/// All bits where it is one.
constexpr std::uint8_t mask(bool yes) { return static_cast<std::uint8_t>(-static_cast<int>(yes)); }

/// Each digit's value in its place; false when one is none. No branch and no table: a token's
/// digits are nobody's to time, and a compiler makes sixteen of them one step.
bool digit_values(std::string_view digits, std::string_view last, std::uint8_t* values) {
  const auto last_but_one = static_cast<std::uint8_t>(last[0]);
  const auto very_last = static_cast<std::uint8_t>(last[1]);
  std::uint8_t all_good = 0xFF;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const auto c = static_cast<std::uint8_t>(digits[i]);
    const std::uint8_t upper = mask(static_cast<std::uint8_t>(c - 'A') < 26);
    const std::uint8_t lower = mask(static_cast<std::uint8_t>(c - 'a') < 26);
    const std::uint8_t number = mask(static_cast<std::uint8_t>(c - '0') < 10);
    const std::uint8_t is_62 = mask(c == last_but_one), is_63 = mask(c == very_last);
    values[i] = static_cast<std::uint8_t>((upper & (c - 'A')) | (lower & (c - 'a' + 26)) |
                                          (number & (c - '0' + 52)) | (is_62 & 62) | (is_63 & 63));
    all_good &= static_cast<std::uint8_t>(upper | lower | number | is_62 | is_63);
  }
  return all_good == 0xFF;
}

/// Every four values become three bytes; what is left of the last ones must be zeros.
std::optional<std::size_t> join_values(std::uint8_t* values, std::size_t count) {
  std::size_t size = 0, i = 0;
  const auto put = [&](std::uint32_t bits, int bytes) {
    for (int shift = 16; bytes > 0; shift -= 8, --bytes)
      values[size++] = static_cast<std::uint8_t>(bits >> shift);
  };
  for (; i + 4 <= count; i += 4)
    put(std::uint32_t{values[i]} << 18 | std::uint32_t{values[i + 1]} << 12 |
            std::uint32_t{values[i + 2]} << 6 | values[i + 3],
        3);
  if (i == count) return size;
  if (i + 1 == count) return std::nullopt;
  std::uint32_t bits = std::uint32_t{values[i]} << 18 | std::uint32_t{values[i + 1]} << 12;
  if (i + 3 == count) bits |= std::uint32_t{values[i + 2]} << 6;
  const int bytes = static_cast<int>(count - i) - 1;
  if ((bits & (0xFFFFFFu >> (8 * bytes))) != 0) return std::nullopt;
  put(bits, bytes);
  return size;
}

std::optional<Bytes> decode_base64(std::string_view digits, std::string_view last) {
  Bytes out(digits.size());
  const bool good = digit_values(digits, last, out.data());
  const auto size = good ? join_values(out.data(), out.size()) : std::nullopt;
  wipe(out.data() + size.value_or(0), out.size() - size.value_or(0));
  if (!size) return std::nullopt;
  out.resize(*size);
  return out;
}

// Without a branch on any one of them.
bool is_ascii(std::string_view text) {
  unsigned all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

constexpr bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::uint32_t code_point(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return first;
  std::uint32_t value = first & (0x7Fu >> sequence.size());
  for (char c : sequence.substr(1)) value = value << 6 | (static_cast<unsigned char>(c) & 0x3Fu);
  return value;
}

// C0, DEL and C1, and the marks that break lines or turn the writing direction.
constexpr bool steers_terminal(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200E && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

}  // namespace

std::string to_hex(ByteView bytes) {
  std::string out(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), bytes.data(), bytes.size());
  out.pop_back();  // the terminating NUL
  return out;
}

std::optional<Bytes> parse_hex(std::string_view text) {
  Bytes out(text.size() / 2 + 1);
  std::size_t size = 0;
  if (sodium_hex2bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, nullptr) !=
      0) {
    return std::nullopt;
  }
  out.resize(size);
  return out;
}

std::string to_uuid(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 0xF];
  }
  return text;
}

std::string to_base64url(ByteView bytes) { return encode_base64(bytes, "-_", false); }

std::optional<Bytes> parse_base64url(std::string_view text) { return decode_base64(text, "-_"); }

std::string to_base64(ByteView bytes) { return encode_base64(bytes, "+/", true); }

std::optional<Bytes> parse_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int most = 2; most > 0 && text.ends_with('='); --most) text.remove_suffix(1);
  return decode_base64(text, "+/");
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex_digit(text[i])) return false;
  }
  return true;
}

std::size_t utf8_sequence(std::string_view text) {
  if (text.empty()) return 0;
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (text.size() < size) return 0;
  if (!std::all_of(text.begin() + 1, text.begin() + size, is_continuation)) return 0;
  const std::uint32_t c = code_point(text.substr(0, size));
  const bool overlong = (size == 3 && c < 0x800) || (size == 4 && c < 0x10000);
  const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
  return overlong || surrogate || c > 0x10FFFF ? 0 : size;
}

bool is_utf8(std::string_view text) {
  if (is_ascii(text)) return true;
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::int64_t> parse_int(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::string printable(std::string_view text, std::size_t most) {
  // Nearly every text is of such bytes alone.
  const auto special = std::ranges::find_if(text, [](char c) { return c < ' ' || c > '~'; });
  const auto plain = static_cast<std::size_t>(special - text.begin());
  std::string out(text.substr(0, std::min(plain, most)));
  if (plain > most) return out;
  text.remove_prefix(plain);
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    const bool shown = size > 0 && !steers_terminal(code_point(text.substr(0, size)));
    const std::string_view piece = shown ? text.substr(0, size) : "?";
    if (out.size() + piece.size() > most) break;
    out += piece;
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

}  // namespace latchkey
