// The pages, begun with a request that was pushed (RFC 9126 section 4).

#include "dialects/oauth2/oauth2.h"
#include "engine/pkce.h"
#include "server/testing.h"

namespace latchkey::server {
namespace {

const http::Pairs kPerson{{"login", "demo"}, {"password", "demo-password"}};
const engine::ClientKey kWeb{.id = ClientId("demo-web"), .secret = Secret("demo-web-secret")};

class PushedPages : public ::testing::Test {
 protected:
  std::string push(const std::function<void(engine::Authorize&)>& change = {}) {
    engine::Authorize asked{.client = kWeb.id,
                            .redirect_uri = "http://127.0.0.1:8000/cb",
                            .state = "pushed-state",
                            .scope = "openid",
                            .challenge = engine::pkce_challenge(Secret(std::string(43, 'v')))};
    if (change) change(asked);
    const auto pushed =
        realm_.authority->perform(engine::PushAuthorization{.client = kWeb, .asked = asked}, kNoon);
    EXPECT_TRUE(pushed.has_value()) << (pushed ? "" : pushed.error().say);
    return pushed ? std::get<engine::Pushed>(*pushed).request_uri : "";
  }
  static std::string address(const std::string& uri, const http::Pairs& more = {}) {
    http::Pairs query{{"client_id", "demo-web"}, {"request_uri", uri}};
    query.insert(query.end(), more.begin(), more.end());
    return http::write_target({"/oauth2/authorize", query});
  }
  void log_in(const std::string& at) {
    browser_.open(at);
    browser_.submit("/authorize", kPerson);
    browser_.follow();
  }
  std::string location() {
    const auto* at = browser_.last.headers.find("Location");
    return at == nullptr ? "" : *at;
  }
  PagesRealm realm_{dialects::oauth2::dialect(), "", false, {{"issuer", "https://id.example"}}};
  Browser browser_{realm_};
};

TEST_F(PushedPages, SayWhatWasPushedAndNothingElse) {  // checklist 15
  log_in(address(
      push(),
      {{"scope", "openid email"}, {"state", "mine"}, {"redirect_uri", "https://evil.example/cb"}}));
  EXPECT_TRUE(browser_.shows("Know who you are"));
  EXPECT_FALSE(browser_.shows("See your e-mail address"));
  browser_.submit("/consent", {{"answer", "allow"}});
  EXPECT_EQ(browser_.last.status, 303);
  EXPECT_TRUE(location().starts_with("http://127.0.0.1:8000/cb?")) << location();
  EXPECT_NE(location().find("state=pushed-state"), std::string::npos) << location();
}

TEST_F(PushedPages, GiveOneCode) {  // checklist 15
  const std::string uri = push();
  log_in(address(uri));
  browser_.submit("/consent", {{"answer", "allow"}});
  EXPECT_EQ(browser_.last.status, 303);
  browser_.open(address(uri));
  EXPECT_EQ(browser_.last.status, 400);
  EXPECT_EQ(location(), "");
}

TEST_F(PushedPages, LetAPersonLogInAgainWhereThatWasAsked) {
  log_in(address(push([](auto& asked) {
    asked.prompt = {"login"};
    asked.max_age = Seconds{0};
  })));
  browser_.now = kNoon + Seconds{5};
  EXPECT_TRUE(browser_.shows("Know who you are"));
  browser_.submit("/consent", {{"answer", "allow"}});
  EXPECT_EQ(browser_.last.status, 303);
  EXPECT_NE(location().find("code="), std::string::npos) << location();
  browser_.open(address(push([](auto& asked) { asked.prompt = {"login"}; })));
  EXPECT_TRUE(browser_.shows("type=\"password\"")) << "whoever is logged in";
}

TEST_F(PushedPages, RedirectNobodyForAnUnknownRequest) {  // checklist 7
  for (const char* uri : {"urn:ietf:params:oauth:request_uri:x", "https://evil.example/request"}) {
    browser_.open(address(uri));
    EXPECT_EQ(browser_.last.status, 400) << uri;  // and nothing is fetched: checklist 67
    EXPECT_EQ(location(), "") << uri;
  }
}

}  // namespace
}  // namespace latchkey::server
