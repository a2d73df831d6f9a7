#pragma once

#include <string_view>
#include <vector>

#include "dialect/settings.h"
#include "dialects/tconnect/envelope.h"
#include "engine/operations.h"

namespace latchkey::dialects::tconnect {

enum class Endpoint { kLogin, kRefresh, kList, kGenerate, kStatus, kCreate };

/// One member of a protected call's plaintext.
struct Field {
  std::string_view name;
  bool is_number = false;
  bool required = true;
};

struct Route {
  Endpoint endpoint;
  std::string_view path;
  std::string_view resource = {};   ///< the name in engine::Use; "" for logins
  std::vector<Field> fields = {};   ///< of a protected call, in wire order
  bool needs_service_code = false;  ///< the header x-service-code
};

const std::vector<Route>& routes();
/// nullptr when there is no such path.
const Route* find_route(std::string_view path);
/// nullptr when this wire has no such operation.
const Route* route_of(const engine::Operation& operation);

/// The behaviours of this wire that a setting may switch.
struct Manner {
  Iv iv = Iv::kPrepended;
  int unknown_partner_status = 403;
  bool plain_errors = false;  ///< {"code","message"} instead of {"error",…}
  bool names_missing_field = false;

  static Manner of(const dialect::Settings& settings);
};

}  // namespace latchkey::dialects::tconnect
