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
/// A generation is an array of what came, one behind the other, and a small table that says where
/// each stands: a refresh puts three rows, a map would allocate each, and rows that lie all over an
/// array of their own are seldom in the processor's cache.
///
/// `most`: of a generation; twice as many for a moment.
template <class Key, class Value, std::size_t most = 4096>
class Shelf {
 public:
  static constexpr std::size_t kMost = most;

  std::optional<Value> find(const Key& key) {
    if (Entry* const young = young_.at(key); young != nullptr) return young->value;
    Entry* const old = old_.at(key);
    if (old == nullptr) return std::nullopt;
    std::optional<Value> value = std::exchange(old->value, {});  // its key stays, as a step
    put(key, *value);
    return value;
  }

  void put(const Key& key, Value value) {
    if (young_.entries.size() >= kMost) {
      std::swap(old_, young_);
      young_.clear();
    }
    young_.put(key, std::move(value));
  }

  /// What nobody will ask for again: its memory is free at once, not when it is the oldest.
  std::optional<Value> take(const Key& key) {
    std::optional<Value> taken;
    for (Generation* const each : {&old_, &young_})
      if (Entry* const entry = each->at(key); entry != nullptr)
        taken = std::exchange(entry->value, std::nullopt);
    return taken;
  }

  void clear() {
    young_.clear();
    old_.clear();
  }

 private:
  struct Entry {
    Key key = {};
    std::optional<Value> value = {};
    std::uint16_t slot = 0;  ///< which one names it
  };

  struct Generation {
    static constexpr std::size_t kSlots = 2 * kMost;
    static constexpr std::uint32_t kNumber = 0xffff;
    static_assert(kSlots <= kNumber + 1, "a slot's number, and an entry's, have 16 bits");
    std::vector<Entry> entries = {};        ///< as they came; no memory before the first
    std::vector<std::uint32_t> slots = {};  ///< each: of a key's hash 16 bits, then the number of
                                            ///< its entry, from 1 on; 0: free

    static std::uint32_t tag_of(std::size_t hash) {
      return static_cast<std::uint32_t>(std::uint64_t{hash} >> 32) & ~kNumber;
    }
    Entry& entry_of(std::uint32_t slot) { return entries[(slot & kNumber) - 1]; }
    /// The key's slot, or the free one where it would stand.
    std::size_t place(const Key& key, std::size_t hash) {
      std::size_t i = hash % kSlots;
      for (; slots[i] != 0; i = (i + 1) % kSlots)
        if ((slots[i] & ~kNumber) == tag_of(hash) && entry_of(slots[i]).key == key) break;
      return i;
    }
    Entry* at(const Key& key) {
      if (entries.empty()) return nullptr;
      const std::uint32_t slot = slots[place(key, std::hash<Key>()(key))];
      return slot != 0 && entry_of(slot).value ? &entry_of(slot) : nullptr;
    }
    void put(const Key& key, Value&& value) {
      if (slots.empty()) {
        slots.resize(kSlots);
        entries.reserve(kMost);
      }
      const std::size_t hash = std::hash<Key>()(key), i = place(key, hash);
      if (slots[i] == 0) {
        entries.push_back({.key = key, .slot = static_cast<std::uint16_t>(i)});
        slots[i] = tag_of(hash) | static_cast<std::uint32_t>(entries.size());
      }
      entry_of(slots[i]).value = std::move(value);
    }
    void clear() {
      for (const Entry& entry : entries) slots[entry.slot] = 0;
      entries.clear();
    }
  };

  Generation young_, old_;
};

}  // namespace latchkey::store
