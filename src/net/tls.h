#pragma once

#include <boost/asio/ssl/context.hpp>

#include "base/result.h"

namespace latchkey::net {

/// TLS 1.2 or later, HTTP/1.1 by ALPN, no renegotiation. kUsage, naming the
/// file, when certificate or key cannot be read or do not belong together.
Result<std::unique_ptr<boost::asio::ssl::context>> server_tls(const std::string& certificate_file,
                                                              const std::string& key_file);

}  // namespace latchkey::net
