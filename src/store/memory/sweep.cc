#include <set>

#include "store/memory/memory_tx.h"

namespace latchkey::store {

namespace {

/// Erases matching entries of a map as long as `left` allows.
template <class Map, class Dead>
void erase_some(Map& map, int& left, Dead dead) {
  for (auto entry = map.begin(); entry != map.end() && left > 0;) {
    if (dead(entry->second)) {
      entry = map.erase(entry);
      --left;
    } else {
      ++entry;
    }
  }
}

}  // namespace

Result<engine::Swept> MemoryTx::sweep(Instant before, int most) {
  State* state = TRY(changing());
  int left = most;
  const auto over = [&](const auto& row) { return row.until < before; };
  erase_some(state->tokens, left, over);
  erase_some(state->descents, left, over);
  erase_some(state->answers, left, over);
  erase_some(state->codes, left, over);
  erase_some(state->devices, left, over);
  erase_some(state->pushed, left, over);
  erase_some(state->used, left, over);
  erase_some(state->challenges, left, [&](const auto& placed) { return over(placed.row); });
  erase_some(state->sessions, left, over);
  erase_some(state->counters, left, over);
  erase_some(state->keys, left, [&](const auto& placed) { return over(placed.row); });

  std::set<GrantId> needed;
  for (const auto& [hash, token] : state->tokens) needed.insert(token.grant);
  erase_some(state->grants, left, [&](const Placed<engine::Grant>& grant) {
    return grant.row.created < before && !needed.contains(grant.row.id);
  });
  return engine::Swept{.gone = most > 0 ? most - left : 0, .more = left <= 0};
}

}  // namespace latchkey::store
