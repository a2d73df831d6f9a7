#include "engine/grants_testing.h"
#include "engine/token_types.h"

// What a client has begun ends with its grants: nothing of before comes back to life when the
// client is let in again.

namespace latchkey::engine {
namespace {

class ClientEnd : public ::testing::Test {
 protected:
  ClientEnd() {
    for (const char* id : {"web", "else"}) {
      world_.add_client(id, [&](Client& client) {
        client.redirect_uris = {uri_of(id)};
        client.grants = {"authorization_code", "refresh_token", std::string(kDeviceGrantType)};
      });
    }
    for (const char* login : {"ann", "bob"}) world_.add_user(login);
  }
  static std::string uri_of(std::string_view client) {
    return "https://" + std::string(client) + ".example/cb";
  }
  Secret sign_in(std::string_view login) {
    return must(world_.authority().sign_in(World::user_key(login), kNoon));
  }
  /// A code of the person's, as the client would exchange it.
  Exchange a_code(std::string_view client, std::string_view login) {
    const auto got = must(world_.authority().consent(
        sign_in(login), {.client = ClientId(client), .redirect_uri = uri_of(client)}, kNoon));
    return {.client = World::key_of(client), .code = got.code, .redirect_uri = uri_of(client)};
  }
  /// A device that waits; approved, where there is a login.
  PollDevice a_device(std::string_view client, std::string_view login = "") {
    const auto begun =
        world_.get<DeviceStarted>(AuthorizeDevice{.client = World::key_of(client)}, kNoon);
    if (!login.empty())
      must(world_.authority().answer_device(sign_in(login), std::string(begun.user_code.reveal()),
                                            true, kNoon));
    return {.client = World::key_of(client), .device_code = begun.device_code};
  }
  Authorize a_request(std::string_view client) {
    const auto pushed = world_.get<Pushed>(
        PushAuthorization{.client = World::key_of(client),
                          .asked = {.client = ClientId(client), .redirect_uri = uri_of(client)}});
    return {.client = ClientId(client), .request_uri = pushed.request_uri};
  }
  void disable_and_enable(std::string_view client) {
    for (const bool disabled : {true, false})
      must(world_.admin.set_client_disabled(kRealm, ClientId(client), disabled, kNoon));
  }
  World world_{granting()};
};

TEST_F(ClientEnd, ADisabledClientsCodesAreNotGoodAgainWhenItIsEnabled) {
  const auto web = a_code("web", "ann"), other = a_code("else", "ann");
  disable_and_enable("web");
  EXPECT_EQ(world_.refusal(web), Why::kInvalidToken);
  EXPECT_FALSE(world_.tokens(other).access_token.empty());
  EXPECT_FALSE(world_.tokens(a_code("web", "ann")).access_token.empty());
}

TEST_F(ClientEnd, ADisabledClientsDevicesAndPushedRequestsAreOverToo) {
  const auto open = a_device("web"), approved = a_device("web", "ann"),
             other = a_device("else", "ann");
  const auto request = a_request("web"), others = a_request("else");
  disable_and_enable("web");
  EXPECT_EQ(world_.refusal(open), Why::kInvalidToken);
  EXPECT_EQ(world_.refusal(approved), Why::kInvalidToken);
  EXPECT_FALSE(world_.tokens(other).access_token.empty());
  EXPECT_FALSE(world_.authority().whole_request(request, kNoon));
  EXPECT_TRUE(world_.authority().whole_request(others, kNoon));
}

TEST_F(ClientEnd, RevokingAClientsGrantsEndsWhatItHasBegun) {
  const auto code = a_code("web", "ann");
  const auto device = a_device("web", "ann");
  const auto request = a_request("web");
  EXPECT_EQ(must(world_.admin.revoke({.realm = kRealm, .client = ClientId("web")}, "", kNoon)), 0);
  EXPECT_EQ(world_.refusal(code), Why::kInvalidToken);
  EXPECT_EQ(world_.refusal(device), Why::kInvalidToken);
  EXPECT_FALSE(world_.authority().whole_request(request, kNoon));
}

TEST_F(ClientEnd, OfOnePersonAtOneClientOnlyThatIsOver) {
  const auto anns = a_code("web", "ann"), bobs = a_code("web", "bob");
  const auto open = a_device("web"), approved = a_device("web", "ann");
  const auto request = a_request("web");
  must(world_.admin.revoke(
      {.realm = kRealm, .client = ClientId("web"), .subject = SubjectId("ann")}, "", kNoon));
  EXPECT_EQ(world_.refusal(anns), Why::kInvalidToken);
  EXPECT_EQ(world_.refusal(approved), Why::kInvalidToken);
  EXPECT_FALSE(world_.tokens(bobs).access_token.empty());
  EXPECT_EQ(world_.refusal(open), Why::kPending);
  EXPECT_TRUE(world_.authority().whole_request(request, kNoon));
}

}  // namespace
}  // namespace latchkey::engine
