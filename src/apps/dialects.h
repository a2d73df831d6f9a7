#pragma once

#include "dialect/registry.h"

namespace latchkey::apps {

/// Every dialect that the programs are built with.
dialect::Registry all_dialects();
/// What a broker can log in to: those, and any issuer of standard tokens.
dialect::Registry known_providers();

}  // namespace latchkey::apps
