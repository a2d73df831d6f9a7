#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// What libFuzzer, or replay.cc in its place, calls for each input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace latchkey::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the program: the input broke what must hold for every one.
inline void must(bool holds, const char* what) {
  if (holds) [[likely]]
    return;
  std::fprintf(stderr, "fuzz: it does not hold that %s\n", what);
  std::abort();
}

/// Whether a terminal would obey a part of it.
inline bool has_control(std::string_view text) {
  for (const char c : text)
    if ((c >= 0 && c < ' ') || c == 0x7f) return true;
  return false;
}

}  // namespace latchkey::fuzz
