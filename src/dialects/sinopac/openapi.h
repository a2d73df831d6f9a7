#pragma once

#include <string_view>

namespace latchkey::dialects::sinopac {

/// The wire as an OpenAPI 3.1 document. Names of its components begin with the dialect's.
std::string_view openapi();

}  // namespace latchkey::dialects::sinopac
