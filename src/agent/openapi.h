#pragma once

#include <string_view>

namespace latchkey::agent {

/// The description of the agent's API (OpenAPI 3.1, JSON).
std::string_view openapi();

}  // namespace latchkey::agent
