#include "net/peer.h"

#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstring>

#include "base/secret.h"

namespace latchkey::net {

namespace asio = boost::asio;

std::string name_of(const Socket& socket) {
  boost::system::error_code ec;
  const auto end = socket.remote_endpoint(ec);
  const int family = end.protocol().family();
  if (ec || (family != AF_INET && family != AF_INET6)) return "unix";
  asio::ip::tcp::endpoint place;
  std::memcpy(place.data(), end.data(), std::min(end.size(), place.capacity()));
  auto address = place.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return address.to_string();
}

std::string name_of(Socket& socket, const ServerOptions& options) {
  if (options.listener < 0) return name_of(socket);
  ucred peer{};
  socklen_t size = sizeof peer;
  const bool known = options.admit_root &&
                     getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
  return known ? "uid " + std::to_string(peer.uid) : "unix";
}

void forget(std::string& text) {
  wipe(text.data(), text.size());
  text.clear();
}

}  // namespace latchkey::net
