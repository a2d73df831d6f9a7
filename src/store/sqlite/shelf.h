#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>

namespace latchkey::store {

/// What was put last, by its key, and no more than so much. Two generations: when the young one is
/// full it becomes the old one; what is still asked for moves back to the young. One thread's.
template <class Key, class Value>
class Shelf {
 public:
  /// The most of a generation; twice as many for a moment.
  static constexpr std::size_t kMost = 4096;

  std::optional<Value> find(const Key& key) {
    if (const auto found = young_.find(key); found != young_.end()) return found->second;
    auto found = old_.extract(key);
    if (found.empty()) return std::nullopt;
    put(key, found.mapped());
    return std::move(found.mapped());
  }

  void put(const Key& key, Value value) {
    if (young_.size() >= kMost) old_ = std::exchange(young_, {});
    young_.insert_or_assign(key, std::move(value));
  }

  void clear() {
    young_.clear();
    old_.clear();
  }

 private:
  std::unordered_map<Key, Value> young_, old_;
};

}  // namespace latchkey::store
