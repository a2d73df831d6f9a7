#pragma once

#include <functional>

#include "broker/key_ring.h"

namespace latchkey::proxy {

struct Options {
  /// "127.0.0.1:8080", "[::1]:0", "localhost:0" (0: any free port), or "unix:/path".
  std::string listen = {};
  /// A file with a key that callers must show; it is made if there is none. Empty: none.
  std::string key_file = {};
  /// TCP without a key, so that every user of this machine may use the token.
  bool open_to_this_machine = false;
  std::string user_agent = "latchkey";
};

/// A reverse proxy in front of one profile's API: callers get what the token can do, and
/// never the token. Serves until SIGTERM or SIGINT, then lets requests in flight finish.
/// `ready` is told the base URL, or "unix:/path", once it listens.
///
/// Bodies go through in pieces, both ways, except where the provider's wire seals them; a
/// line per request goes to the log, without a query and without a header.
///
/// kUsage for a bad address, kPolicy for TCP with neither a key nor that leave, kUnavailable
/// when the address cannot be had; whatever keeps the profile from giving a token now.
Result<> run(broker::KeyRing& ring, const broker::Profile& profile, const Options& options,
             const std::function<void(const std::string& address)>& ready);

}  // namespace latchkey::proxy
