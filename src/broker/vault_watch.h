#pragma once

#include <cstdint>

namespace latchkey::broker {

/// A vault at one moment: equal marks mean that nobody committed anything in between.
struct VaultMark {
  std::uint64_t change = 0;  ///< counts commits
  std::uint64_t frames = 0;  ///< how far the log reaches
  std::uint64_t sums = 0;    ///< checks the whole header
  friend bool operator==(const VaultMark&, const VaultMark&) = default;
};

/// Reads a vault's mark from the log's index, which SQLite keeps in memory that all
/// programs share: a few loads, no system call. Take the mark before reading an entry;
/// as long as it stays the same, so does the entry. Safe from any thread.
class VaultWatch {
 public:
  VaultWatch() = default;
  explicit VaultWatch(const volatile void* index)
      : words_(static_cast<const volatile std::uint64_t*>(index)) {}

  /// Without sight, every mark is equal: ask the vault itself from time to time.
  bool blind() const { return words_ == nullptr; }
  VaultMark mark() const {
    if (blind()) return {};
    return {read(kChangeAt), read(kFramesAt), read(kSumsAt)};
  }

 private:
  // Offsets in 8-byte words of the header (sqlite.org/walformat.html, section 2.1).
  static constexpr int kChangeAt = 1;
  static constexpr int kFramesAt = 2;
  static constexpr int kSumsAt = 5;
  std::uint64_t read(int at) const { return __atomic_load_n(words_ + at, __ATOMIC_ACQUIRE); }

  const volatile std::uint64_t* words_ = nullptr;
};

}  // namespace latchkey::broker
