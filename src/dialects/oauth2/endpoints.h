#pragma once

#include "dialects/oauth2/provider.h"

namespace latchkey::dialects::oauth2 {

/// Which address an operation goes to, as metadata names it; nothing for what the standard
/// has not.
struct Endpoint {
  const char* name = nullptr;
  std::optional<dialect::Address> Provider::* address = nullptr;
};
Endpoint endpoint_of(const engine::Operation& operation);

}  // namespace latchkey::dialects::oauth2
