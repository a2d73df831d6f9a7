#include "store/sqlite/places.h"

#include <utility>

namespace latchkey::store {

// Each is asked for once at most, so none moves back to the young.
std::optional<FamilyPlace> Places::find(const engine::Hash& hash) const {
  const std::string key(text_of(hash));
  for (const auto* generation : {&young_, &old_})
    if (const auto found = generation->find(key); found != generation->end()) return found->second;
  return std::nullopt;
}

void Places::put(const engine::Hash& hash, const FamilyPlace& place) {
  if (young_.size() >= kMost) old_ = std::exchange(young_, {});
  young_.insert_or_assign(std::string(text_of(hash)), place);
}

}  // namespace latchkey::store
