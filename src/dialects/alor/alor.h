#pragma once

#include "dialect/dialect.h"

namespace latchkey::dialects::alor {

/// ALOR OpenAPI, test contour: a refresh UUID from the tokens page, good for a
/// year, and an access token of thirty minutes for it as often as one asks.
/// docs/dialects/alor.md has the wire and its sources.
const dialect::Dialect& dialect();

}  // namespace latchkey::dialects::alor
