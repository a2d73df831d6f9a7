#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace latchkey::races {

/// What one thread asked of a family, and what it was told.
struct Act {
  enum class Kind { kRefresh, kRevoke, kUse };
  enum class Answer { kGiven, kReplayed, kRevoked, kDone, kLive, kDead };
  Kind kind = Kind::kRefresh;
  int token = 0;  ///< that was brought
  Answer answer = Answer::kGiven;
  int given = 0;  ///< the refresh token of kGiven
  std::uint64_t began = 0;
  std::uint64_t ended = 0;
};

/// A family as one thread after another would see it, with a replay window that does not
/// close by time (`window`) or with none. Token 0 is the login's.
class Family {
 public:
  explicit Family(bool window) : window_(window) {}
  /// Makes the act; false when the family would have answered otherwise.
  bool explains(const Act& act);
  friend auto operator<=>(const Family&, const Family&) = default;

 private:
  bool window_;
  bool revoked_ = false;
  int head_ = 0;
  int before_ = -1;  ///< whose successor the head is
};

/// An order of the acts in which every one that ended before another began stands before
/// it, and that the family explains; nullopt when there is none. For up to 64 acts.
std::optional<std::vector<Act>> explanation(const std::vector<Act>& acts, bool window);

}  // namespace latchkey::races
