// The pages of standard OAuth 2: scopes, prompts, the second step, refusals that go back.

#include "crypto/totp.h"
#include "dialects/oauth2/oauth2.h"
#include "engine/pkce.h"
#include "server/testing.h"

namespace latchkey::server {
namespace {

constexpr const char* kIssuer = "https://id.example";
constexpr const char* kSeed = "12345678901234567890";
const SubjectId kDemo("demo");
const http::Pairs kPerson{{"login", "demo"}, {"password", "demo-password"}};

class StandardPages : public ::testing::Test {
 protected:
  static http::Pairs query(const http::Pairs& changes = {}) {
    http::Pairs all{{"response_type", "code"},
                    {"client_id", "demo-web"},
                    {"redirect_uri", "http://127.0.0.1:8000/cb"},
                    {"scope", "openid email"},
                    {"state", "s1"},
                    {"code_challenge", engine::pkce_challenge(Secret(std::string(43, 'v')))},
                    {"code_challenge_method", "S256"}};
    for (const auto& [name, value] : changes) {
      std::erase_if(all, [&](const auto& pair) { return pair.first == name; });
      if (!value.empty()) all.emplace_back(name, value);
    }
    return all;
  }
  static std::string address(const http::Pairs& changes = {}) {
    return http::write_target({"/oauth2/authorize", query(changes)});
  }
  void log_in(const http::Pairs& changes = {}) {
    browser_.open(address(changes));
    browser_.submit("/authorize", kPerson);
  }
  /// The parameters that the client gets.
  http::Pairs back() {
    const auto* location = browser_.last.headers.find("Location");
    EXPECT_EQ(browser_.last.status, 303) << browser_.last.body;
    const std::string text = location ? *location : "";
    EXPECT_TRUE(text.starts_with("http://127.0.0.1:8000/cb?")) << text;
    return http::parse_form(text.substr(text.find('?') + 1)).value_or(http::Pairs{});
  }
  std::string told(std::string_view name) {
    const auto all = back();
    const auto* found = http::find_param(all, name);
    return found ? *found : "";
  }
  PagesRealm realm_{dialects::oauth2::dialect(), "", false, {{"issuer", kIssuer}}};
  Browser browser_{realm_};
};

// checklist 12
TEST_F(StandardPages, ConsentNamesTheScopesAndGivesACodeWithIss) {
  log_in();
  browser_.follow();
  EXPECT_TRUE(browser_.shows("Know who you are"));
  EXPECT_TRUE(browser_.shows("See your e-mail address"));
  EXPECT_FALSE(browser_.shows("See your name"));
  browser_.submit("/consent", {{"answer", "allow"}});
  EXPECT_EQ(told("iss"), kIssuer);
  EXPECT_EQ(told("state"), "s1");
  EXPECT_EQ(told("code").size(), 43u);
}

TEST_F(StandardPages, ANoGoesToTheClient) {
  log_in();
  browser_.follow();
  browser_.submit("/consent", {{"answer", "deny"}});
  EXPECT_EQ(told("error"), "access_denied");
  EXPECT_EQ(told("iss"), kIssuer);
}

// checklist 7, 10, 14
TEST_F(StandardPages, WhatIsWrongGoesToAClientThatIsKnown) {
  const std::pair<http::Pairs, const char*> rows[] = {
      {{{"response_type", "token"}}, "unsupported_response_type"},
      {{{"response_type", ""}}, "invalid_request"},
      {{{"scope", "openid telepathy"}}, "invalid_scope"},
      {{{"code_challenge_method", "plain"}}, "invalid_request"},
      {{{"code_challenge", "short"}}, "invalid_request"},
      {{{"resource", "https://nowhere.example/"}}, "invalid_target"},
      {{{"prompt", "none"}}, "login_required"},
      {{{"prompt", "none login"}}, "invalid_request"},
      {{{"max_age", "soon"}}, "invalid_request"},
      {{{"client_secret", "x"}}, "invalid_request"},
  };
  for (const auto& [changes, error] : rows) {
    browser_.open(address(changes));
    EXPECT_EQ(told("error"), error) << changes.front().first;
    EXPECT_EQ(told("state"), "s1");
    EXPECT_EQ(told("iss"), kIssuer);
  }
  browser_.open(address() + "&nonce=a&nonce=b");
  EXPECT_EQ(told("error"), "invalid_request");
}

TEST_F(StandardPages, AStrangersRequestEndsOnAPageHere) {
  for (const http::Pairs& changes :
       {http::Pairs{{"client_id", "nobody"}}, http::Pairs{{"redirect_uri", "http://evil.example/"}},
        http::Pairs{{"redirect_uri", ""}},
        http::Pairs{{"redirect_uri", "http://127.0.0.1:1/cb"}}}) {
    browser_.open(address(changes));
    EXPECT_EQ(browser_.last.status, 400);
    EXPECT_EQ(browser_.last.headers.find("Location"), nullptr);
  }
}

TEST_F(StandardPages, ANativeClientMayListenOnAnyPort) {
  const http::Pairs native{{"client_id", "demo-native"},
                           {"redirect_uri", "http://127.0.0.1:54321/cb"}};
  log_in(native);
  browser_.follow();
  browser_.submit("/consent", {{"answer", "allow"}});
  const auto* location = browser_.last.headers.find("Location");
  ASSERT_NE(location, nullptr);
  EXPECT_TRUE(location->starts_with("http://127.0.0.1:54321/cb?code=")) << *location;
  http::Pairs bare = native;
  bare.emplace_back("code_challenge", "");
  bare.emplace_back("code_challenge_method", "");
  browser_.open(address(bare));
  EXPECT_NE(browser_.last.headers.find("Location")->find("error=invalid_request"),
            std::string::npos);
}

TEST_F(StandardPages, ThePersonLogsInAgainWhereTheClientWantsIt) {
  log_in();
  for (const http::Pairs& changes :
       {http::Pairs{{"prompt", "login"}}, http::Pairs{{"max_age", "0"}}}) {
    browser_.now += Seconds{5};
    browser_.open(address(changes));
    EXPECT_TRUE(browser_.shows("type=\"password\"")) << changes.front().first;
    browser_.submit("/authorize", kPerson);
    browser_.follow();
    EXPECT_TRUE(browser_.shows("Permission requested")) << changes.front().first;
  }
  browser_.open(address({{"max_age", "3600"}}));
  EXPECT_FALSE(browser_.shows("type=\"password\"")) << "that was not long ago";
}

// The mark of a login is ours: good for its session and its request alone.
TEST_F(StandardPages, NoParameterStandsForALogin) {
  const http::Pairs prompt{{"prompt", "login"}};
  log_in(prompt);
  const auto ours = http::parse_target(*browser_.last.headers.find("Location"));
  const std::string mark = ours && ours->param("logged_in") ? *ours->param("logged_in") : "";
  browser_.follow();
  EXPECT_TRUE(browser_.shows("Permission requested"));
  const auto asks_again = [&](http::Pairs changes, const std::string& said) {
    changes.emplace_back("logged_in", said);
    browser_.open(address(changes));
    const bool asked = browser_.shows("type=\"password\"") && !browser_.shows("logged_in");
    const auto at_end = http::write_target({"/oauth2/authorize/consent", query(changes)});
    return asked && browser_.open(at_end).status == 303;
  };
  browser_.now += Seconds{5};
  EXPECT_TRUE(asks_again(prompt, "1"));
  EXPECT_TRUE(asks_again({{"max_age", "0"}}, "1"));
  EXPECT_TRUE(asks_again({{"prompt", "login"}, {"state", "s2"}}, mark)) << "another request";
  EXPECT_TRUE(asks_again({{"max_age", "0"}}, mark)) << "another request";
  EXPECT_FALSE(asks_again(prompt, mark)) << "the one that it was for";
  browser_.now += Seconds{895};
  EXPECT_TRUE(asks_again(prompt, mark)) << "long ago";
  browser_.now -= Seconds{895};
  browser_.cookies.clear();
  log_in();
  EXPECT_TRUE(asks_again(prompt, mark)) << "another session";
}

TEST_F(StandardPages, NobodyIsAskedForWhatWasGrantedBefore) {
  log_in();
  browser_.open(address({{"prompt", "none"}}));
  EXPECT_EQ(told("error"), "consent_required");
}

TEST_F(StandardPages, TheRequestMayComeAsAForm) {
  browser_.post("/oauth2/authorize", query());
  const auto* location = browser_.last.headers.find("Location");
  ASSERT_NE(location, nullptr);
  EXPECT_TRUE(location->starts_with("/oauth2/authorize?response_type=code")) << *location;
  browser_.open(*location);
  EXPECT_TRUE(browser_.shows("type=\"password\""));
}

// checklist 56, 62
TEST_F(StandardPages, TheSecondStepStandsBetweenPasswordAndConsent) {
  ASSERT_TRUE(
      realm_.admin.set_user_otp(Realm("test"), kDemo, engine::OtpKind::kTyped, "", Secret(kSeed)));
  log_in();
  const auto before = browser_.cookies;
  const std::string consent = http::write_target({"/oauth2/authorize/consent", query()});
  browser_.open(consent);
  EXPECT_EQ(*browser_.last.headers.find("Location"), address()) << "not yet";
  log_in();
  browser_.follow();
  EXPECT_TRUE(browser_.shows("One-time code"));
  browser_.submit("/code", {{"code", "000000"}});
  EXPECT_EQ(browser_.last.status, 403);
  EXPECT_TRUE(browser_.shows("The code is wrong or too old."));
  const auto half = browser_.cookies;
  const Secret code = crypto::totp(bytes_of(std::string_view(kSeed)), browser_.now);
  browser_.submit("/code", {{"code", std::string(code.reveal())}});
  EXPECT_NE(browser_.cookies, half);
  browser_.follow();
  EXPECT_TRUE(browser_.shows("Permission requested"));
}

TEST_F(StandardPages, TheSecondStepNeedsAProofOfItsForm) {
  ASSERT_TRUE(
      realm_.admin.set_user_otp(Realm("test"), kDemo, engine::OtpKind::kTyped, "", Secret(kSeed)));
  log_in();
  const Secret code = crypto::totp(bytes_of(std::string_view(kSeed)), browser_.now);
  const std::string to = http::write_target({"/oauth2/authorize/code", query()});
  browser_.post(to, {{"code", std::string(code.reveal())}});
  EXPECT_EQ(browser_.last.status, 403);
  browser_.post(to, {{"form", "00"}, {"code", std::string(code.reveal())}});
  EXPECT_EQ(browser_.last.status, 403);
}

}  // namespace
}  // namespace latchkey::server
