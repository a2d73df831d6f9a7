#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "net/loop.h"

namespace latchkey::net {

enum class Welcome { kServe, kTurnAway };  ///< kTurnAway: one 503, then close

/// A connection that lives until its peer or its loop ends it. `tls` null: plain.
std::shared_ptr<ConnectionBase> make_connection(ServerShared& shared, Loop& loop, Socket socket,
                                                boost::asio::ssl::context* tls, Welcome welcome);

}  // namespace latchkey::net
