#pragma once

#include "dialect/pages.h"

namespace latchkey::dialects::alor {

/// The tokens page of the test contour: start, login, consent, both tokens.
const dialect::Pages& pages();

}  // namespace latchkey::dialects::alor
