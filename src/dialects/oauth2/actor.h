#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace latchkey::dialects::oauth2 {

/// How many may act for one another, from the one who asks to the subject.
inline constexpr std::size_t kMostActors = 4;

/// The "act" claim (RFC 8693 section 4.1) of a token that `actor` gets, as JSON text:
/// the current actor outside, whoever acted `before` it (such a claim, or "") inside.
/// kForbidden when the chain would be longer than kMostActors; kBug when `before` is
/// no such claim.
Result<std::string> act_claim(std::string_view actor, std::string_view before);

/// Who acts now by such a claim; "" when nobody does.
std::string current_actor(std::string_view act);

}  // namespace latchkey::dialects::oauth2
