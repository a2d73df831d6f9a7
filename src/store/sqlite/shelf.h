#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace latchkey::store {

/// What was put last, by its key, and no more than so much. Two generations: when the young one is
/// full it becomes the old one; what is still asked for moves back to the young. One thread's.
///
/// A generation is one array with open addressing, half full at most: a refresh puts three rows,
/// and a map would allocate each.
///
/// `most`: of a generation; twice as many for a moment.
template <class Key, class Value, std::size_t most = 4096>
class Shelf {
 public:
  static constexpr std::size_t kMost = most;

  std::optional<Value> find(const Key& key) {
    if (Slot* const slot = young_.at(key); slot != nullptr) return slot->value;
    Slot* const slot = old_.at(key);
    if (slot == nullptr) return std::nullopt;
    std::optional<Value> value = std::exchange(slot->value, {});  // its key stays, as a step
    put(key, *value);
    return value;
  }

  void put(const Key& key, Value value) {
    if (young_.taken.size() >= kMost) {
      std::swap(old_, young_);
      young_.clear();
    }
    young_.put(key, std::move(value));
  }

  /// What nobody will ask for again: its memory is free at once, not when it is the oldest.
  std::optional<Value> take(const Key& key) {
    std::optional<Value> taken;
    for (Generation* const each : {&old_, &young_})
      if (Slot* const slot = each->at(key); slot != nullptr)
        taken = std::exchange(slot->value, std::nullopt);
    return taken;
  }

  void clear() {
    young_.clear();
    old_.clear();
  }

 private:
  struct Slot {
    Key key = {};
    std::optional<Value> value = {};
    bool is_taken = false;
  };

  struct Generation {
    static constexpr std::size_t kSlots = 2 * kMost;
    static_assert(kSlots <= 65536, "`taken` holds their numbers");
    std::vector<Slot> slots = {};           ///< none before the first row
    std::vector<std::uint16_t> taken = {};  ///< which of them, so that clearing few is cheap

    /// The key's slot, or the free one where it would stand.
    std::size_t place(const Key& key) const {
      std::size_t i = std::hash<Key>()(key) % kSlots;
      while (slots[i].is_taken && slots[i].key != key) i = (i + 1) % kSlots;
      return i;
    }
    Slot* at(const Key& key) {
      if (taken.empty()) return nullptr;
      Slot& slot = slots[place(key)];
      return slot.value ? &slot : nullptr;
    }
    void put(const Key& key, Value&& value) {
      if (slots.empty()) slots.resize(kSlots);
      const std::size_t i = place(key);
      Slot& slot = slots[i];
      if (!slot.is_taken) {
        taken.push_back(static_cast<std::uint16_t>(i));
        slot.key = key;
        slot.is_taken = true;
      }
      slot.value = std::move(value);
    }
    void clear() {
      for (const std::uint16_t i : taken) slots[i] = {};
      taken.clear();
    }
  };

  Generation young_, old_;
};

}  // namespace latchkey::store
