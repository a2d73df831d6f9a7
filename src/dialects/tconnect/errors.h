#pragma once

#include "base/json.h"
#include "dialect/codec.h"
#include "dialects/tconnect/wire.h"

namespace latchkey::dialects::tconnect {

/// A reason as this wire spells it. No error table of the provider's is public:
/// statuses and words are ours, after the identity server that its replies hint at.
http::Response encode_error(const dialect::Asked& asked, const Error& error, const Manner& manner);

/// The refusal in a reply whose status is not 2xx.
Error decode_error(Endpoint endpoint, Instant sent_at, const http::Response& reply,
                   const json::Value* body);

}  // namespace latchkey::dialects::tconnect
