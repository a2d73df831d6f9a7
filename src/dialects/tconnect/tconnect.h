#pragma once

#include "dialect/dialect.h"

namespace latchkey::dialects::tconnect {

/// TCONNECT Payment OpenAPI: every request is encrypted under a key that the
/// partner shares with the provider; the tokens come back in the clear.
const dialect::Dialect& dialect();

}  // namespace latchkey::dialects::tconnect
