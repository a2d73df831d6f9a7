#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace latchkey::engine {

/// What a person types to let a device in (RFC 8628 section 6.1): 8 of 20
/// consonants, each equally likely, 34.5 bits. No vowels, so no words. As stored:
/// capitals without the dash. Short enough to be guessed, so guesses are counted
/// (section 5.1): 2 000 of them against 1 000 open codes hit one with 1e-4.
std::string random_user_code();

/// As shown: "WDJB-MJHT".
std::string show_user_code(std::string_view code);

/// What was typed, as it would be stored: letters of either case, and spaces and
/// dashes anywhere among them. nullopt when it cannot be a user code.
std::optional<std::string> read_user_code(std::string_view typed);

}  // namespace latchkey::engine
