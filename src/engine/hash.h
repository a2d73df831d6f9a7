#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <stdexcept>

#include "base/text.h"

namespace latchkey::engine {

/// Keyed SHA-256 of a code, session or generated secret: 32 bytes; of a token the first 16. It
/// lies where it stands, because every token has two and is copied often. Empty: of nothing.
class Hash {
 public:
  static constexpr std::size_t kMost = 32;

  Hash() = default;
  /// std::length_error beyond kMost.
  explicit Hash(ByteView bytes) : size_(static_cast<std::uint8_t>(bytes.size())) {
    if (bytes.size() > kMost) throw std::length_error("Hash: longer than any");
    if (!bytes.empty()) std::memcpy(bytes_.data(), bytes.data(), bytes.size());
  }

  operator ByteView() const { return {bytes_.data(), size_}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  friend auto operator<=>(const Hash&, const Hash&) = default;

 private:
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
