// Where the pages may send a browser, and where never.

#include "server/testing.h"

namespace latchkey::server {
namespace {

std::string location(const http::Response& response) {
  const auto* found = response.headers.find("Location");
  return found ? *found : "";
}

std::string header(const http::Response& response, std::string_view name) {
  const auto* found = response.headers.find(name);
  return found ? *found : "";
}

struct RedirectRow {
  const char* name;
  const char* client;
  const char* redirect_uri;
};

// checklist 6, 7
class PagesOpenRedirect : public ::testing::TestWithParam<RedirectRow> {};

TEST_P(PagesOpenRedirect, EndsOnAPageHere) {
  SinopacWalk walk;
  const http::Target target{"/oauth2/login",
                            {{"response_type", "code"},
                             {"client_id", GetParam().client},
                             {"redirect_uri", GetParam().redirect_uri},
                             {"state", "abc"}}};
  for (const char* path : {"/oauth2/login", "/oauth2/login/consent"}) {
    http::Request request{.method = "GET", .target = target};
    request.target.path = path;
    const auto response = walk.realm.answer(request);
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(location(response), "");
    EXPECT_EQ(response.body.find("<form"), std::string::npos);
    EXPECT_EQ(header(response, "X-Frame-Options"), "DENY");
  }
}

INSTANTIATE_TEST_SUITE_P(
    , PagesOpenRedirect,
    ::testing::Values(
        RedirectRow{"unknown client", "nobody", "http://127.0.0.1:8000/cb"},
        RedirectRow{"no client", "", "http://127.0.0.1:8000/cb"},
        RedirectRow{"client in another case", "Latchkey-Demo", "http://127.0.0.1:8000/cb"},
        RedirectRow{"no redirect_uri", "latchkey-demo", ""},
        RedirectRow{"another host", "latchkey-demo", "http://evil.example/cb"},
        RedirectRow{"scheme in another case", "latchkey-demo", "HTTP://127.0.0.1:8000/cb"},
        RedirectRow{"path in another case", "latchkey-demo", "http://127.0.0.1:8000/CB"},
        RedirectRow{"a slash more", "latchkey-demo", "http://127.0.0.1:8000/cb/"},
        RedirectRow{"dot segments", "latchkey-demo", "http://127.0.0.1:8000/x/../cb"},
        RedirectRow{"a semicolon", "latchkey-demo", "http://127.0.0.1:8000/cb;x"},
        RedirectRow{"an encoded dot", "latchkey-demo", "http://127.0.0.1:8000/%2e/cb"},
        RedirectRow{"userinfo", "latchkey-demo", "http://127.0.0.1:8000@evil.example/cb"},
        RedirectRow{"a query", "latchkey-demo", "http://127.0.0.1:8000/cb?next=evil"},
        RedirectRow{"a fragment", "latchkey-demo", "http://127.0.0.1:8000/cb#x"},
        RedirectRow{"localhost", "latchkey-demo", "http://localhost:8000/cb"},
        RedirectRow{"IPv6 loopback", "latchkey-demo", "http://[::1]:8000/cb"},
        RedirectRow{"an IDN", "latchkey-demo", "http://127.0.0.1\xE3\x80\x82:8000/cb"},
        RedirectRow{"a tab", "latchkey-demo", "http://127.0.0.1:8000/cb\t"},
        RedirectRow{"a line break", "latchkey-demo", "http://127.0.0.1:8000/cb\r\nX: y"},
        RedirectRow{"javascript", "latchkey-demo", "javascript:alert(1)"},
        RedirectRow{"another port", "latchkey-demo", "http://127.0.0.1:8001/cb"}),
    [](const auto& info) {
      return std::regex_replace(std::string(info.param.name), std::regex("[^A-Za-z0-9]"), "_");
    });

TEST(PagesRedirect, ADoubledParameterIsNotChosenFrom) {
  SinopacWalk walk;
  for (const char* more : {"&redirect_uri=http%3A%2F%2Fevil.example", "&client_id=nobody",
                           "&redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Fcb"}) {
    walk.browser.open(kSinopacLogin + more);
    EXPECT_EQ(walk.browser.last.status, 400) << more;
    EXPECT_EQ(location(walk.browser.last), "");
  }
}

TEST(PagesRedirect, AFormMayEndOnlyAtTheClientThatAsks) {
  SinopacWalk walk;
  walk.to_consent();
  EXPECT_NE(header(walk.browser.last, "Content-Security-Policy")
                .find("form-action 'self' http://127.0.0.1:8000;"),
            std::string::npos);
}

TEST(FormSource, NeverLetsAHostWriteAnotherDirective) {
  EXPECT_EQ(form_source("https://app.example/cb"), "https://app.example");
  EXPECT_EQ(form_source("http://127.0.0.1:8000/cb"), "http://127.0.0.1:8000");
  EXPECT_EQ(form_source("http://[::1]:8000/cb"), "http:");
  EXPECT_EQ(form_source("com.example.app:/cb"), "com.example.app:");
  EXPECT_EQ(form_source("https://a;script-src *"), "https:");
  EXPECT_EQ(form_source("https://a b"), "https:");
  EXPECT_EQ(form_source("x;y://a"), "");
  EXPECT_EQ(form_source(""), "");
}

}  // namespace
}  // namespace latchkey::server
