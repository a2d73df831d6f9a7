#include "history.h"

#include <algorithm>
#include <set>

namespace latchkey::races {
namespace {

using Mask = std::uint64_t;

struct Search {
  const std::vector<Act>& acts;
  std::set<std::pair<Mask, Family>> tried = {};
  std::vector<Act> order = {};

  // The first end among those that are left: what began after it comes later.
  std::uint64_t horizon(Mask done) const {
    std::uint64_t first = UINT64_MAX;
    for (std::size_t i = 0; i < acts.size(); ++i) {
      if ((done >> i & 1) == 0) first = std::min(first, acts[i].ended);
    }
    return first;
  }

  bool go_on(Mask done, const Family& family) {
    if (order.size() == acts.size()) return true;
    if (!tried.insert({done, family}).second) return false;
    const std::uint64_t limit = horizon(done);
    for (std::size_t i = 0; i < acts.size(); ++i) {
      if ((done >> i & 1) != 0 || acts[i].began > limit) continue;
      Family next = family;
      if (!next.explains(acts[i])) continue;
      order.push_back(acts[i]);
      if (go_on(done | Mask{1} << i, next)) return true;
      order.pop_back();
    }
    return false;
  }
};

}  // namespace

bool Family::explains(const Act& act) {
  using Kind = Act::Kind;
  using Answer = Act::Answer;
  if (act.kind == Kind::kUse) return act.answer == (revoked_ ? Answer::kDead : Answer::kLive);
  if (act.kind == Kind::kRevoke) {
    revoked_ = true;
    return act.answer == Answer::kDone;
  }
  if (revoked_) return act.answer == Answer::kRevoked;
  if (act.token == head_) {
    before_ = head_;
    head_ = act.given;
    return act.answer == Answer::kGiven && act.given != before_;
  }
  if (window_ && act.token == before_) return act.answer == Answer::kGiven && act.given == head_;
  revoked_ = true;
  return act.answer == Answer::kReplayed;
}

std::optional<std::vector<Act>> explanation(const std::vector<Act>& acts, bool window) {
  if (acts.size() > 64) return std::nullopt;
  Search search{acts};
  if (!search.go_on(0, Family{window})) return std::nullopt;
  return search.order;
}

}  // namespace latchkey::races
