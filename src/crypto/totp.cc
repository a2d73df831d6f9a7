#include "crypto/totp.h"

#include <liboath/oath.h>

#include <array>

#include "crypto/openssl.h"

namespace latchkey::crypto {
namespace {

constexpr unsigned kDigits = 6;
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void start_oath() {
  static const int started = oath_init();
  must(started == OATH_OK, "liboath");
}

std::int64_t step_at(Instant now) { return epoch(now) / kTotpStep.count(); }

Secret code_of_step(ByteView seed, std::int64_t step) {
  start_oath();
  std::array<char, kDigits + 1> code{};
  const auto at = static_cast<time_t>(step * kTotpStep.count());
  const auto* bytes = reinterpret_cast<const char*>(seed.data());
  must(oath_totp_generate(bytes, seed.size(), at, static_cast<unsigned>(kTotpStep.count()),
                          OATH_TOTP_DEFAULT_START_TIME, kDigits, code.data()) == OATH_OK,
       "TOTP");
  Secret secret(std::string_view(code.data(), kDigits));
  wipe(code.data(), code.size());
  return secret;
}

std::optional<unsigned> base32_value(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  const auto at = kBase32.find(c);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned>(at);
}

// Whether `digits` digits are what some whole number of bytes is written as.
bool is_base32_length(std::size_t digits) {
  const std::size_t rest = digits % 8;
  return rest != 1 && rest != 3 && rest != 6;
}

}  // namespace

Secret totp(ByteView seed, Instant now) { return code_of_step(seed, step_at(now)); }

std::optional<std::int64_t> totp_step_of(ByteView seed, const Secret& code, Instant now) {
  const std::int64_t current = step_at(now);
  std::optional<std::int64_t> found;
  for (const std::int64_t step : {current - 1, current + 1, current}) {
    // All three are computed, so that time does not tell how far a clock is off.
    if (step >= 0 && code_of_step(seed, step) == code) found = step;
  }
  return found;
}

std::string to_base32(ByteView bytes) {
  std::string text;
  unsigned pending = 0;
  int bits = 0;
  for (const std::uint8_t byte : bytes) {
    pending = (pending << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += kBase32[(pending >> (bits - 5)) & 31];
    pending &= (1u << bits) - 1;
  }
  if (bits > 0) text += kBase32[(pending << (5 - bits)) & 31];
  return text;
}

std::optional<Bytes> parse_base32(std::string_view text) {
  if (text.ends_with('=')) {
    if (text.size() % 8 != 0) return std::nullopt;
    text = text.substr(0, text.find('='));
    if (text.size() % 8 == 0) return std::nullopt;
  }
  if (!is_base32_length(text.size())) return std::nullopt;
  Bytes bytes;
  unsigned pending = 0;
  int bits = 0;
  for (const char c : text) {
    const auto value = base32_value(c);
    if (!value) return std::nullopt;
    pending = (pending << 5) | *value;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<std::uint8_t>(pending >> bits));
    pending &= (1u << bits) - 1;
  }
  if (pending != 0) return std::nullopt;
  return bytes;
}

}  // namespace latchkey::crypto
