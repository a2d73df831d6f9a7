#pragma once

#include <optional>

#include "broker/profile.h"

namespace latchkey::broker {

/// Scheme, host, port and path of a URL, as far as they decide who gets a token.
struct Origin {
  bool secure = true;
  std::string host = {};  ///< lower case; "[::1]" keeps its brackets
  std::int64_t port = 443;
  std::string path = {};  ///< without the query; "" or "/x"

  /// This machine: localhost, 127.0.0.0/8 or [::1].
  bool is_loopback() const;
  friend bool operator==(const Origin&, const Origin&) = default;
};

/// nullopt for anything but http(s)://host[:port][/…]: a user name, a backslash, a
/// control character, a port beyond 65535, or text that is not ASCII.
std::optional<Origin> origin_of(std::string_view url);

/// The one profile whose token belongs to that URI: its api_url has the same scheme,
/// host and port and is a prefix of the path, or its `hosts` name the host. https, or
/// http on this machine.
///
/// kUsage for what is no such URI, or when several profiles match and not exactly one of
/// them is the `default`; kUnknownName when none does.
Result<Profile> profile_for(const Config& config, std::string_view uri);

}  // namespace latchkey::broker
