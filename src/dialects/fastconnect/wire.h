#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "dialect/settings.h"
#include "engine/operations.h"
#include "http/message.h"

namespace latchkey::dialects::fastconnect {

/// Where a request goes; what a code means depends on it.
enum class Endpoint { kToken, kRefresh, kRequestOtp, kAccountInfo, kSecurities, kBalance };

struct Route {
  Endpoint endpoint;
  std::string_view method;
  std::string_view path;
  std::string_view resource = {};                ///< the name in engine::Use; "" for logins
  std::vector<std::string_view> arguments = {};  ///< the query parameters that it knows
  std::vector<std::string> tiers = {};           ///< which tokens may
};

const std::vector<Route>& routes();
const Route& route_of(Endpoint endpoint);
/// nullptr when there is no such path.
const Route* find_route(std::string_view path);
/// nullptr when this wire has no such operation.
const Route* route_of(const engine::Operation& operation);

bool is_resource(Endpoint endpoint);

/// The behaviours of this wire that a setting may switch.
struct Manner {
  std::int64_t otp_success_code = 200;
  bool transaction_id_in_data = false;
  bool token_in_data = false;
  bool expiry_as_text = false;
  bool otp_required = false;
  int pending_status = 202;
  std::string language = "en";

  static Manner of(const dialect::Settings& settings);
};

/// "en" or "vi": what the request's Accept-Language prefers, else the setting.
std::string language_of(const http::Request& request, const Manner& manner);

}  // namespace latchkey::dialects::fastconnect
