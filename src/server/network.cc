#include "server/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.h"

namespace latchkey::server {
namespace {

constexpr std::size_t kNetworkBytes = 8;  // of sixteen

// "[2001:db8::1%eth0]:443" and "192.0.2.7:443" without their port and zone.
std::string bare(std::string_view address) {
  if (address.starts_with('[')) {
    const auto end = address.find(']');
    if (end == address.npos) return {};
    address = address.substr(1, end - 1);
  } else if (std::ranges::count(address, ':') == 1) {
    address = address.substr(0, address.find(':'));
  }
  return std::string(address.substr(0, address.find('%')));
}

}  // namespace

std::string network_of(std::string_view address) {
  const std::string text = bare(address);
  in_addr four{};
  if (inet_pton(AF_INET, text.c_str(), &four) == 1) return text;
  in6_addr six{};
  if (inet_pton(AF_INET6, text.c_str(), &six) != 1) return {};
  std::array<char, INET6_ADDRSTRLEN> shown{};
  if (IN6_IS_ADDR_V4MAPPED(&six)) {
    std::memcpy(&four, &six.s6_addr[12], sizeof four);
    inet_ntop(AF_INET, &four, shown.data(), shown.size());
    return shown.data();
  }
  std::fill(std::begin(six.s6_addr) + kNetworkBytes, std::end(six.s6_addr), std::uint8_t{0});
  inet_ntop(AF_INET6, &six, shown.data(), shown.size());
  return std::string(shown.data()) + "/64";
}

std::string network_of(const http::Request& request, bool behind_proxy) {
  std::string_view last;
  if (behind_proxy) {
    for (const auto& [name, value] : request.headers) {
      if (equals_ignoring_case(name, "X-Forwarded-For")) last = value;
    }
  }
  const auto comma = last.rfind(',');
  if (comma != last.npos) last.remove_prefix(comma + 1);
  const std::string forwarded = network_of(trim(last));
  return forwarded.empty() ? network_of(request.peer) : forwarded;
}

}  // namespace latchkey::server
