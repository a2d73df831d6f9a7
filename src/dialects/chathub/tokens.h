#pragma once

#include "dialect/codec.h"
#include "dialects/chathub/codec.h"

namespace latchkey::dialects::chathub {

// The three calls about tokens.

http::Request encode_login(const engine::Login&);
Result<engine::Operation> decode_login(const http::Request&);

http::Request encode_delegate(const engine::Delegate&);
Result<engine::Operation> decode_delegate(const http::Request&);

http::Request encode_validate(const engine::Validate&);
Result<engine::Operation> decode_validate(const http::Request&);

http::Response encode_token(const engine::TokenSet&);
/// When the token ends: as it says itself, but never later than `asked_until`.
Result<engine::Outcome> decode_token(const http::Response&, std::optional<Instant> asked_until);

http::Response encode_validation(const engine::Validation&, const WireOptions&);
Result<engine::Outcome> decode_validation(const http::Response&);

}  // namespace latchkey::dialects::chathub
