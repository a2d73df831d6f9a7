#pragma once

#include <string>

#include "base/result.h"

namespace latchkey::broker {

/// Space on the vault's disk that is held for one commit: a file of zeros beside the
/// vault, with its blocks allocated. It is there before a single-use token leaves the
/// machine, and is let go when the disk turns out to be full with the answer in hand.
inline constexpr long long kReserveBytes = 128 * 1024;

/// Holds it, or finds it held. kStore when there is no room for it, or a stranger's
/// file in its place.
Result<> hold_reserve(const std::string& vault_path);
/// Gives its space back to the disk. No error: there may be none.
void release_reserve(const std::string& vault_path);

}  // namespace latchkey::broker
