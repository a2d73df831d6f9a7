#pragma once

#include <new>

#include "client/abi.h"

// What every function of the C interface does before and after; only they include this.

namespace latchkey::client {

inline Outcome usage(const char* what) { return std::unexpected(Failure{kUsageError, what, {}}); }

/// Gives the failure to the caller. Without memory for its text there is the code alone.
inline int told(const Failure& failure, latchkey_error** error) noexcept {
  try {
    if (error != nullptr) *error = new latchkey_error{failure};
  } catch (...) {
    *error = nullptr;
  }
  return failure.code;
}

/// Runs it, and turns what it fails with or throws into a code and a text.
template <class F>
int guarded(latchkey_error** error, F body) noexcept {
  if (error != nullptr) *error = nullptr;
  try {
    auto result = body();
    if (result) return kOk;
    if constexpr (std::is_same_v<std::decay_t<decltype(result.error())>, Error>)
      return told(failure_of(result.error()), error);
    else return told(result.error(), error);
  } catch (const std::bad_alloc&) {
    return kTryLater;
  } catch (...) {
    return kNotUnderstood;
  }
}

/// Runs it with the ring of this process and the profile's desk.
template <class F>
int asked(latchkey_ring* ring, const char* profile, latchkey_error** error, F body) noexcept {
  return guarded(error, [&]() -> Outcome {
    if (ring == nullptr || profile == nullptr) return usage("a ring and a profile are needed");
    auto here = ring->here();
    if (!here) return std::unexpected(failure_of(here.error()));
    Desk* desk = (*here)->find(profile);
    if (desk == nullptr) return std::unexpected((*here)->unknown(profile));
    return body(**here, *desk);
  });
}

}  // namespace latchkey::client
