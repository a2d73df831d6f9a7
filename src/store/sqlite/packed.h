#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace latchkey::store {

/// Texts in one column: "5:hello,0:,2:a,," is {"hello", "", "a,"}. Any bytes
/// survive, and a person can read it in the sqlite3 shell.
std::string pack(const std::vector<std::string>& texts);
/// kStore when the text was not made by pack().
Result<std::vector<std::string>> unpack(std::string_view packed);

using Pairs = std::vector<std::pair<std::string, std::string>>;
std::string pack_pairs(const Pairs& pairs);
Result<Pairs> unpack_pairs(std::string_view packed);

}  // namespace latchkey::store
