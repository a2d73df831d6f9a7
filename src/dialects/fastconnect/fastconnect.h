#pragma once

#include "dialect/dialect.h"

namespace latchkey::dialects::fastconnect {

/// SSI FastConnect v3: an apiKey with its secret, an OTP for the right to trade,
/// refresh tokens that are good once.
const dialect::Dialect& dialect();

}  // namespace latchkey::dialects::fastconnect
