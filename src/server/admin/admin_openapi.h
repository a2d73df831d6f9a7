#pragma once

#include "base/json.h"

namespace latchkey::server {

/// The admin API's description (OpenAPI 3.1), made from the table of verbs.
json::Value admin_openapi(std::string_view version);

}  // namespace latchkey::server
