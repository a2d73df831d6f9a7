#pragma once

#include "dialect/registry.h"

namespace latchkey::apps {

/// Every dialect that the programs are built with.
dialect::Registry all_dialects();

}  // namespace latchkey::apps
