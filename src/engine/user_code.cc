#include "engine/user_code.h"

#include "crypto/random.h"

namespace latchkey::engine {
namespace {

constexpr std::string_view kLetters = "BCDFGHJKLMNPQRSTVWXZ";
constexpr std::size_t kLength = 8;
constexpr std::size_t kMostTyped = 32;  // bytes, with spaces and dashes

// The largest multiple of 20 that a byte can reach: above it a letter would be
// likelier than others.
constexpr std::uint8_t kFairBytes = 240;

char capital(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

std::string random_user_code() {
  std::string code;
  while (code.size() < kLength) {
    for (const std::uint8_t byte : crypto::random_bytes(kLength)) {
      if (byte < kFairBytes && code.size() < kLength) code += kLetters[byte % kLetters.size()];
    }
  }
  return code;
}

std::string show_user_code(std::string_view code) {
  std::string shown(code);
  if (shown.size() == kLength) shown.insert(kLength / 2, "-");
  return shown;
}

std::optional<std::string> read_user_code(std::string_view typed) {
  if (typed.size() > kMostTyped) return std::nullopt;
  std::string code;
  for (const char c : typed) {
    if (c == ' ' || c == '-') continue;
    if (!kLetters.contains(capital(c))) return std::nullopt;
    code += capital(c);
  }
  if (code.size() != kLength) return std::nullopt;
  return code;
}

}  // namespace latchkey::engine
