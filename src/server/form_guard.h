#pragma once

#include <deque>
#include <mutex>
#include <set>

#include "base/secret.h"
#include "base/text.h"
#include "base/time.h"
#include "crypto/digest.h"

namespace latchkey::server {

/// Proves that a form was made by us, for this browser and this purpose
/// (checklist 18): a HMAC over the time, a random number, the purpose and what
/// binds it to the browser (the session, or a cookie from before there is one).
/// Thread-safe.
class FormGuard {
 public:
  explicit FormGuard(const Secret& key);

  enum class Verdict {
    kGood,
    kForged,  ///< not ours, or for another browser, purpose or request
    kStale,   ///< ours, and older than kFormLifetime
    kUsed,    ///< spent before
  };

  std::string issue(std::string_view purpose, std::string_view binding, Instant now) const;
  Verdict check(std::string_view token, std::string_view purpose, std::string_view binding,
                Instant now) const;
  /// As check(), and good only once. Remembered in memory for as long as a form
  /// lives; of more than kMostSpent the oldest are forgotten.
  Verdict spend(std::string_view token, std::string_view purpose, std::string_view binding,
                Instant now);

 private:
  crypto::Sha256 mac(std::string_view stamp, std::string_view purpose,
                     std::string_view binding) const;

  crypto::HmacKey key_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> spent_;
  std::deque<std::pair<Instant, std::string>> by_age_;
};

inline constexpr Seconds kFormLifetime{900};
inline constexpr std::size_t kMostSpent = 50'000;

}  // namespace latchkey::server
