#include "engine/throttle.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>

#include "crypto/random.h"

namespace latchkey::engine {
namespace {

constexpr std::size_t kSets = 4096;
constexpr std::size_t kWays = 4;

std::uint64_t random_word() {
  const Bytes bytes = crypto::random_bytes(sizeof(std::uint64_t));
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data(), sizeof word);
  return word;
}

// FNV-1a over a secret start, then mixed with a second secret: enough that nobody
// outside can aim two names at one set, and cheap enough for every request.
std::uint64_t hash_of(const std::uint64_t (&key)[2], std::string_view text) {
  std::uint64_t hash = key[0];
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    hash ^= std::rotl(hash, 29);
  }
  hash = (hash ^ key[1]) * 0x9e3779b97f4a7c15ULL;
  hash ^= hash >> 32;
  return hash == 0 ? 1 : hash;
}

}  // namespace

Pace pace_per_second(int per_second) {
  if (per_second <= 0) return {};
  return {std::max(Micros{1}, Micros{1'000'000 / per_second}), per_second};
}

Pace pace_of_interval(Seconds interval) { return {interval, 1}; }

Ruling rule(Pace pace, Micros next, Instant now) {
  if (pace.every <= Micros{0}) return {true, next, Seconds{0}};
  const Micros present = now.time_since_epoch();
  const Micros full = pace.every * std::max(1, pace.burst);
  const Micros due = std::clamp(next, present, present + full);
  const Micros ahead = due - present;
  if (ahead + pace.every <= full) return {true, due + pace.every, Seconds{0}};
  const Micros wait = ahead + pace.every - full;
  return {false, due, std::max(Seconds{1}, std::chrono::ceil<Seconds>(wait))};
}

Throttle::Throttle(Pace pace)
    : pace_(pace),
      key_{random_word(), random_word()},
      slots_(pace.every > Micros{0} ? kSets * kWays : 0) {}

Throttle::Slot* Throttle::slot_of(std::uint64_t account) {
  const std::size_t first = (account % kSets) * kWays;
  for (std::size_t i = first; i < first + kWays; ++i) {
    if (slots_[i].account == account) return &slots_[i];
  }
  return nullptr;
}

void Throttle::give_back(std::string_view account) {
  if (slots_.empty()) return;
  const std::uint64_t wanted = hash_of(key_, account);
  const std::lock_guard lock(mutex_);
  Slot* slot = slot_of(wanted);
  if (slot != nullptr) slot->next -= pace_.every;
}

Ruling Throttle::take(std::string_view account, Instant now) {
  if (slots_.empty()) return {};
  const std::uint64_t wanted = hash_of(key_, account);
  const std::size_t first = (wanted % kSets) * kWays;
  const std::lock_guard lock(mutex_);
  Slot* slot = slot_of(wanted);
  if (slot == nullptr) {
    const auto set = std::span(slots_).subspan(first, kWays);
    slot = &*std::ranges::min_element(set, {}, &Slot::next);
    *slot = {wanted, Micros{0}};
  }
  const Ruling ruling = rule(pace_, slot->next, now);
  slot->next = ruling.next;
  return ruling;
}

}  // namespace latchkey::engine
