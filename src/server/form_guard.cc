#include "server/form_guard.h"

#include "crypto/digest.h"
#include "crypto/random.h"

namespace latchkey::server {
namespace {

constexpr std::size_t kRandomBytes = 16;
constexpr std::size_t kStampSize =
    16 + 2 * kRandomBytes;  // seconds and random bytes, in hexadecimal
constexpr std::size_t kTokenSize = kStampSize + 64;

std::string hex_of(Instant t) {
  Bytes bytes;
  const auto seconds = static_cast<std::uint64_t>(epoch(t));
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<std::uint8_t>(seconds >> shift));
  return to_hex(bytes);
}

Instant time_of(ByteView bytes) {
  std::uint64_t seconds = 0;
  for (const std::uint8_t byte : bytes.subspan(0, 8)) seconds = seconds << 8 | byte;
  return from_epoch(static_cast<long long>(seconds));
}

}  // namespace

FormGuard::FormGuard(const Secret& key)
    : key_(crypto::derive_key(bytes_of(key.reveal()), "latchkey forms")) {}

crypto::Sha256 FormGuard::mac(std::string_view stamp, std::string_view purpose,
                              std::string_view binding) const {
  // Each part with its length before it: no two lists of parts give one text.
  std::string text;
  for (const std::string_view part : {stamp, purpose, binding})
    text += std::to_string(part.size()) + ":" + std::string(part);
  return key_.tag(bytes_of(text));
}

std::string FormGuard::issue(std::string_view purpose, std::string_view binding,
                             Instant now) const {
  const std::string stamp = hex_of(now) + to_hex(crypto::random_bytes(kRandomBytes));
  return stamp + to_hex(mac(stamp, purpose, binding));
}

FormGuard::Verdict FormGuard::check(std::string_view token, std::string_view purpose,
                                    std::string_view binding, Instant now) const {
  const auto bytes = token.size() == kTokenSize ? parse_hex(token) : std::nullopt;
  if (!bytes) return Verdict::kForged;
  const ByteView given = ByteView(*bytes).subspan(kStampSize / 2);
  if (!crypto::same_bytes(given, mac(token.substr(0, kStampSize), purpose, binding)))
    return Verdict::kForged;
  return now >= time_of(*bytes) + kFormLifetime ? Verdict::kStale : Verdict::kGood;
}

FormGuard::Verdict FormGuard::spend(std::string_view token, std::string_view purpose,
                                    std::string_view binding, Instant now) {
  const Verdict verdict = check(token, purpose, binding, now);
  if (verdict != Verdict::kGood) return verdict;
  const std::lock_guard lock(mutex_);
  while (!by_age_.empty() && (now >= by_age_.front().first || by_age_.size() >= kMostSpent)) {
    spent_.erase(by_age_.front().second);
    by_age_.pop_front();
  }
  std::string stamp(token.substr(0, kStampSize));
  if (!spent_.insert(stamp).second) return Verdict::kUsed;
  by_age_.emplace_back(now + kFormLifetime, std::move(stamp));
  return Verdict::kGood;
}

}  // namespace latchkey::server
