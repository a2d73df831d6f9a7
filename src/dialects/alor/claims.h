#pragma once

#include <string>

#include "engine/policy.h"

namespace latchkey::dialects::alor {

inline constexpr std::string_view kScope = "OrdersRead OrdersCreate Trades Personal Stats";
/// AlorPy takes three portfolios of the list for each agreement, in order.
inline constexpr std::size_t kPortfoliosPerAgreement = 3;

/// {"alg":"ES256","typ":"JWT","cty":"JWT"}: no kid, as in the provider's sample.
std::string jwt_header();
/// The provider's twelve claims in its order. There is no jti: an ES256 signature
/// is randomised, so that two tokens of one second still differ.
std::string jwt_payload(const engine::JwtFacts& facts);

}  // namespace latchkey::dialects::alor
