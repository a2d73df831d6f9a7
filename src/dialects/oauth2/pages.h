#pragma once

#include "dialect/pages.h"

namespace latchkey::dialects::oauth2 {

/// Login, second step, consent by scope.
const dialect::Pages& pages();

}  // namespace latchkey::dialects::oauth2
