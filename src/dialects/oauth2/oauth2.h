#pragma once

#include "dialect/dialect.h"

namespace latchkey::dialects::oauth2 {

/// Standard OAuth 2 and OpenID Connect, for any issuer and as an authority of its own.
/// docs/dialects/oauth2.md has the wire and its sources.
const dialect::Dialect& dialect();

}  // namespace latchkey::dialects::oauth2
