#pragma once

#include "dialect/pages.h"

namespace latchkey::dialects::sinopac {

/// The three screens of the provider's repository (login, continue-as, consent).
const dialect::Pages& pages();

}  // namespace latchkey::dialects::sinopac
