#pragma once

#include "dialect/dialect.h"

namespace latchkey::dialects::oauth2 {

/// Standard OAuth 2 and OpenID Connect.
const dialect::Dialect& dialect();

}  // namespace latchkey::dialects::oauth2
