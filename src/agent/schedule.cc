#include "agent/schedule.h"

#include <algorithm>

namespace latchkey::agent {
namespace {

/// Between when it is due and when it is done.
constexpr Seconds kLeastSlack{2}, kMostSlack{10};
constexpr Seconds kFirstPause{15};
constexpr Seconds kLongestPause{300};
constexpr int kMostDoublings = 5;
constexpr unsigned kSpreads = 1024;

Seconds pause_after(const Tries& tries) {
  const Seconds usual = kFirstPause * (1 << std::min(tries.failed - 1, kMostDoublings));
  return std::max(std::min(usual, kLongestPause), tries.asked_to_wait);
}

}  // namespace

Seconds lead_of(const broker::Entry& entry, const Ahead& rule) {
  const Seconds life = *entry.access_until - entry.renewed;
  const Seconds slack = std::clamp(life / 10, kLeastSlack, kMostSlack);
  return std::max(std::min(rule.ahead, life / 5), rule.need + slack);
}

std::optional<Instant> renew_at(const broker::Entry& entry, const broker::Means& means,
                                const Ahead& rule, const Tries& tries, unsigned spread,
                                Instant now) {
  if (entry.access_token.empty() || !entry.access_until) return std::nullopt;
  if (!entry.proof_key.empty()) return std::nullopt;  // nobody is handed it
  if (broker::decide_renewal(entry, means, now) == broker::Step::kAskPerson) return std::nullopt;
  const Seconds life = *entry.access_until - entry.renewed;
  const Seconds lead = lead_of(entry, rule);
  if (lead > life / 2) return std::nullopt;
  const Instant planned = *entry.access_until - lead - lead * (spread % kSpreads) / (2 * kSpreads);
  if (tries.failed == 0) return planned;
  return std::max(planned, tries.last + pause_after(tries));
}

unsigned spread_of(const ProfileName& profile, std::int64_t generation) {
  std::uint32_t hash = 2166136261u;  // FNV-1a
  const auto mix = [&](unsigned char c) { hash = (hash ^ c) * 16777619u; };
  for (const char c : profile.text) mix(static_cast<unsigned char>(c));
  for (int shift = 0; shift < 64; shift += 8)
    mix(static_cast<unsigned char>(static_cast<std::uint64_t>(generation) >> shift));
  return (hash ^ hash >> 16) % kSpreads;
}

}  // namespace latchkey::agent
