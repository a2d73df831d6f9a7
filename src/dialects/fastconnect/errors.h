#pragma once

#include <optional>

#include "base/json.h"
#include "dialect/codec.h"
#include "dialects/fastconnect/wire.h"

namespace latchkey::dialects::fastconnect {

/// `{"code":code,"msg":text}` with a status.
http::Response message_response(int status, std::int64_t code, std::string_view text);

/// A reason as this wire spells it at that endpoint.
http::Response encode_error(const dialect::Asked& asked, const Error& error, const Manner& manner);

/// The refusal in a reply, or nullopt when it is a success. A 2xx with a code
/// other than 0, 200 and 204 is a refusal too. `body` is null when it is no JSON.
std::optional<Error> decode_error(Endpoint endpoint, Instant sent_at, const http::Response& reply,
                                  const json::Value* body);

/// The "code" of a body, as a number or a numeric string.
std::optional<std::int64_t> code_of(const json::Value* body);

/// Our words for a code; the provider's own are mostly unknown.
std::string_view text_of_code(std::int64_t code, std::string_view language);

}  // namespace latchkey::dialects::fastconnect
