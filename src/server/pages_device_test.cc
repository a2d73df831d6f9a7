// Where a person lets a device in (RFC 8628 section 3.3).

#include "dialects/oauth2/oauth2.h"
#include "server/testing.h"

namespace latchkey::server {
namespace {

const http::Pairs kPerson{{"login", "demo"}, {"password", "demo-password"}};
const engine::ClientKey kDeviceClient{.id = ClientId("demo-native")};

class DevicePages : public ::testing::Test {
 protected:
  engine::DeviceStarted begin() {
    const auto begun = realm_.authority->perform(
        engine::AuthorizeDevice{.client = kDeviceClient, .scope = "openid email"}, kNoon);
    EXPECT_TRUE(begun.has_value()) << (begun ? "" : begun.error().say);
    return begun ? std::get<engine::DeviceStarted>(*begun) : engine::DeviceStarted{};
  }
  Result<engine::Outcome> poll(const engine::DeviceStarted& begun) {
    return realm_.authority->perform(
        engine::PollDevice{.client = kDeviceClient, .device_code = begun.device_code}, kNoon);
  }
  static std::string shown(const engine::DeviceStarted& begun) {
    return std::string(begun.user_code.reveal());
  }
  void log_in(const std::string& address) {
    browser_.open(address);
    browser_.submit("/device", kPerson);
    browser_.follow();
  }
  void type(const std::string& code) { browser_.submit("/consent", {{"user_code", code}}); }

  PagesRealm realm_{dialects::oauth2::dialect(), "", false, {{"issuer", "https://id.example"}}};
  Browser browser_{realm_};
};

TEST_F(DevicePages, ThePersonTypesTheCodeAndIsToldWhatItIsFor) {  // checklist 37
  const auto begun = begin();
  log_in("/oauth2/device");
  EXPECT_TRUE(browser_.shows("Type the code that the device shows."));
  type(" " + to_lower(shown(begun)) + " ");
  browser_.follow();
  EXPECT_TRUE(browser_.shows("Demo native application"));
  EXPECT_TRUE(browser_.shows(shown(begun)));
  EXPECT_TRUE(browser_.shows("See your e-mail address"));
  EXPECT_EQ(poll(begun).error().why, Why::kPending);
  browser_.submit("/consent", {{"answer", "allow"}});
  EXPECT_EQ(browser_.last.status, 200);
  EXPECT_TRUE(browser_.shows("The device is connected"));
  EXPECT_TRUE(poll(begun).has_value());
}

TEST_F(DevicePages, TheCodeInTheAddressIsStillConfirmed) {  // RFC 8628 section 3.3.1
  const auto begun = begin();
  log_in("/oauth2/device?user_code=" + shown(begun));
  EXPECT_TRUE(browser_.shows(shown(begun)));
  EXPECT_TRUE(browser_.shows("The device must show:"));
  EXPECT_EQ(poll(begun).error().why, Why::kPending);
  browser_.submit("/consent", {{"answer", "deny"}});
  EXPECT_TRUE(browser_.shows("The device was not connected"));
  EXPECT_EQ(poll(begun).error().why, Why::kDeclined);
}

TEST_F(DevicePages, ACodeThatNobodyWaitsWithIsAskedForAgain) {
  log_in("/oauth2/device");
  for (const char* code : {"BBBB-BBBB", "abc", "\xff", "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"}) {
    type(code);
    if (browser_.last.status == 303) browser_.follow();
    EXPECT_EQ(browser_.last.status, 404) << code;
    EXPECT_TRUE(browser_.shows("No device is waiting with this code.")) << code;
  }
}

TEST_F(DevicePages, GuessingEnds) {  // checklist 37
  const auto begun = begin();
  log_in("/oauth2/device");
  for (int i = 0; i < 100 && browser_.last.status != 429; ++i) {
    browser_.open("/oauth2/device/consent?user_code=BBBBBBBB");
  }
  EXPECT_EQ(browser_.last.status, 429);
  EXPECT_NE(browser_.last.headers.find("Retry-After"), nullptr);
  browser_.open("/oauth2/device/consent?user_code=" + shown(begun));
  EXPECT_EQ(browser_.last.status, 429) << "the right one too";
  EXPECT_FALSE(browser_.shows("Demo native application"));
}

TEST_F(DevicePages, NothingIsSaidOrDoneWithoutALogin) {
  const auto begun = begin();
  const std::string address = "/oauth2/device/consent?user_code=" + shown(begun);
  browser_.open(address);
  EXPECT_EQ(browser_.last.status, 303);
  EXPECT_TRUE(browser_.last.headers.find("Location")->starts_with("/oauth2/device?"));
  browser_.post(address, {{"answer", "allow"}});
  EXPECT_EQ(browser_.last.status, 303);
  EXPECT_EQ(poll(begun).error().why, Why::kPending);
}

TEST_F(DevicePages, AnAnswerNeedsTheFormOfThatDevice) {  // checklist 18
  const auto begun = begin();
  const auto other = begin();
  const std::string address = "/oauth2/device/consent?user_code=";
  log_in("/oauth2/device?user_code=" + shown(other));
  const std::string proof = browser_.proof("/consent");
  browser_.post(address + shown(begun), {{"answer", "allow"}});
  EXPECT_EQ(browser_.last.status, 403);
  browser_.post(address + shown(begun), {{"form", proof}, {"answer", "allow"}});
  EXPECT_EQ(browser_.last.status, 403) << "the proof is for another code";
  browser_.post(address + shown(other), {{"form", proof}, {"answer", "allow"}},
                {{"Sec-Fetch-Site", "cross-site"}});
  EXPECT_EQ(browser_.last.status, 403);
  EXPECT_EQ(poll(begun).error().why, Why::kPending);
  EXPECT_EQ(poll(other).error().why, Why::kPending);
}

TEST_F(DevicePages, CannotBeFramed) {  // checklist 16
  browser_.open("/oauth2/device");
  EXPECT_EQ(*browser_.last.headers.find("X-Frame-Options"), "DENY");
  EXPECT_NE(browser_.last.headers.find("Content-Security-Policy")->find("frame-ancestors 'none'"),
            std::string::npos);
}

TEST_F(DevicePages, AreThereOnlyWhereTheGrantIs) {
  const auto& dialect = dialects::oauth2::dialect();
  const auto off = *dialect::Settings::make(dialect.settings(), {{"device", "false"}});
  EXPECT_EQ(dialect.device_pages(off), nullptr);
}

}  // namespace
}  // namespace latchkey::server
