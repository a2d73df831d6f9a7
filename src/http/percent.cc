#include "http/percent.h"

#include <algorithm>

#include "base/text.h"
#include "http/message.h"

namespace latchkey::http {
namespace {

constexpr bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr bool is_unreserved(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

// Shorter than a UUID, longer than any parameter that a standard defines.
constexpr std::size_t kLongestLoggableName = 32;

}  // namespace

std::string percent_encode(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    out += '%';
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 0xF];
  }
  return out;
}

Result<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (;;) {
    const std::size_t plain = std::min(text.find('%'), text.size());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const std::string_view digits = text.substr(1, 2);
    const auto byte = digits.size() == 2 ? parse_hex(digits) : std::nullopt;
    if (!byte) return fail(Why::kMalformed, "bad percent-encoding");
    out += static_cast<char>(byte->front());
    text.remove_prefix(3);
  }
  if (out.find('\0') != std::string::npos) return fail(Why::kMalformed, "a NUL character");
  if (!is_utf8(out)) return fail(Why::kMalformed, "text that is not UTF-8");
  return out;
}

std::string loggable_name(std::string_view name) {
  const bool plain = !name.empty() && name.size() <= kLongestLoggableName && is_letter(name[0]) &&
                     std::all_of(name.begin(), name.end(), is_unreserved);
  return plain ? std::string(name) : "…";
}

}  // namespace latchkey::http
