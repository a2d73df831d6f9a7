#include "engine/row_number.h"

#include <array>
#include <cstring>
#include <span>

#include "crypto/digest.h"
#include "crypto/random.h"

namespace latchkey::engine {
namespace {

constexpr std::size_t kOpaqueBytes = 32, kOpaqueText = 43;
constexpr std::size_t kUuidBytes = 16, kUuidText = 36;
constexpr std::size_t kMaskedBytes = 8;  // of either; what is behind them is random
constexpr std::string_view kJwtId = R"("jti":")";

std::uint64_t read_word(ByteView bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < kMaskedBytes; ++i) word = word << 8 | bytes[i];
  return word;
}

void write_word(std::span<std::uint8_t> bytes, std::uint64_t word) {
  for (std::size_t i = kMaskedBytes; i-- > 0; word >>= 8)
    bytes[i] = static_cast<std::uint8_t>(word);
}

std::uint64_t mask_of(ByteView key, ByteView bytes) {
  return crypto::short_hash(key, bytes.subspan(kMaskedBytes));
}

std::int64_t number_of(std::uint64_t word) {
  return word < std::uint64_t{kEndOfNumbers} ? static_cast<std::int64_t>(word) : 0;
}

// A UUID's version takes four of the first 64 bits: what is beside them has room for 60.
constexpr std::uint64_t kNumberBits = std::uint64_t{kEndOfNumbers} - 1;
constexpr std::uint64_t kLow = 0xfff;
std::uint64_t around_version(std::uint64_t bits) {
  return (bits & ~kLow) << 4 | 0x4000 | (bits & kLow);
}
std::uint64_t without_version(std::uint64_t word) { return ((word >> 4) & ~kLow) | (word & kLow); }

std::int64_t said_by_uuid(ByteView key, std::string_view text) {
  std::string digits;
  digits.reserve(2 * kUuidBytes);
  for (const char c : text)
    if (c != '-') digits += c;
  const auto bytes = parse_hex(digits);
  if (!bytes || bytes->size() != kUuidBytes) return 0;
  const std::uint64_t masked = without_version(read_word(*bytes));
  return number_of(masked ^ (mask_of(key, *bytes) & kNumberBits));
}

std::int64_t said_by_opaque_text(ByteView key, std::string_view text) {
  auto bytes = parse_base64url(text);
  if (!bytes || bytes->size() != kOpaqueBytes) return 0;
  const std::uint64_t word = read_word(*bytes) ^ mask_of(key, *bytes);
  wipe(bytes->data(), bytes->size());
  return number_of(word);
}

// Within a JSON string a quote has a backslash before it, so what is found is a name.
std::int64_t said_by_jwt(ByteView key, std::string_view payload) {
  const auto claims = parse_base64url(payload);
  if (!claims) return 0;
  const std::string_view text = text_of(*claims);
  const auto at = text.find(kJwtId);
  if (at == text.npos) return 0;
  return said_by_uuid(key, text.substr(at + kJwtId.size(), kUuidText));
}

}  // namespace

Secret opaque_text_saying(ByteView key, std::int64_t number) {
  Bytes bytes = crypto::random_bytes(kOpaqueBytes);
  if (number != 0) write_word(bytes, static_cast<std::uint64_t>(number) ^ mask_of(key, bytes));
  std::string text = to_base64url(bytes);
  Secret secret(text);
  wipe(text.data(), text.size());
  wipe(bytes.data(), bytes.size());
  return secret;
}

std::string uuid_saying(ByteView key, std::int64_t number, std::uint64_t noise) {
  std::array<std::uint8_t, kUuidBytes> bytes;
  write_word(std::span(bytes).subspan(kMaskedBytes), noise);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);  // the variant of RFC 9562
  const std::uint64_t bits = static_cast<std::uint64_t>(number) ^ mask_of(key, bytes);
  write_word(bytes, around_version(bits & kNumberBits));
  return to_uuid(bytes);
}

bool says_id(std::string_view claims, std::string_view id) {
  const auto at = claims.find(kJwtId);
  return at != claims.npos && claims.substr(at + kJwtId.size()).starts_with(id);
}

std::int64_t number_said(ByteView key, std::string_view text) {
  if (text.size() == kOpaqueText) return said_by_opaque_text(key, text);
  const auto first = text.find('.');
  if (first == text.npos) return 0;
  const auto second = text.find('.', first + 1);
  if (second == text.npos) return 0;
  return said_by_jwt(key, text.substr(first + 1, second - first - 1));
}

}  // namespace latchkey::engine
