#pragma once

#include "server/authority_service.h"

namespace latchkey::server {

/// GET PREFIX/openapi.json, one for each prefix that realms have: what the realms there
/// say of their wires (dialect::Dialect::openapi), as one OpenAPI 3.1 document, and what
/// the public listener serves besides. Realms must outlive the extras.
std::vector<Extra> openapi_extras(const std::vector<std::unique_ptr<ServedRealm>>& realms,
                                  MonitorOptions::Public monitor, const std::string& version);

}  // namespace latchkey::server
