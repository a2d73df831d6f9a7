#include "dialects/fastconnect/wire.h"

#include <algorithm>

namespace latchkey::dialects::fastconnect {

const std::vector<Route>& routes() {
  static const std::vector<Route> kRoutes = {
      {Endpoint::kToken, "POST", "/api/v3/auth/token"},
      {Endpoint::kRefresh, "POST", "/api/v3/auth/refresh"},
      {Endpoint::kRequestOtp, "POST", "/api/v3/auth/requestOtp"},
      {Endpoint::kAccountInfo, "GET", "/api/v3/account/info", "account/info", {}, {"trade"}},
      {Endpoint::kSecurities,
       "GET",
       "/api/v3/data/securitiesByBoard",
       "data/securitiesByBoard",
       {"symbol", "board"},
       {}},
      {Endpoint::kBalance,
       "GET",
       "/api/v3/trading/accountBalance",
       "trading/accountBalance",
       {"clientId", "accountNo"},
       {"trade"}},
  };
  return kRoutes;
}

const Route& route_of(Endpoint endpoint) {
  return *std::ranges::find(routes(), endpoint, &Route::endpoint);
}

const Route* find_route(std::string_view path) {
  const auto found = std::ranges::find(routes(), path, &Route::path);
  return found == routes().end() ? nullptr : &*found;
}

const Route* route_of(const engine::Operation& operation) {
  if (std::holds_alternative<engine::Login>(operation)) return &route_of(Endpoint::kToken);
  if (std::holds_alternative<engine::Refresh>(operation)) return &route_of(Endpoint::kRefresh);
  if (std::holds_alternative<engine::RequestOtp>(operation)) {
    return &route_of(Endpoint::kRequestOtp);
  }
  const auto* use = std::get_if<engine::Use>(&operation);
  if (use == nullptr || use->resource.empty()) return nullptr;
  const auto found = std::ranges::find(routes(), use->resource, &Route::resource);
  return found == routes().end() ? nullptr : &*found;
}

bool is_resource(Endpoint endpoint) { return !route_of(endpoint).resource.empty(); }

Manner Manner::of(const dialect::Settings& settings) {
  return {.otp_success_code = settings.text("otp_success_code") == "0" ? 0 : 200,
          .transaction_id_in_data = settings.text("transaction_id_in") == "data",
          .token_in_data = settings.text("token_body") == "data",
          .expiry_as_text = settings.text("expiry_type") == "string",
          .otp_required = settings.flag("otp_required"),
          .pending_status = settings.text("pending_status") == "401" ? 401 : 202,
          .language = settings.text("language")};
}

std::string language_of(const http::Request& request, const Manner& manner) {
  const std::string other = manner.language == "vi" ? "en" : "vi";
  return http::preferred_language(request.headers, {manner.language, other});
}

}  // namespace latchkey::dialects::fastconnect
