#include "dialects/tconnect/wire.h"

#include <algorithm>

namespace latchkey::dialects::tconnect {

const std::vector<Route>& routes() {
  static const std::vector<Route> kRoutes = {
      {Endpoint::kLogin, "/openapi/v1/auth/login"},
      {Endpoint::kRefresh, "/openapi/v1/auth/refresh"},
      {Endpoint::kList,
       "/openapi/v1/transaction/qr",
       "transaction/qr",
       {{"from_date"}, {"to_date"}, {"limit", true}, {"page", true}}},
      {Endpoint::kGenerate,
       "/openapi/v1/transaction/qr/generate",
       "transaction/qr/generate",
       {{"req_id", false, false}, {"order_id"}, {"va"}, {"bincode"}, {"amount", true, false}}},
      {Endpoint::kStatus,
       "/openapi/v1/transaction/qr/order/status",
       "transaction/qr/order/status",
       {{"order_id"}, {"acc_no", false, false}}},
      {Endpoint::kCreate,
       "/openapi/v1/qr",
       "qr",
       {{"order_id"}, {"va"}, {"bincode"}, {"amount", true, false}},
       true},
  };
  return kRoutes;
}

const Route* find_route(std::string_view path) {
  const auto found = std::ranges::find(routes(), path, &Route::path);
  return found == routes().end() ? nullptr : &*found;
}

const Route* route_of(const engine::Operation& operation) {
  if (std::holds_alternative<engine::Login>(operation)) return &routes()[0];
  if (std::holds_alternative<engine::Refresh>(operation)) return &routes()[1];
  const auto* use = std::get_if<engine::Use>(&operation);
  if (use == nullptr || use->resource.empty()) return nullptr;
  const auto found = std::ranges::find(routes(), use->resource, &Route::resource);
  return found == routes().end() ? nullptr : &*found;
}

Manner Manner::of(const dialect::Settings& settings) {
  Manner manner;
  if (settings.text("iv") == "zero") manner.iv = Iv::kZero;
  if (settings.text("iv") == "key") manner.iv = Iv::kKeyHead;
  manner.unknown_partner_status = settings.text("unknown_partner_status") == "401" ? 401 : 403;
  manner.plain_errors = settings.text("error_style") == "plain";
  manner.names_missing_field = settings.flag("names_missing_field");
  return manner;
}

}  // namespace latchkey::dialects::tconnect
