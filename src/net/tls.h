#pragma once

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>

#include "base/result.h"

namespace latchkey::net {

/// TLS 1.2 or later, HTTP/1.1 by ALPN, no renegotiation. kUsage, naming the
/// file, when certificate or key cannot be read or do not belong together.
/// With a `client_ca_file` only peers that show a certificate of it get through.
Result<std::unique_ptr<boost::asio::ssl::context>> server_tls(
    const std::string& certificate_file, const std::string& key_file,
    const std::string& client_ca_file = {});

/// " cn=" and the common name in the certificate that the peer showed, printable; "" if
/// it showed none.
std::string shown_name(SSL* connection);

}  // namespace latchkey::net
