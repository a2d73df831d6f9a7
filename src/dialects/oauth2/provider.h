#pragma once

#include <optional>

#include "dialect/issuer.h"

namespace latchkey::dialects::oauth2 {

/// What an issuer says of itself, as far as a client of it must know (RFC 8414 section
/// 2, OpenID Connect Discovery 1.0 section 3, RFC 8628 section 4, RFC 9126 section 5, RFC 9207
/// section 3).
struct Provider {
  std::string issuer = {};
  std::optional<dialect::Address> authorize = {};
  std::optional<dialect::Address> push = {};  ///< takes authorization requests beforehand
  std::optional<dialect::Address> token = {};
  std::optional<dialect::Address> device = {};
  std::optional<dialect::Address> revoke = {};
  std::optional<dialect::Address> introspect = {};
  std::optional<dialect::Address> userinfo = {};
  std::optional<dialect::Address> keys = {};
  std::vector<std::string> auth_methods = {};  ///< at the token endpoint; never empty
  bool takes_s256 = true;                      ///< false only if it says so
  bool returns_issuer = false;                 ///< "iss" is in every authorization response
  bool only_pushed = false;  ///< it takes no authorization request but pushed ones

  friend bool operator==(const Provider&, const Provider&) = default;
};

// Limits of what an issuer can make us read.
inline constexpr std::size_t kMostDescriptionBytes = 256 * 1024;
inline constexpr std::size_t kMostAddressBytes = 2048;
inline constexpr std::size_t kMostMethods = 64;
inline constexpr std::size_t kMostMethodNameBytes = 256;

/// An absolute URL in its parts. kMalformed for anything but https://host[:port][/…],
/// or http on this machine: a user's name, a fragment, a dot segment, a host that is
/// not ASCII letters, digits, dots and dashes.
Result<dialect::Address> parse_address(std::string_view url);

/// Where an issuer of that name describes itself: OpenID Connect's address first, then
/// RFC 8414's, which differ in where the name's path goes. kUsage for a name with a
/// query or fragment, or one that parse_address refuses.
Result<std::vector<dialect::Address>> description_addresses(std::string_view issuer);

/// Reads a description. kBadResponse for: no JSON object; an "issuer" that is not that
/// name, byte for byte (checklist 35); no token endpoint; an address that
/// parse_address refuses, or one in clear where the issuer's own is not.
Result<Provider> read_description(std::string_view issuer, std::string_view text);
/// The members of a description that read_description looks at, and no others.
Result<std::string> reduce_description(std::string_view text);
/// Of a text that reduce_description gave, which names its own issuer.
Result<Provider> provider_of(std::string_view description);

}  // namespace latchkey::dialects::oauth2
