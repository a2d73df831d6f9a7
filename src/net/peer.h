#pragma once

#include <string>

#include "net/loop.h"

namespace latchkey::net {

/// The peer's address without its port; "unix" for one that has none.
std::string name_of(const Socket& socket);
/// As Request::peer says it on a server of these options.
std::string name_of(Socket& socket, const ServerOptions& options);

/// Wipes what was sent: it may have been a token.
void forget(std::string& text);

}  // namespace latchkey::net
