#pragma once

#include "dialect/codec.h"

namespace latchkey::dialects::alor {

// The protected calls. `resource` of a Use, and what it is on the wire:
//
//   summary, positions, orders | GET /md/v2/Clients/{exchange}/{portfolio}/…
//   portfolios                 | GET /client/v1.0/users/{login}/portfolios
//   limit                      | POST /commandapi/warptrans/TRADE/v2/client/orders/actions/limit

/// Under one of those prefixes; their case does not matter.
bool is_resource(std::string_view path);

Result<http::Request> encode_use(const engine::Use&);
Result<engine::Operation> decode_use(const http::Request&);

/// 403 when the token is not for that portfolio or login; else what was asked.
http::Response encode_used(const engine::Use&, const engine::Used&);
/// The notes (orders, limit); of the other answers only that they are JSON.
Result<engine::Outcome> decode_used(const engine::Use&, const http::Response&);

}  // namespace latchkey::dialects::alor
