#pragma once

#include "engine/operations.h"

namespace latchkey::engine {

/// The tokens that a refresh gave, as a text to be sealed and kept for the length of a
/// replay window; `given` becomes TokenSet::first_given.
Secret write_answer(const TokenSet& tokens, Instant given);

/// kStore when it is not such a text.
Result<TokenSet> read_answer(const Secret& text);

}  // namespace latchkey::engine
