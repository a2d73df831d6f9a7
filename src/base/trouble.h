#pragma once

#include "base/result.h"

namespace latchkey {

/// Whether it is trouble of ours, a store's or a defect: no verdict about the question, who
/// asks or the token, and never to be told as one.
constexpr bool is_trouble(Why why) {
  return why == Why::kUnavailable || why == Why::kStore || why == Why::kBug;
}

}  // namespace latchkey
