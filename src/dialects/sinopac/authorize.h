#pragma once

#include "dialects/sinopac/codec.h"

namespace latchkey::dialects::sinopac {

// The browser's way: the address to open, and the redirect that ends it.

http::Request encode_authorize(const engine::Authorize&);
/// In the library's order: client and redirect_uri before what may be redirected.
Result<engine::Operation> decode_authorize(const http::Request&, const WireOptions&);

http::Response encode_authorized(const engine::Authorized&);
/// Of a 302, or of the callback given as one.
Result<engine::Outcome> decode_authorized(const http::Response&);

/// May be sent back to a client: printable ASCII, at most kLongestState.
bool usable_state(std::string_view state);

/// Printable ASCII.
bool all_visible(std::string_view text);

}  // namespace latchkey::dialects::sinopac
