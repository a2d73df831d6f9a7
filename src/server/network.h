#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace latchkey::server {

/// What is counted of an address: an IPv4 address itself (IPv4-mapped ones too), the
/// /64 of an IPv6 one, since a /64 is what one customer has. `address` may have a
/// port ("192.0.2.7:443", "[2001:db8::1]:443") and a zone; empty for anything else.
std::string network_of(std::string_view address);

/// Whose network a request came from. `behind_proxy`: the last address of
/// X-Forwarded-For, which the proxy in front has added; what stands before it is the
/// client's own claim. Without a proxy the header is not looked at.
std::string network_of(const http::Request& request, bool behind_proxy);

}  // namespace latchkey::server
