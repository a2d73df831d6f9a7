#pragma once

#include <string_view>
#include <vector>

namespace latchkey {

/// Overwrites `size` bytes in a way that the compiler may not remove.
void wipe(void* bytes, std::size_t size);

/// Frees memory only after wiping it.
template <class T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <class U>
  WipingAllocator(const WipingAllocator<U>&) {}
  T* allocate(std::size_t n) { return std::allocator<T>().allocate(n); }
  void deallocate(T* p, std::size_t n) {
    wipe(p, n * sizeof(T));
    std::allocator<T>().deallocate(p, n);
  }
  friend bool operator==(const WipingAllocator&, const WipingAllocator&) { return true; }
};

/// A token, password, key or code. It cannot be printed or logged, compares in
/// constant time, and is wiped when it goes. It sits in a vector because a
/// moved-from short std::string keeps its bytes.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text) : bytes_(text.begin(), text.end()) {}

  /// The one way out. Its callers are a reviewed list (tools/check_source.py).
  /// The view lives as long as this Secret is neither moved nor destroyed.
  std::string_view reveal() const { return {bytes_.data(), bytes_.size()}; }

  bool empty() const { return bytes_.empty(); }
  std::size_t size() const { return bytes_.size(); }

  /// Constant time for equal sizes; the size itself is not hidden.
  friend bool operator==(const Secret& a, const Secret& b) { return same(a, b); }

 private:
  static bool same(const Secret& a, const Secret& b);
  std::vector<char, WipingAllocator<char>> bytes_;
};

}  // namespace latchkey
