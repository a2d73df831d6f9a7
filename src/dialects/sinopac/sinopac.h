#pragma once

#include "dialect/dialect.h"

namespace latchkey::dialects::sinopac {

/// Sinopac / SinoTrade OAuth 2: an authorization code from the browser, opaque
/// tokens, a refresh token that rotates. docs/dialects/sinopac.md has the wire
/// and its sources.
const dialect::Dialect& dialect();

}  // namespace latchkey::dialects::sinopac
