#pragma once

#include <optional>
#include <string>

#include "http/message.h"

namespace latchkey::proxy {

/// What the caller of a local proxy may do, and what goes on to the provider. Pure.

/// Where the proxy listens, as far as its callers must name it.
struct Door {
  bool is_unix = false;
  std::uint16_t port = 0;  ///< of TCP
  Secret key = {};         ///< callers must show it; empty: they need none
};

/// The header that carries the key.
inline constexpr const char* kKeyHeader = "X-Latchkey-Key";

/// Whether this request may be answered at all:
///
///   the request ...                                              | answer
///   has the method CONNECT or TRACE                               | kUnsupported
///   came over TCP and names a host that is not this machine       | kForbidden
///   comes from a web page of another host (Origin, Sec-Fetch-Site)| kForbidden
///   shows no key, or another one, where one is wanted              | kBadCredentials
///   wants to change the protocol (Upgrade)                         | kUnsupported
///
/// A name that was made to point to this machine (DNS rebinding) stops at the second row,
/// a page that posts to this machine at the third. `host` is what the request named.
Result<> admit(const http::Request& head, const std::string& host, const Door& door);

/// The caller's headers that the provider may see: without what is for one hop only, what
/// names this host, and whatever could be credentials: his Authorization, cookies, keys, and
/// every header that our token brings.
http::Headers onward(const http::Headers& callers, const http::Headers& tokens);

/// The provider's headers that the caller may see: without what is for one hop, cookies,
/// and what would bind the caller's browser to this address.
http::Headers backward(const http::Headers& providers);

/// Whether the request may be sent again with another token after this answer: it said 401,
/// its body is still there, and it cannot have been acted upon, because its method may be
/// repeated (RFC 9110 section 9.2.2) or because the provider says that the token itself was
/// refused (RFC 6750 section 3.1), or that the proof lacks a nonce (RFC 9449 section 9).
bool may_repeat(const std::string& method, const http::Response& answer, bool replayable);

/// The HTTP status that tells the caller why there is no answer of the provider.
int status_of(Why why);
/// {"error", "message"} with that status.
http::Response refusal(const Error& error);

}  // namespace latchkey::proxy
