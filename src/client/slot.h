#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace latchkey::client {

/// What a Slot can hold: counts its owners, and goes with the last. Made with one.
class Counted {
 public:
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  void hold(std::int64_t more = 1) const { count_.fetch_add(more, std::memory_order_relaxed); }
  void release(std::int64_t fewer = 1) const {
    if (count_.fetch_sub(fewer, std::memory_order_acq_rel) == fewer) delete this;
  }

 protected:
  Counted() = default;
  virtual ~Counted() = default;

 private:
  mutable std::atomic<std::int64_t> count_{1};
};

/// One owner of a T.
template <class T>
class Ref {
 public:
  Ref() = default;
  /// Takes the owner's place that the caller has.
  explicit Ref(const T* owned) : owned_(owned) {}
  Ref(const Ref& other) : owned_(other.owned_) {
    if (owned_ != nullptr) owned_->hold();
  }
  Ref(Ref&& other) noexcept : owned_(std::exchange(other.owned_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(owned_, other.owned_);
    return *this;
  }
  ~Ref() {
    if (owned_ != nullptr) owned_->release();
  }

  explicit operator bool() const { return owned_ != nullptr; }
  const T& operator*() const { return *owned_; }
  const T* operator->() const { return owned_; }
  const T* get() const { return owned_; }
  const T* give_up() { return std::exchange(owned_, nullptr); }

 private:
  const T* owned_ = nullptr;
};

/// Holds one T that any thread may take an owner of while others put another one there:
/// one atomic step each, no lock. An address fills 48 of the 64 bits; the others
/// count who took one since it was put here, and are settled with its own count when it
/// leaves. (The "split reference count" of A. Williams, C++ Concurrency in Action, 7.2.4.)
template <class T>
class Slot {
 public:
  Slot() = default;
  ~Slot() { put({}); }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  Ref<T> take() const {
    if (word_.load(std::memory_order_relaxed) == 0) return {};
    const std::uint64_t before = word_.fetch_add(kOneTaken, std::memory_order_acquire);
    const T* there = address_of(before);
    if (there == nullptr) return {};
    if (taken_of(before) >= kSettleAt) settle(there);
    return Ref<T>(there);
  }

  void put(Ref<T> fresh) {
    const T* address = fresh.give_up();
    if (address != nullptr) {
      if ((reinterpret_cast<std::uint64_t>(address) & ~kAddress) != 0) {  // a wider address space
        address->release();
        address = nullptr;
      } else {
        address->hold(kBias);
      }
    }
    leave(word_.exchange(reinterpret_cast<std::uint64_t>(address), std::memory_order_acq_rel));
  }

  /// Empties it if `held` is what it holds.
  void drop(const Ref<T>& held) {
    std::uint64_t word = word_.load(std::memory_order_relaxed);
    while (held && address_of(word) == held.get()) {
      if (!word_.compare_exchange_weak(word, 0, std::memory_order_acq_rel)) continue;
      leave(word);
      return;
    }
  }

 private:
  static constexpr std::uint64_t kAddress = (std::uint64_t{1} << 48) - 1;
  static constexpr std::uint64_t kOneTaken = std::uint64_t{1} << 48;
  static constexpr std::int64_t kSettleAt = 1 << 15;
  /// More than can be taken: while it is here, what is released cannot end it.
  static constexpr std::int64_t kBias = std::int64_t{1} << 40;

  static const T* address_of(std::uint64_t word) {
    return reinterpret_cast<const T*>(word & kAddress);
  }
  static std::int64_t taken_of(std::uint64_t word) { return static_cast<std::int64_t>(word >> 48); }

  /// Before the count is full. The caller has taken one, so that it stays.
  void settle(const T* there) const {
    std::uint64_t word = word_.load(std::memory_order_relaxed);
    while (address_of(word) == there && taken_of(word) >= kSettleAt) {
      if (!word_.compare_exchange_weak(word, word & kAddress, std::memory_order_acq_rel)) continue;
      there->hold(taken_of(word));
      return;
    }
  }
  /// Its count gets what was taken, and loses the bias and the slot's own place.
  static void leave(std::uint64_t word) {
    if (const T* gone = address_of(word)) gone->release(kBias + 1 - taken_of(word));
  }

  mutable std::atomic<std::uint64_t> word_{0};
};

}  // namespace latchkey::client
