#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <tuple>

#include "base/text.h"

namespace latchkey::engine {

/// Keyed SHA-256 of a code, session or generated secret: 32 bytes; of a token the first 16. It
/// lies where it stands, because every token has two and is copied often. Empty: of nothing.
///
/// A token's may know the number of the row where the token stands: a hint, from a text that
/// anybody can make up. It is no part of what the hash is, and no comparison sees it.
class Hash {
 public:
  static constexpr std::size_t kMost = 32;

  Hash() = default;
  /// std::length_error beyond kMost.
  explicit Hash(ByteView bytes, std::int64_t number = 0)
      : number_(number), size_(static_cast<std::uint8_t>(bytes.size())) {
    if (bytes.size() > kMost) throw std::length_error("Hash: longer than any");
    if (!bytes.empty()) std::memcpy(bytes_.data(), bytes.data(), bytes.size());
  }

  operator ByteView() const { return {bytes_.data(), size_}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// 0: none is known.
  std::int64_t number() const { return number_; }

  friend bool operator==(const Hash& a, const Hash& b) {
    return a.size_ == b.size_ && a.bytes_ == b.bytes_;
  }
  friend auto operator<=>(const Hash& a, const Hash& b) {
    return std::tie(a.bytes_, a.size_) <=> std::tie(b.bytes_, b.size_);
  }

 private:
  std::int64_t number_ = 0;
  std::array<std::uint8_t, kMost> bytes_{};  ///< zero behind its end
  std::uint8_t size_ = 0;
};

}  // namespace latchkey::engine

/// Of what nobody outside can choose: its beginning will do.
template <>
struct std::hash<latchkey::engine::Hash> {
  std::size_t operator()(const latchkey::engine::Hash& hash) const {
    std::size_t beginning = 0;
    const latchkey::ByteView bytes = hash;
    std::memcpy(&beginning, bytes.data(), std::min(sizeof beginning, bytes.size()));
    return beginning;
  }
};
