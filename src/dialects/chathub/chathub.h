#pragma once

#include "dialect/dialect.h"

namespace latchkey::dialects::chathub {

/// SMSBAT ChatHub: a company's token, and from it tokens for its operators that
/// live a day at most. docs/dialects/chathub.md has the wire and its sources.
const dialect::Dialect& dialect();

}  // namespace latchkey::dialects::chathub
