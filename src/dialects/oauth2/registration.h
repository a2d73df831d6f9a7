#pragma once

#include "base/json.h"
#include "engine/operations.h"

namespace latchkey::dialects::oauth2 {

// What a client says of itself (RFC 7591 section 2, OpenID Connect Registration).

inline constexpr std::string_view kDeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";
inline constexpr std::string_view kTokenExchangeGrant =
    "urn:ietf:params:oauth:grant-type:token-exchange";

inline constexpr std::size_t kMostRedirectUris = 16;
inline constexpr std::size_t kMostClientNameBytes = 200;

/// A client's metadata, with the defaults of RFC 7591 where it says nothing. Members
/// that are not known are ignored (section 2), and nothing in it is ever fetched.
///
///   wrong is ...                                                   | Why
///   a redirect URI (checklist 8), or there is none for a code      | kForbidden
///   a type, a grant, a way to authenticate, a key, "jwks_uri"      | kMalformed
///   (checklist 67), or two members contradict each other           |
Result<engine::ClientFacts> read_client_facts(const json::Object& metadata);

/// The metadata of those facts: to ask with, and in the answer.
json::Object write_client_facts(const engine::ClientFacts& facts);

}  // namespace latchkey::dialects::oauth2
