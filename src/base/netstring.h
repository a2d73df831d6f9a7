#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace latchkey {

/// A text that is being put together and holds secrets: no copy of it stays behind.
using WipedText = std::vector<char, WipingAllocator<char>>;

/// Appends `piece` as "5:piece,": any bytes, one after another, without escaping.
/// Not JSON, because a secret's way through a JSON library would leave copies.
void add_netstring(WipedText& to, std::string_view piece);
void add_netstring(std::string& to, std::string_view piece);

/// Takes one off the front; nullopt, and `from` as it was, when there is none.
std::optional<std::string_view> take_netstring(std::string_view& from);

}  // namespace latchkey
