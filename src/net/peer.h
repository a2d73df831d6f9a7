#pragma once

#include <string>

#include "net/loop.h"

namespace latchkey::net {

/// The peer's address without its port; "unix" for one that has none.
std::string name_of(const Socket& socket);
/// "uid 1000" of a Unix socket's peer; "unix" when the system does not say.
std::string user_of(int socket);

/// Wipes what was sent: it may have been a token.
void forget(std::string& text);

}  // namespace latchkey::net
