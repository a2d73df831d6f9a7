#pragma once

#include <string_view>

namespace latchkey::engine {

inline constexpr std::string_view kTokenExchangeGrantType =
    "urn:ietf:params:oauth:grant-type:token-exchange";

// What a token is, when one is exchanged for another (RFC 8693 section 3).
inline constexpr std::string_view kAccessTokenType =
    "urn:ietf:params:oauth:token-type:access_token";
inline constexpr std::string_view kJwtType = "urn:ietf:params:oauth:token-type:jwt";

}  // namespace latchkey::engine
