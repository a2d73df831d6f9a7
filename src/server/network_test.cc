#include "server/network.h"

#include <gtest/gtest.h>

namespace latchkey::server {
namespace {

struct AddressRow {
  const char* address;
  const char* network;
};

TEST(NetworkOf, IsTheAddressOrTheSlash64) {
  for (const AddressRow& row : {AddressRow{"192.0.2.7", "192.0.2.7"},
                                {"192.0.2.7:443", "192.0.2.7"},
                                {"::ffff:192.0.2.7", "192.0.2.7"},
                                {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
                                {"2001:db8:1:2:ffff::", "2001:db8:1:2::/64"},
                                {"2001:db8:1:3::1", "2001:db8:1:3::/64"},
                                {"[2001:db8:1:2::9]:8443", "2001:db8:1:2::/64"},
                                {"fe80::1%eth0", "fe80::/64"},
                                {"::1", "::/64"},
                                {"unix", ""},
                                {"", ""},
                                {"192.0.2", ""},
                                {"192.0.2.7, 10.0.0.1", ""},
                                {"[2001:db8::1", ""},
                                {"unknown", ""}}) {
    EXPECT_EQ(network_of(row.address), row.network) << row.address;
  }
}

http::Request from(const char* peer, std::initializer_list<const char*> forwarded) {
  http::Request request;
  request.peer = peer;
  for (const char* value : forwarded) request.headers.add("X-Forwarded-For", value);
  return request;
}

TEST(NetworkOf, BelievesAHeaderOnlyFromAProxyAndOnlyWhatThatAdded) {
  const auto claimed = from("192.0.2.7", {"203.0.113.1"});
  EXPECT_EQ(network_of(claimed, false), "192.0.2.7") << "anybody may send the header";
  EXPECT_EQ(network_of(claimed, true), "203.0.113.1");
  EXPECT_EQ(network_of(from("10.0.0.1", {"8.8.8.8, 203.0.113.1"}), true), "203.0.113.1")
      << "what stands before the last one is the client's own claim";
  EXPECT_EQ(network_of(from("10.0.0.1", {"8.8.8.8", "203.0.113.1"}), true), "203.0.113.1");
  EXPECT_EQ(network_of(from("10.0.0.1", {}), true), "10.0.0.1");
  EXPECT_EQ(network_of(from("10.0.0.1", {"8.8.8.8, nonsense"}), true), "10.0.0.1")
      << "a header that says nothing: the proxy itself";
}

}  // namespace
}  // namespace latchkey::server
