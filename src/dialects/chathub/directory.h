#pragma once

#include "dialect/codec.h"

namespace latchkey::dialects::chathub {

// The four calls about a company's organizations and operators.

inline constexpr std::size_t kMostOperators = 1000;  ///< in one synchronize call

http::Request encode_list_organizations(const engine::ListOrganizations&);
Result<engine::Operation> decode_list_organizations(const http::Request&);
http::Response encode_organizations(const engine::Organizations&);
Result<engine::Outcome> decode_organizations(const http::Response&);

http::Request encode_list_operators(const engine::ListOperators&);
Result<engine::Operation> decode_list_operators(const http::Request&);

http::Request encode_synchronize(const engine::SynchronizeOperators&);
Result<engine::Operation> decode_synchronize(const http::Request&);

/// With the organization of each, as the list has it, or without, as synchronize.
http::Response encode_operators(const engine::Operators&, bool with_organization);
Result<engine::Outcome> decode_operators(const http::Response&);

http::Request encode_set_status(const engine::SetOperatorStatus&);
Result<engine::Operation> decode_set_status(const http::Request&);
http::Response encode_done();

}  // namespace latchkey::dialects::chathub
