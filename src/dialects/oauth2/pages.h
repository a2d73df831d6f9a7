#pragma once

#include "dialect/pages.h"

namespace latchkey::dialects::oauth2 {

/// Login, second step, consent by scope.
const dialect::Pages& pages();
/// Where a person lets a device in.
const dialect::Pages& device_pages();

}  // namespace latchkey::dialects::oauth2
