#pragma once

#include <chrono>
#include <cstdint>

namespace latchkey::net {

/// How an answer leaves, beside what it says. The default is how answers should;
/// the rest is for a server that tests its clients. Everything here is bounded,
/// and a drain ends it.
struct Delivery {
  enum class Way {
    kWhole,
    kNothing,  ///< the connection is closed without a byte
    kReset,    ///< the same, by a TCP reset
    kCut,      ///< the head with the whole length, half of the body, then closed
  };

  std::chrono::milliseconds delay{0};  ///< before the first byte; cut to kMostDelay
  Way way = Way::kWhole;
  std::uint64_t padding = 0;  ///< so many spaces behind the body; cut to kMostPadding
  bool chunked = false;       ///< in chunks, without a length
};

inline constexpr std::chrono::milliseconds kMostDelay = std::chrono::minutes(10);
inline constexpr std::uint64_t kMostPadding = std::uint64_t{1} << 30;
/// An answer with padding is cut when its peer takes longer than this.
inline constexpr std::chrono::milliseconds kPaddingTime = std::chrono::minutes(1);

}  // namespace latchkey::net
